# Holds the lock while its client is connected or a job of the client runs.
# $1 project directory; the parameters of lock_command to take the lock ($2), orphan it ($3), take it again ($4) and release
# it ($5); $6 after how many seconds without a heartbeat a client counts as gone. Prints the answer on one line.
ops_need_node
trap '' HUP PIPE INT
export OPS_LOCK_HOLDER=$$
patience=(${6:+-t "$6"})

ops_job_running() {
  local job pid started
  for job in "$1"/.deploy/jobs/*/; do
    [[ -e $job/rc || ! -f $job/pid ]] && continue
    read -r pid started <"$job/pid" && [[ $(ops_started "$pid") == "$started" ]] && return 0
  done 2>/dev/null
  return 1
}

# Takes the lock, also again after a lost connection: with a new record, so that only one of two takers wins.
ops_take() {
  # shellcheck disable=SC2154 # lock_holder.py sets it
  answer=$(ops_node "$OPS_JS_lock_command" "$2") || { printf '%s\n' "$answer"; exit 93; }
  record=${answer#*\"name\":\"}
  record=$1/.deploy/lock/${record%%\"*}
  [[ $answer == *'"held":true'* ]]
}

# Waits for a word of the client. After the connection has dropped, it only waits.
ops_hear() {
  IFS= read -r "$@" word && return
  (($? > 128)) || exec <> <(:)
  return 1
}

ops_obey() {
  if [[ $word == release ]]; then
    ops_node "$OPS_JS_lock_command" "$5"
    exit 0
  fi
  : >"$record.beat"
} 2>/dev/null

# Waits until the client is back; releases the lock after 20 s without client and running job.
ops_wait_for_owner() {
  local quiet
  for ((quiet = 0; quiet < 20; quiet++)); do
    ops_hear -t 1 && return
    [[ -e $record ]] || exit 0
    ops_job_running "$1" && quiet=0
  done
  ops_node "$OPS_JS_lock_command" "$5" >/dev/null 2>&1
  exit 0
}

ops_take "$@"
printf '%s\n' "$answer"
while [[ $answer == *'"held":true'* ]]; do
  while ops_hear "${patience[@]}"; do ops_obey "$@"; done
  ops_node "$OPS_JS_lock_command" "$3" >/dev/null 2>&1
  ops_wait_for_owner "$@"
  ops_take "$1" "$4" && ops_obey "$@"
done
