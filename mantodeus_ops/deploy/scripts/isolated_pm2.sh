# Sets a temporary PM2 home for a job in the stage, so that it does not reach the account's PM2. $job is the directory of the job.
for ops_name in $(compgen -e); do
  case $ops_name in *PM2_* | pm_*) unset "$ops_name" ;; esac
done
# shellcheck disable=SC2154 # job_runner.sh sets it
PM2_HOME=$(mktemp -u /tmp/ops-pm2-XXXXXXXX) && ln -s "$PM2_HOME" "$job/pm2" && mkdir -m 700 "$PM2_HOME" || exit
export PM2_HOME
