# Holds the lock for as long as whoever asked for it is there, and while a job of theirs still runs.
# $1 project directory; $2 $3 $4 what lockstep takes to take, orphan and release it. Says what came of it on one line.
ops_need_node
trap '' HUP PIPE INT
export OPS_KEEPER=$$

ops_job_running() {
  local job pid started
  for job in "$1"/.deploy/jobs/*/; do
    [[ -e $job/rc ]] && continue
    read -r pid started <"$job/pid" && [[ $(ops_started "$pid") == "$started" ]] && return 0
  done 2>/dev/null
  return 1
}

answer=$(ops_node "$OPS_JS_lockstep" "$2") || { printf '%s\n' "$answer"; exit 93; }
printf '%s\n' "$answer"
[[ $answer == *'"held":true'* ]] || exit 0
name=${answer#*\"name\":\"}
next=$1/.deploy/lock/$(printf %08d $((10#${name%%\"*} + 1)))

while IFS= read -r line; do
  if [[ $line == release ]]; then
    ops_node "$OPS_JS_lockstep" "$4"
    exit 0
  fi
done
exec >/dev/null 2>&1

# The line dropped. Its owner may come back; a job of theirs must not be disturbed; nobody waits for the dead.
ops_node "$OPS_JS_lockstep" "$3"
for ((quiet = 0; quiet < 20; quiet++)); do
  sleep 1
  [[ -e $next ]] && exit 0
  ops_job_running "$1" && quiet=0
done
ops_node "$OPS_JS_lockstep" "$4"
