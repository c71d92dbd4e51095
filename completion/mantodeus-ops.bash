# Completion for fab, inv and mantodeus-ops in bash and zsh: source this file.
# Tasks and options are what the program itself offers; after -H, the names of the nearest inventory.

if [ -n "${ZSH_VERSION-}" ]; then
  type compdef >/dev/null 2>&1 || { autoload -U +X compinit && compinit -u; }
  autoload -U +X bashcompinit && bashcompinit
fi

_mantodeus_inventory() {
  local folder=$PWD
  if [ -n "${OPS_INVENTORY-}" ]; then
    printf '%s\n' "$OPS_INVENTORY"
    return
  fi
  while [ -n "$folder" ] && [ ! -r "$folder/inventory/hosts.toml" ]; do
    folder=${folder%/*}
  done
  printf '%s\n' "$folder/inventory/hosts.toml"
}

_mantodeus_hosts() {
  sed -n 's/^[[:space:]]*\["\{0,1\}\(hosts\|groups\)"\{0,1\}\."\{0,1\}\([A-Za-z0-9_-]*\)"\{0,1\}\].*/\2/p' \
    "$(_mantodeus_inventory)" 2>/dev/null
}

_mantodeus_complete() {
  local program=$1 word=$2 before=$3 taken=
  if [ "$before" = -H ] || [ "$before" = --hosts ]; then
    [ "$word" = "${word##*,}" ] || taken=${word%,*},
    COMPREPLY=($(compgen -P "$taken" -W "$(_mantodeus_hosts)" -- "${word##*,}"))
  else
    COMPREPLY=($(compgen -W "$("$program" --complete -- "${COMP_WORDS[@]}" 2>/dev/null)" -- "$word"))
  fi
}

complete -F _mantodeus_complete -o default fab inv mantodeus-ops
