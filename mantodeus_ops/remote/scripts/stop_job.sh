# Stops a job and all processes that it started. $1 project directory, $2 job.
job=$1/.deploy/jobs/$2
for ((tries = 0; tries < 20; tries++)); do
  [[ -s $job/pid || ! -d $job ]] && break
  sleep 0.1
done
[[ -s $job/pid ]] && read -r pid started <"$job/pid" || exit 0
[[ ! -e $job/rc && $(ops_started "$pid") == "$started" ]] || exit 0

# All processes of a job share its session; the process groups differ, as timeout(1) creates a new one.
ops_in_session() {
  local line
  { line=$(<"/proc/$1/stat"); } 2>/dev/null || return 1
  # shellcheck disable=SC2086 # words
  set -- ${line##*) }
  [[ $1 != Z && ($4 == "$pid" || $3 == "$pid") ]]
}

ops_members() {
  local place
  for place in /proc/[0-9]*; do
    ops_in_session "${place#/proc/}" && printf '%s ' "${place#/proc/}"
  done
}

members=$(ops_members)
# shellcheck disable=SC2086 # words
kill -TERM $members 2>/dev/null
for ((tries = 0; tries < 30; tries++)); do
  members=$(ops_members)
  [[ -n $members ]] || exit 0
  sleep 0.1
done
# shellcheck disable=SC2086 # words
kill -KILL $members 2>/dev/null
