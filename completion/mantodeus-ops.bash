# Completion for fab and inv: tasks and options as they complete them themselves, and the inventory's names after -H.
# bash: source this file.   zsh: autoload -U +X bashcompinit && bashcompinit, then source this file.

_mantodeus_hosts() {
  local file=${OPS_INVENTORY:-inventory/hosts.toml}
  [[ -r $file ]] || return
  sed -n 's/^[[:space:]]*\[\(hosts\|groups\)\.\([A-Za-z0-9_-]*\)\].*/\2/p' "$file"
}

_mantodeus_complete() {
  local program=$1 word=$2 before=$3 words
  if [[ $program == *fab && ( $before == -H || $before == --hosts ) ]]; then
    local taken=""
    [[ $word == *,* ]] && taken=${word%,*},
    COMPREPLY=($(compgen -P "$taken" -W "$(_mantodeus_hosts)" -- "${word##*,}"))
    return
  fi
  words=$("$program" --complete -- "${COMP_WORDS[@]}" 2>/dev/null)
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}

complete -F _mantodeus_complete -o default fab inv
