"""Programs of the host that sleep, fail, print noise or die, instead of doing their work."""

from __future__ import annotations

import time

from tests.faults.faults import Strike, Struck, ended
from tests.faults.operations import Task
from tests.faults.place import Place

PROGRAMS = ("git", "npm", "pm2", "node", "tar", "rm", "mkfifo", "nice", "timeout")
NOISE = (
    'printf "\\033[31m>>> [PM2] noise [{\\n"; printf "noise on stderr\\n" >&2; exec "$REAL" "$@"'
)
WAYS = {
    "sleeps": 'sleep 2; exec "$REAL" "$@"',
    "fails": 'echo "it fails" >&2; exit 3',
    "fails after its work": '"$REAL" "$@"; exit 3',
    "prints noise": NOISE,
    "dies": "kill -KILL $$",
    "dies in its work": '"$REAL" "$@" & sleep 0.05; kill -KILL $!; kill -KILL $$',
    "kills who called it": "kill -KILL $PPID; kill -KILL $$",
}


def wrapped(program: str, way: str, call: int) -> Strike:
    """Return what lets the so manieth call of a program, and no other, go this way."""

    def strike(place: Place, task: Task) -> Struck:
        count = place.box.root / "calls"
        count.write_text("")
        test = f"echo >>{count}; if [ $(wc -l <{count}) = {call} ]; then"
        text = f'{test}\n{WAYS[way]}\nfi\nexec "$REAL" "$@"'
        with place.world.shims(**{program: text}):
            began = time.time()
            done = place.run(place.inv(*task.words), task.stdin)
        return ended(
            done.returncode,
            done.stdout + done.stderr,
            at=began if way == "sleeps" else 0,
            struck=len(count.read_text()) >= call,
        )

    return strike
