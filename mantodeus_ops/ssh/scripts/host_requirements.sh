# Prints which requirements of a deploy the host has. $1 project directory, $2 the PM2 that the inventory names,
# $3 the folder of the app in the project.
ops_row() { printf '%s\t' "$@" && printf '\n'; }

ops_version() {
  local version
  version=$(timeout 20 "$@" --version 2>/dev/null </dev/null | grep -v '^$' | tail -n 1 | tr '\t' ' ')
  printf %s "$version"
}

ops_tool() { ! command -v "$1" >/dev/null || ops_row tool "$1" "$(ops_version "$1" | head -c 100)"; }

# The version of PM2 from its package.json, as `pm2 --version` may start a daemon.
ops_pm2() {
  local found package version=
  local own="$1/$3/node_modules/.bin/pm2"
  [[ -e $own ]] || own=$1/node_modules/.bin/pm2
  found=${2:-$(command -v pm2 || echo "$own")}
  read -ra found <<<"$found"
  [[ ${#found[@]} -gt 1 ]] || found=("$(command -v "${found[0]}")")
  [[ -n ${found[0]} ]] || return 0
  package=$(dirname -- "$(readlink -f -- "${found[0]}")")/../package.json
  [[ ! -e $package ]] || version=$(sed -n 's/^ *"version": *"\([^"]*\)".*/\1/p' "$package" | head -n 1)
  ops_row tool pm2 "${version:-$(ops_version "${found[@]}")}"
}

ops_project() {
  local place=$1 there=no writable=no
  [[ -d $1 ]] && there=yes
  while [[ ! -e $place && $place == /* && $place != / ]]; do place=$(dirname -- "$place"); done
  [[ -w $place ]] && writable=yes
  ops_row project "$there" "$writable" "$(df -Pk -- "$place" 2>/dev/null | tail -n 1 | tr -s ' ' '\t' | cut -f 4)"
}

ops_row user "$(id -un)" "$UID"
ops_row shell "$(getent passwd "$UID" 2>/dev/null | cut -d: -f7)" "${SHELL-}"
ops_row path "$OPS_GIVEN_PATH" "$(ops_path_from_login_shell | tr '\t\n' '  ')"
ops_row found "$OPS_FOUND"
for ops_name in bash git tar gzip timeout node npm; do ops_tool "$ops_name"; done
ops_pm2 "$1" "$2" "${3-}"
ops_project "$1"
