# Ends a job and everything it started. $1 project directory, $2 job.
job=$1/.deploy/jobs/$2
read -r pid started <"$job/pid" || exit 0
[[ ! -e $job/rc && $(ops_started "$pid") == "$started" ]] || exit 0
kill -TERM -- "-$pid" 2>/dev/null || kill -TERM "$pid"
for ((tries = 0; tries < 50; tries++)); do
  [[ $(ops_started "$pid") == "$started" ]] || exit 0
  sleep 0.1
done
kill -KILL -- "-$pid" 2>/dev/null || kill -KILL "$pid"
