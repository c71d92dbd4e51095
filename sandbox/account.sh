# The account: made, entered and removed by root. Sourced by as-account.
# shellcheck shell=bash

MARKER=.made-by-mantodeus-ops
KEPT='^(PIP_.*|npm_config_.*|NPM_CONFIG_.*|https?_proxy|HTTPS?_PROXY|(no|NO|all|ALL)_(proxy|PROXY)'
KEPT+='|SSL_CERT_FILE|SSL_CERT_DIR|NODE_EXTRA_CA_CERTS|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE'
KEPT+='|CI|TERM|LANG|LC_ALL|COLUMNS|NO_COLOR|FORCE_COLOR|PYTEST_ADDOPTS)$'

home_of() { getent passwd "$1" | cut -d: -f6; }

make_account() {
  if ! getent passwd "$ACCOUNT" >/dev/null; then
    useradd -m -s /bin/bash "$ACCOUNT"
    touch "$(home_of "$ACCOUNT")/$MARKER"
    chmod 700 "$(home_of "$ACCOUNT")"
  fi
  ACCOUNT_HOME=$(home_of "$ACCOUNT")
  as_account mkdir -p "$ACCOUNT_HOME/.cache/mantodeus-ops" "$ACCOUNT_HOME/tmp"
}

# Prints the caller's variables that the account keeps, each ended by a NUL.
kept_variables() {
  local name
  while read -r name; do
    [[ $name =~ $KEPT ]] && printf '%s=%s\0' "$name" "${!name}"
  done < <(compgen -e)
  return 0
}

exec_as_account() {
  local first=$1 variables
  shift
  mapfile -d '' variables < <(kept_variables)
  exec setpriv --reuid "$ACCOUNT" --regid "$(id -g "$ACCOUNT")" --init-groups \
    env -i "${variables[@]}" HOME="$ACCOUNT_HOME" USER="$ACCOUNT" LOGNAME="$ACCOUNT" \
    SHELL=/bin/bash TMPDIR="$ACCOUNT_HOME/tmp" \
    PATH="${first:+$first:}/usr/local/bin:/usr/bin:/bin" "$@"
}

as_account() { (cd "$ACCOUNT_HOME" && exec_as_account '' "$@"); }

# Prints the checkout's files, committed or not, each ended by a NUL; a deleted one is no file.
list_checkout() {
  local file
  git -c safe.directory='*' -C "$CHECKOUT" ls-files -z -co --exclude-standard |
    while IFS= read -r -d '' file; do
      [ ! -e "$CHECKOUT/$file" ] || printf '%s\0' "$file"
    done
}

# A pipe, because the account may not look into the folder that root works in. Caches stay.
copy_checkout() {
  as_account mkdir -p "$1"
  as_account find "$1" -mindepth 1 -maxdepth 1 ! -name '.*_cache' ! -name .hypothesis \
    -exec rm -rf {} +
  list_checkout | tar -C "$CHECKOUT" --null -T - -cf - | as_account tar -C "$1" --no-same-owner -xf -
}

# Every process of an account that we made is ours; one waiting to be reaped is none any more.
processes_of() {
  awk -v uid="$1" '/^State:/ { dead = $2 ~ /[ZX]/ } /^Pid:/ { pid = $2 }
    /^Uid:/ && $2 == uid && !dead { print pid }' /proc/[0-9]*/status 2>/dev/null || true
}

end_processes_of() {
  local signal pid
  for signal in TERM TERM TERM KILL KILL; do
    for pid in $(processes_of "$1"); do
      kill -s "$signal" "$pid" 2>/dev/null || true
    done
    sleep 0.3
    [ -n "$(processes_of "$1")" ] || return 0
  done
}

remove_account() {
  getent passwd "$ACCOUNT" >/dev/null || return 0
  [ -e "$(home_of "$ACCOUNT")/$MARKER" ] || die "$ACCOUNT was not made by this script; left alone"
  end_processes_of "$(id -u "$ACCOUNT")"
  userdel --force --remove "$ACCOUNT" 2>/dev/null
}
