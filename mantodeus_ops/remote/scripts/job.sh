# Starts a job that survives the connection, or joins it, and follows its log from a byte on.
# $1 project directory, $2 job, $3 first byte wanted (0: only start it), then the lengths of its files on standard input.
ops_need_node
jobs=$1/.deploy/jobs
job=$jobs/$2

ops_launch() {
  local detach=(setsid)
  command -v setsid >/dev/null || detach=()
  (
    trap '' HUP
    cd "$1" || exit
    set -m
    "${detach[@]}" bash "$job/run" </dev/null >/dev/null 2>&1 &
  )
}

# Reports what may keep a job from writing its state: no inodes, or an error of a test write.
ops_tell_ground() {
  local all free
  read -r all free < <(stat -f -c '%c %d' "$job")
  ((all == 0 || free >= 16)) || echo "ops:no-inodes" # the failed job may have freed some since
  printf x >"$job/ground" && rm -f "$job/ground"
} >&2

# Stores this many bytes of standard input in a file; fails if a dropped connection ended the input early.
ops_take() {
  head -c "$2" >"$new/$1" && [[ $(wc -c <"$new/$1") -eq $2 ]]
}

# All files are complete before the job gets its name, so a dropped connection leaves no incomplete job.
if [[ ! -d $job && $# -gt 3 ]]; then
  new=$job.$$.new # by pid: the script of a dropped connection may still be waiting for input
  mkdir -p "$jobs" && mkdir "$new" || exit 93
  ops_take run "$4" && ops_take main.cjs "$5" && ops_take params.json "$6" || exit 93
  : | tee "$new/log" "$new/pid.tmp" "$new/rc.tmp" # created now, so that the job needs no new inodes to begin and to end
  mkdir "$new/ready" || exit 93
  mv -T "$new" "$job" || rm -rf "$new"
fi
[[ -d $job ]] || { echo "ops:no-job" >&2; exit 92; }
[[ -s $job/run ]] && mv -T "$job/ready" "$job/launched" 2>/dev/null && ops_launch "$1"

[[ $3 != 0 ]] || exit 0

exec {idle}<> <(:)
ops_pause() { read -rt "$1" -u "$idle"; }

for ((tries = 0; tries < 100; tries++)); do
  [[ -s $job/pid || -e $job/rc ]] && break
  ops_pause 0.05
done
[[ -f $job/pid ]] && read -r pid started <"$job/pid"
[[ -f $job/rc ]] || ops_tell_ground

# Ends with the job. tail watches this child instead of the job, whose zombie would count as alive until init reaps it.
ops_watch() {
  local turn
  for ((turn = 1; ; turn++)); do
    [[ -e $job/rc ]] && return
    if ((turn % 20 == 0)) && [[ $(ops_started "$pid") != "$started" ]]; then
      ops_pause 0.2
      return
    fi
    ops_pause 0.05
  done
}

ops_watch &
watcher=$!
tail -c +"$3" -f -s 0.05 --pid="$watcher" "$job/log" &
wait "$watcher"
wait
[[ -f $job/rc ]] || ops_tell_ground
printf '\036rc=%s\n' "$([[ -f $job/rc ]] && cat "$job/rc" || echo vanished)" >&2
[[ ! -f $job/result.json ]] || printf '\036result=%s\n' "$(<"$job/result.json")" >&2
