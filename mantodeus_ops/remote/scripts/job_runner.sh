# What a job's own shell does around its work: says who it is, keeps the log, leaves the exit code.
# $1 job directory; the function ops_work is the work; where there is an ops_filter, all that it prints goes through that.
job=$1
# A job that is not seen would run beside the next holder of the lock.
printf '%s %s\n' "$$" "$(ops_started $$)" >"$job/pid.tmp" && mv "$job/pid.tmp" "$job/pid" || exit
[ ! -e "$job/rc" ] || exit 0 # a run that found no process here gave it up, and counts on that
ops_marked() {
  (ops_work)
  code=$?
  # What runs on in the background may hold the pipe: by this the filter knows that the work has ended.
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
