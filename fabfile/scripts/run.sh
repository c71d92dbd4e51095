# What a job's own shell does around its work: says who it is, keeps the log, leaves the exit code.
# $1 job directory; the function ops_work is the work; where there is an ops_filter, all that it prints goes through that.
job=$1
# A job that nobody could see would run beside whoever takes the lock next.
printf '%s %s\n' "$$" "$(ops_started $$)" >"$job/pid.tmp" && mv "$job/pid.tmp" "$job/pid" || exit
[ ! -e "$job/rc" ] || exit 0 # who found nobody here gave it up, and counts on that
if ! declare -F ops_filter >/dev/null; then
  (ops_work) </dev/null >>"$job/log" 2>&1
  code=$?
elif mkfifo "$job/pipe" 2>>"$job/log"; then
  ops_filter <"$job/pipe" >>"$job/log" 2>&1 &
  (ops_work) </dev/null >"$job/pipe" 2>&1
  code=$?
  printf '%s\n' "$code" >"$job/code"
  wait "$!"
  rm -f "$job/pipe"
else
  code=1
fi
printf '%s\n' "$code" >"$job/rc.tmp"
mv "$job/rc.tmp" "$job/rc"
