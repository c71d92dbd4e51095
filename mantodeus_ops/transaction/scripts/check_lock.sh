# Ends everything here unless the lock is ours: who was away for too long finds out before anything is changed.
# $1 project directory, $2 token of our record.
ops_fence() {
  local records=("$1"/.deploy/lock/????????) record
  [[ -f ${records[-1]} ]] && read -r record <"${records[-1]}"
  [[ $record == *"\"token\":\"$2\""* && $record != *'"kind":"free"'* && $record != *'"orphaned_at"'* ]] && return
  echo "ops:not-ours" >&2
  exit 97
}
