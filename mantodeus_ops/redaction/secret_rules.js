// Decides which values in .env are secret; twin of redaction/secret_rules.py.
'use strict';
const LEAST_SECRET = 6; // redacting shorter values would hide ordinary words and numbers
const LEAST_NAMED = 4;
const COMMON_VALUE =
  /^(?:true|false|none|null|undefined|enabled|disabled|default|production|development|staging|testing|preview|localhost|127\.0\.0\.1|0\.0\.0\.0|postgres(?:ql)?|mariadb|mongodb|sqlite|public|private|secret|password|username)$/i;
const SECRET_NAME =
  /KEY|SECRET|TOKEN|PASSWORD|PASSWD|PASSPHRASE|PWD|CREDENTIAL|PRIVATE|DSN|DATABASE_URL|CONNECTION_?STRING|WEBHOOK_UR[LI]|SIGNATURE|(?:^|[_.-])(?:PASS|PAT|SALT|PIN|OTP|SIG)(?:$|[_.-])|AUTH$/i;
const SECRET_LOOK =
  /^(?:-----BEGIN |gh[oprsu]_|github_pat_|glpat-|npm_\w{30}|xox[abeoprs]-|[rs]k_(?:live|test)_|AKIA[0-9A-Z]{16}|AIza|eyJ[\w-]+\.eyJ|SG\.|whsec_)/;
const PLAIN_VALUE = /^(?:[A-Za-z]+|[0-9]+)$/;
// Blanks are spelled out, because \s differs between Python and JavaScript.
const LOGIN = /\/\/([^ \t\n\r\f\v/@:]*):([^ \t\n\r\f\v/]+)@/g;
const TOKEN_LOGIN = /https?:\/\/([^ \t\n\r\f\v/@:]+)@/gi;
const QUERY = /[?&]([^ \t\n\r\f\v=&#]+)=([^ \t\n\r\f\v&#]+)/g;

const stripped = (value) => value.replace(/^[ \t\n\r\f\v]+|[ \t\n\r\f\v]+$/g, '');
const lettersIn = (value) => [...value].length;

// Decodes percent escapes; invalid UTF-8 becomes U+FFFD, where decodeURIComponent would fail.
const unescaped = (ascii) =>
  Buffer.from(
    ascii.replace(/%([0-9A-Fa-f]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16))),
    'latin1',
  ).toString();
const unquoted = (value) => value.replace(/[\0-\x7f]+/g, unescaped);

// The passwords and tokens in the URLs of a value, both escaped and decoded.
function partsOfUrls(value) {
  const parts = [...value.matchAll(LOGIN)].map((match) => match[2]);
  parts.push(...[...value.matchAll(TOKEN_LOGIN)].map((match) => match[1]));
  parts.push(
    ...[...value.matchAll(QUERY)]
      .filter((match) => SECRET_NAME.test(match[1]))
      .map((match) => match[2]),
  );
  return parts.flatMap((part) => [part, unquoted(part), unquoted(part.replaceAll('+', ' '))]);
}

function isWorthHiding([value, named]) {
  const plain = stripped(value);
  if (COMMON_VALUE.test(plain)) return false;
  return (
    lettersIn(plain) >= LEAST_SECRET ||
    (named && lettersIn(plain) >= LEAST_NAMED && !PLAIN_VALUE.test(plain))
  );
}

// The secret values of these pairs of name and value, and of the values in `also`.
function secretValues(pairs, also = []) {
  /** @type {[string, boolean][]} */
  const known = also.map((value) => [value, false]);
  for (const [name, value] of pairs) {
    if (SECRET_NAME.test(name)) known.push([value, true]);
    else if (SECRET_LOOK.test(value)) known.push([value, false]);
    for (const part of partsOfUrls(value)) known.push([part, true]);
  }
  return [...new Set(known.filter(isWorthHiding).map(([value]) => value))];
}

module.exports = { lettersIn, secretValues, stripped };
