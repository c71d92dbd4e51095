# The shell of a job: records its process, writes the log, and records the exit code.
# $1 job directory. The function ops_work is the work; its output goes through the function ops_filter, if there is one.
job=$1
# Without its pid on record, the job would run beside the next holder of the lock, so it does not start.
printf '%s %s\n' "$$" "$(ops_started $$)" >"$job/pid.tmp" && mv "$job/pid.tmp" "$job/pid" || exit
[ ! -e "$job/rc" ] || exit 0 # another run found no process and gave this job up, so it must not start
ops_marked() {
  (ops_work)
  code=$?
  # Tells the filter that the work has ended, as background processes may keep the pipe open.
  printf '%s\n' "$code" >"$job/code"
  return "$code"
}
if declare -F ops_filter >/dev/null; then
  ops_marked </dev/null 2>&1 | ops_filter >>"$job/log" 2>&1
  code=${PIPESTATUS[0]}
else
  (ops_work) </dev/null >>"$job/log" 2>&1
  code=$?
fi
printf '%s\n' "$code" >"$job/rc.tmp"
mv "$job/rc.tmp" "$job/rc"
