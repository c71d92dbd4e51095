'use strict';
const assert = require('node:assert');
const test = require('node:test');
const { assignments, parseDotenv } = require('../../mantodeus_ops/dotenv/parse');
const { shapesOf } = require('../../mantodeus_ops/redaction/encodings');
const { secretValues } = require('../../mantodeus_ops/redaction/secret_rules');
const { fieldsOf, textLines, trimmed } = require('../../mantodeus_ops/text/whitespace');

test('only blanks of ASCII are trimmed', () => {
  assert.equal(trimmed(' \t a\u2028\u00a0 \r\n'), 'a\u2028\u00a0');
  assert.equal(trimmed(' \n'), '');
});

test('fields stand between blanks, and lines that say nothing are left out', () => {
  assert.deepEqual(fieldsOf(' a \t b\u00a0c\n'), ['a', 'b\u00a0c']);
  assert.deepEqual(textLines('a \r\n\n  \n b\n'), ['a', ' b']);
});

test('an .env is read as dotenv reads it', () => {
  const text = 'A=1 # one\nexport B = "x\\ny"\nC=\'it\\ny\'\nA=2\n__proto__=z\n# D=4\nE=';
  assert.deepEqual(
    [...parseDotenv(text)],
    [
      ['A', '2'],
      ['B', 'x\ny'],
      ['C', 'it\\ny'],
      ['E', ''],
    ],
  );
  assert.equal(assignments(text).length, 6);
});

test('a value is secret by its name, by its look and inside of a URL', () => {
  const pairs = [
    ['API_KEY', 'c0ffee-canary'],
    ['PORT', '3000'],
    ['NOTE', 'ghp_0123456789'],
    ['SITE', 'https://kim:pa%73sword9@host/'],
    ['DB_PASSWORD', 'production'],
  ];
  assert.deepEqual(secretValues(pairs).sort(), [
    'c0ffee-canary',
    'ghp_0123456789',
    'pa%73sword9',
    'password9',
  ]);
});

test('a secret is known in JSON, in a URL, in a shell and in base64 at each offset', () => {
  const secret = 'a b\'c"d/ä~123';
  const shapes = shapesOf(secret);
  const printed = [
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    secret.replaceAll("'", "'\\''"),
    ...[0, 1, 2].map((before) => Buffer.from('x'.repeat(before) + secret).toString('base64')),
  ];
  for (const text of printed)
    assert.ok(
      shapes.some((shape) => text.includes(shape)),
      text,
    );
  assert.ok(shapes.every((shape) => [...shape].length >= 4));
});
