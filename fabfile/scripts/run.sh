# What a job's own shell does around its work: says who it is, keeps the log, leaves the exit code.
# $1 job directory; the function ops_work is the work, ops_after what is done to its log before it counts as ended.
job=$1
printf '%s %s\n' "$$" "$(ops_started $$)" >"$job/pid.tmp"
mv "$job/pid.tmp" "$job/pid"
(ops_work) </dev/null >>"$job/log" 2>&1
code=$?
(ops_after) </dev/null >/dev/null 2>&1
printf '%s\n' "$code" >"$job/rc.tmp"
mv "$job/rc.tmp" "$job/rc"
