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

# Prints what may stand after -H where this much is typed: a name, or hosts in a state.
_mantodeus_targets() {
  case $1 in
    ?*@*) printf '%s\n' "${1%@*}@failed" "${1%@*}@behind" ;;
    *) _mantodeus_hosts && printf '%s\n' @failed @behind ;;
  esac
}

_mantodeus_complete() {
  local program=$1 word=$2 line=${COMP_LINE:0:$COMP_POINT} typed last
  if [[ $line =~ [[:space:]](-H|--hosts)[[:space:]]+[^[:space:]]*$ ]]; then
    typed=${line##*[[:space:]]}
    last=${typed##*,}
    COMPREPLY=($(compgen -P "${typed%"$last"}" -W "$(_mantodeus_targets "$last")" -- "$last"))
    # bash ends a word at @ and completes only what stands behind it; zsh does not.
    COMPREPLY=("${COMPREPLY[@]#"${typed%"$word"}"}")
  else
    COMPREPLY=($(compgen -W "$("$program" --complete -- "${COMP_WORDS[@]}" 2>/dev/null)" -- "$word"))
  fi
}

complete -F _mantodeus_complete -o default fab inv mantodeus-ops
