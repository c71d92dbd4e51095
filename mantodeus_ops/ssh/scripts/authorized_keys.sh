# Shows the account's authorized_keys and the modes around it, or replaces it.
# $1 show, with $2 the project directory, $3 the backup directory, $4 the file of variables;
# or put, with $2 the sha256 of the content to replace (empty: there is no file) and $3 that of the new content.
ops_folder=$HOME/.ssh
ops_file=$ops_folder/authorized_keys
[[ -L $ops_file ]] && ops_file=$(readlink -f -- "$ops_file")

ops_sum() { [[ ! -e $1 ]] || sha256sum <"$1" | cut -d' ' -f1; }

ops_place() {
  local facts
  facts=$(stat -L -c '%a %u' -- "$1" 2>/dev/null) || return 0
  # shellcheck disable=SC2086 # two words
  printf 'place\t%s\t%s\t%s\n' ${facts} "$1"
}

# Prints the number of the account's group if it has no other member.
ops_group_alone() {
  local name number members
  IFS=: read -r name _ number members < <(grep "^[^:]*:[^:]*:$(id -g):" /etc/group)
  [[ $name == "$(id -un)" && ${members:-$name} == "$name" ]] && echo "$number"
}

# Prints the modes of these paths. $1 is their kind.
ops_access() {
  local mode group place
  while read -r mode group place; do
    [[ $group == 0 || $group == "$ops_alone" ]] && group=yes || group=
    printf 'access\t%s\t%s\t%s\t%s\n' "$1" "$mode" "$group" "$place"
  done < <(stat -L -c '%a %g %n' -- "${@:2}" 2>/dev/null)
}

# Prints the folders above a path, and those above the file that it means if there are links on the way.
ops_above() {
  local place
  for place in "$1" "$(readlink -f -- "$1")"; do
    while [[ $place == /* ]]; do
      printf '%s\n' "$place"
      [[ $place != / ]] || break
      place=$(dirname -- "$place")
    done
  done | sort -u
}

ops_show_app() {
  local backups=$2 digits='[0-9][0-9][0-9][0-9][0-9][0-9]' pm2=${PM2_HOME:-$HOME/.pm2} folders
  ops_alone=$(ops_group_alone)
  ops_access pm2 "$pm2"
  ops_access socket "$pm2"/{rpc,pub}.sock
  [[ -d ${1-} ]] || return 0
  [[ $backups == /* ]] || backups=$1/$backups
  mapfile -t folders < <(ops_above "$1")
  ops_access folder "${folders[@]}"
  ops_access env "$1/$3"
  # shellcheck disable=SC2086 # patterns of digits
  ops_access ours "$1/.deploy" "$backups" "$backups"/backup-[0-9][0-9]$digits-$digits.{json,tar.gz}
}

ops_show() {
  printf 'uid\t%s\n' "$UID"
  printf 'agent\t%s\n' "${SSH_AUTH_SOCK:+yes}"
  printf 'sum\t%s\n' "$(ops_sum "$ops_file")"
  printf 'content\t%s\n' "$([[ ! -e $ops_file ]] || base64 <"$ops_file" | tr -d '\n')"
  local place=$ops_file
  while [[ $place == /* && $place != / ]]; do
    ops_place "$place"
    place=$(dirname -- "$place")
  done
  ops_place "$ops_folder/authorized_keys2"
  ops_show_app "$@"
}

# Replaces the file if the new content arrived completely and the old content is still the one that was edited.
ops_put() {
  # shellcheck disable=SC2174 # umask makes those above it private
  mkdir -p -m 700 -- "$ops_folder" && chmod 700 -- "$ops_folder" || return
  local left
  for left in "$ops_file".new-*; do [[ -n $(ops_started "${left##*-}") ]] || rm -f -- "$left"; done
  ops_new=$ops_file.new-$$
  trap 'rm -f -- "$ops_new"' EXIT
  cat >"$ops_new" && chmod 600 -- "$ops_new" || return
  [[ $(ops_sum "$ops_new") == "$2" ]] || { echo "the new keys did not arrive completely" >&2; return 1; }
  sync -- "$ops_new" 2>/dev/null || sync
  [[ $(ops_sum "$ops_file") == "$1" ]] || { printf 'result\tconflict\n'; return; }
  mv -f -- "$ops_new" "$ops_file" || return
  sync -- "$ops_folder" 2>/dev/null || sync
  ! command -v restorecon >/dev/null || restorecon -F -- "$ops_folder" "$ops_file" 2>/dev/null
  printf 'result\tdone\n'
}

if [[ $1 == put ]]; then
  ops_put "$2" "$3"
else
  ops_show "${@:2}"
fi
