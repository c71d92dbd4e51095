// Parses .env exactly like the `parse` of Node's dotenv 16 and 17 (lib/main.js).
'use strict';
const ENV_LINE =
  /(?:^|^)\s*(?:export\s+)?([\w.-]+)(?:\s*=\s*?|:\s+?)(\s*'(?:\\'|[^'])*'|\s*"(?:\\"|[^"])*"|\s*`(?:\\`|[^`])*`|[^#\r\n]+)?\s*(?:#.*)?(?:$|$)/gm;

// The value of the text after the separator.
function envValue(raw) {
  const trimmed = raw.trim();
  const value = trimmed.replace(/^(['"`])([\s\S]*)\1$/gm, '$2');
  return trimmed[0] === '"' ? value.replace(/\\n/g, '\n').replace(/\\r/g, '\r') : value;
}

// All assignments in the order of the file, including those that a later one replaces.
/** @type {(text: string) => [string, string][]} */
const assignments = (text) =>
  [...text.replace(/\r\n?/g, '\n').matchAll(ENV_LINE)].map(([, name, raw]) => [
    name,
    envValue(raw || ''),
  ]);

// A Map in the order of first appearance; `__proto__` is ignored, as by dotenv.
function parseDotenv(text) {
  const found = new Map(assignments(text));
  found.delete('__proto__');
  return found;
}

module.exports = { assignments, parseDotenv };
