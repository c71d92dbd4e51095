# Holds the lock for as long as its client is there, and while a job of the client still runs.
# $1 project directory; $2 what lockstep takes to take it at first; $3 $4 $5 to orphan it, to take it again, to release it;
# $6 seconds without a beat that are too many, of a client that sends any. Says what came of it on one line.
ops_need_node
trap '' HUP PIPE INT
export OPS_KEEPER=$$
patience=(${6:+-t "$6"})

ops_job_running() {
  local job pid started
  for job in "$1"/.deploy/jobs/*/; do
    [[ -e $job/rc || ! -f $job/pid ]] && continue
    read -r pid started <"$job/pid" && [[ $(ops_started "$pid") == "$started" ]] && return 0
  done 2>/dev/null
  return 1
}

# Who comes back takes the lock again, under a new record, as of two takers one wins.
ops_take() {
  # shellcheck disable=SC2154 # lock_holder.py sets it
  answer=$(ops_node "$OPS_JS_lockstep" "$2") || { printf '%s\n' "$answer"; exit 93; }
  record=${answer#*\"name\":\"}
  record=$1/.deploy/lock/${record%%\"*}
  [[ $answer == *'"held":true'* ]]
}

# Waits for a word of the client. A line that dropped is silent from then on.
ops_hear() {
  IFS= read -r "$@" word && return
  (($? > 128)) || exec <> <(:)
  return 1
}

ops_obey() {
  if [[ $word == release ]]; then
    ops_node "$OPS_JS_lockstep" "$5"
    exit 0
  fi
  : >"$record.beat"
} 2>/dev/null

# A job must not be disturbed; a dead one is not waited for.
ops_wait_for_owner() {
  local quiet
  for ((quiet = 0; quiet < 20; quiet++)); do
    ops_hear -t 1 && return
    [[ -e $record ]] || exit 0
    ops_job_running "$1" && quiet=0
  done
  ops_node "$OPS_JS_lockstep" "$5" >/dev/null 2>&1
  exit 0
}

ops_take "$@"
printf '%s\n' "$answer"
while [[ $answer == *'"held":true'* ]]; do
  while ops_hear "${patience[@]}"; do ops_obey "$@"; done
  ops_node "$OPS_JS_lockstep" "$3" >/dev/null 2>&1
  ops_wait_for_owner "$@"
  ops_take "$1" "$4" && ops_obey "$@"
done
