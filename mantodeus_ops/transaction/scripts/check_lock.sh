# Exits unless the newest record of the lock is ours, before anything is changed: a client that was disconnected for too
# long may have lost the lock. $1 project directory, $2 token of our record.
ops_fence() {
  local records=("$1"/.deploy/lock/????????) record
  [[ -f ${records[-1]} ]] && read -r record <"${records[-1]}"
  [[ $record == *"\"token\":\"$2\""* && $record != *'"kind":"free"'* && $record != *'"orphaned_at"'* ]] && return
  echo "ops:not-ours" >&2
  exit 97
}
