# Supervises the webhook receiver without PM2: restarts it when it dies, and ends when it was asked to end.
# The files `env` and `argv` beside it have the receiver's variables and arguments, each ended by a NUL.
umask 077
cd -- "$(dirname -- "$0")" || exit
read -ra ops_stat </proc/$$/stat
printf '%s %s\n' "$$" "${ops_stat[21]}" >keeper.pid
mapfile -d '' -t ops_env <./env
mapfile -d '' -t ops_argv <./argv
ops_pause=1
ops_began=0
# The uptime, as SECONDS depends on the clock, which may be set.
ops_up() { read -r ops_now _ </proc/uptime && ops_now=${ops_now%.*}; }
ops_up && ops_began=$ops_now
until env -i "${ops_env[@]}" "${ops_argv[@]}" >out.log 2>&1 </dev/null; do
  ops_up && ((ops_now - ops_began >= 60)) && ops_pause=1
  sleep "$ops_pause"
  ((ops_pause > 60)) || ((ops_pause *= 2))
  ops_up && ops_began=$ops_now
done
rm -f keeper.pid
