# What is tried aside has a PM2 home that goes with the run: none of it may reach the account's. $job is its directory.
for ops_name in $(compgen -e); do
  case $ops_name in *PM2_* | pm_*) unset "$ops_name" ;; esac
done
# shellcheck disable=SC2154 # job_runner.sh sets it
PM2_HOME=$(mktemp -u /tmp/ops-pm2-XXXXXXXX) && ln -s "$PM2_HOME" "$job/pm2" && mkdir -m 700 "$PM2_HOME" || exit
export PM2_HOME
