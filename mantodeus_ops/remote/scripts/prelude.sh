# Precedes every program on a host: sets a private umask, refuses root, and puts node on PATH if it can be found.
umask 077
if ((EUID == 0 || UID == 0)); then
  echo "ops:root" >&2
  exit 96
fi
unset CDPATH BASH_ENV

# Variables of the login that change git (GIT_DIR, GIT_EXTERNAL_DIFF) are removed; those for remotes are kept.
OPS_GIT_SSH=${GIT_SSH_COMMAND-}
for ops_name in "${!GIT_@}"; do
  case ${ops_name#GIT_} in
    SSH | SSH_* | SSL_* | HTTP_* | PROXY_* | ASKPASS | ALLOW_PROTOCOL | CONFIG_* | EXEC_PATH) ;;
    LFS_* | AUTHOR_* | COMMITTER_*) ;;
    *) unset "$ops_name" ;;
  esac
done
unset ops_name
export OPS_GIT_SSH
export OPS_FOUND=path

ops_path_from_login_shell() {
  local shell=${SHELL:-/bin/bash} text
  # shellcheck disable=SC2016 # that shell expands it
  text=$(command timeout 10 "$shell" -lc 'printf "\036%s\036" "$PATH"' </dev/null 2>/dev/null) || return 1
  text=${text#*$'\036'}
  printf %s "${text%%$'\036'*}"
}

# The bin folder of the version that nvm calls its default: an alias names a version, a part of one, or another alias.
ops_nvm_default() {
  local name=default turn
  for turn in 1 2 3 4; do
    [[ -f $1/alias/$name ]] || break
    read -r name <"$1/alias/$name"
  done
  [[ $name =~ ^v?[0-9] ]] || name=
  printf '%s\n' "$1/versions/node/v${name#v}"{,.*}/bin | while read -r turn; do
    [[ -x $turn/node ]] && printf '%s\n' "$turn"
  done | sort -V | tail -n 1
}

# nvm, volta, fnm, asdf, mise and npm extend PATH in files that a command over SSH does not read.
ops_path_from_places() {
  local nvm=${NVM_DIR:-$HOME/.nvm} found
  found=$(ops_nvm_default "$nvm")
  [[ -n $found ]] || found=$(printf '%s\n' "$nvm"/versions/node/*/bin | sort -V | tail -n 1)
  printf %s "$found:$HOME/.volta/bin:$HOME/.fnm/aliases/default/bin:$HOME/.asdf/shims:$HOME/n/bin"
  printf %s ":$HOME/.local/share/fnm/aliases/default/bin:$HOME/.local/share/mise/shims"
  printf %s ":$HOME/.local/bin:$HOME/.npm-global/bin:$HOME/bin:/usr/local/bin:/opt/node/bin"
}

ops_find_node() {
  command -v node >/dev/null && return
  local login
  if login=$(ops_path_from_login_shell) && [[ -n $login ]]; then
    PATH=$PATH:$login OPS_FOUND=login
    command -v node >/dev/null && return
  fi
  PATH=$PATH:$(ops_path_from_places) OPS_FOUND=search
}

ops_need_node() {
  command -v node >/dev/null && return
  echo "ops:no-node" >&2
  exit 95
}

# shellcheck disable=SC2034 # host_requirements.sh reads it
OPS_GIVEN_PATH=$PATH
PATH=${OPS_PATH:+$OPS_PATH:}${PATH:-/usr/local/bin:/usr/bin:/bin}
ops_find_node
export PATH

# The start time of a process in ticks since boot; together with the pid it is unique. Fails for a zombie.
ops_started() {
  local stat
  { stat=$(</proc/"$1"/stat); } 2>/dev/null || return 1
  # shellcheck disable=SC2086 # words
  set -- ${stat##*) }
  [[ $1 != Z ]] && printf %s "${20}"
}

# Runs node with the program $1 and the parameters $2, both from pipes, so that ps does not show them. node hangs if a
# limit on processes allows no thread; the time limit is longer than the client waits (transaction/lock_holder.py).
ops_node() { timeout -k 2 25 node - 3< <(printf '%s\n' "$2") < <(printf %s "$1"); }
