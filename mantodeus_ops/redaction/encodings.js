// The encodings in which programs print a value; twin of redaction/encodings.py.
'use strict';
const { lettersIn, stripped } = require('./secret_rules');

const LEAST_SHAPE = 4;
const LEAST_LINE = 8;
const KEPT_IN_URLS = ['', '/', "!'()*", ";,/?:@&=+$-_.!~*'()#"];

const toHex = (number, size) => number.toString(16).padStart(size, '0');

// A letter as Python's repr and Node's inspect print it, without quotes.
function asLiteral(letter) {
  const known = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }[letter];
  if (known || letter === ' ' || !/[\p{C}\p{Z}]/u.test(letter)) return known || letter;
  const point = letter.codePointAt(0);
  return point < 0x100
    ? `\\x${toHex(point, 2)}`
    : point < 0x10000
      ? `\\u${toHex(point, 4)}`
      : `\\U${toHex(point, 8)}`;
}

function percent(value, kept) {
  const byte = (code) =>
    /[A-Za-z0-9_.~-]/.test(String.fromCharCode(code)) || kept.includes(String.fromCharCode(code))
      ? String.fromCharCode(code)
      : `%${toHex(code, 2).toUpperCase()}`;
  return [...Buffer.from(value)].map(byte).join('');
}

function inUrls(value) {
  const escaped = KEPT_IN_URLS.map((kept) => percent(value, kept));
  const plus = [percent(value, ' '), percent(value, ' *').replaceAll('~', '%7E')].map((text) =>
    text.replaceAll(' ', '+'),
  );
  return [
    ...escaped,
    ...escaped.map((text) => text.replace(/%../gs, (code) => code.toLowerCase())),
    ...plus,
  ];
}

// The base64 digits that depend on the value alone, at each of the three offsets.
function inBase64(value) {
  const bytes = Buffer.from(value);
  const steady = [0, 1, 2].map((offset) =>
    Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6)),
  );
  return [...steady, ...steady.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))];
}

function spellings(value) {
  const json = JSON.stringify(value).slice(1, -1);
  const literal = value.split("'").map((part) => [...part].map(asLiteral).join(''));
  return [
    value,
    value.replaceAll('\n', '\\n').replaceAll('\r', '\\r'),
    value.replaceAll("'", "'\"'\"'"),
    value.replaceAll("'", "'\\''"),
    json,
    json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${toHex(unit.charCodeAt(0), 4)}`),
    literal.join("'"),
    literal.join("\\'"),
    ...inUrls(value),
    ...inBase64(value),
  ];
}

// Whether to redact this line by itself: it is long, and not a PEM header.
const isSignificant = (line) => lettersIn(line) >= LEAST_LINE && !line.startsWith('-----');

// All encodings of a secret that output may hold.
function shapesOf(secret) {
  const wholes = new Set([secret, stripped(secret), secret.replaceAll('\r\n', '\n')]);
  for (const whole of [...wholes])
    if (!whole.includes('\r')) wholes.add(whole.replaceAll('\n', '\r\n'));
  const lines = secret
    .split(/[\r\n]+/)
    .map(stripped)
    .filter(isSignificant);
  const values = new Set([...wholes, ...lines]);
  return [...new Set([...values].flatMap(spellings))].filter(
    (shape) => lettersIn(shape) >= LEAST_SHAPE,
  );
}

module.exports = { shapesOf };
