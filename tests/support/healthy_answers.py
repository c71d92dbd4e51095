"""What a healthy host answers to each program of ours."""

from tests.support.host_facts import NEW, OLD, facts_of, inspected, target_of, worker_of

BACKUP = {
    "name": "backup-20260101-000000",
    "sequence": 1,
    "verdict": "good",
    "content": "c" * 64,
    "revision": OLD,
    "branch": "main",
    "reason": "by hand",
    "at": 900.0,
    "bytes": 5_000,
    "plain_bytes": 9_000,
    "entries": 30,
    "sha256": "d" * 64,
    "consistent": True,
    "paths": ["dist", ".env"],
    "absent": [],
    "skipped": [],
    "seconds": 0.1,
    "since": 1,
    "state": "9" * 64,
    "left": False,
}
LIVE = {"revision": OLD, "entry": {"file": "app.cjs", "digest": "e" * 64}, "modules": "m" * 64}
STEPS = [{"name": "reload", "status": "ok", "seconds": 0.2}]
CHANGE = {"task": "deploy", "status": "success", "revision": OLD, "at": 900.0, "who": "kim"}
STATE = {
    "live": LIVE,
    "head": OLD,
    "branch": "main",
    "swaps": ["dist"],
    "had": ["dist"],
    "state": "9" * 64,
    "sequence": 1,
    "content": "c" * 64,
    "verdict": "good",
    "undo": False,
}
HOLDER = {"verdict": "held", "jobs": [], "who": "kim", "from": "desk", "token": "t", "beat": None}
DELIVERY = {
    "id": "push-0001",
    "event": "push",
    "at": 900.0,
    "after": NEW,
    "pusher": "kim",
    "state": "failed",
    "outcome": "it broke",
    "seconds": 1.5,
}
LOOK = facts_of(
    live=LIVE,
    backups=[BACKUP],
    history=[CHANGE],
    previous=[{"run": "r1", "state": STATE, "names": ["dist"]}],
    jobs=[{"id": "20260101-000000-build-abcdef", "alive": False}],
    remote={"head": NEW, "behind": 2, "same": False},
    crashes={"count": 1, "last": {"at": 900.0, "how": "exit code 1"}},
    check=inspected(),
)
ENV = "UE9SVD0zMDAwCldFQkhPT0tfU0VDUkVUPXE3dzllMnI0dDZ5OHUxaTNvNXAwcTd3OWUycjR0Nnk4Cg=="
ANSWERS = {
    "app/facts": LOOK,
    "fleet/host_state": {"live": OLD, "last": CHANGE, "cut_off": False, "remote": LOOK["remote"]},
    "backup/list_states": {
        "backups": [{**BACKUP, "subject": "Add", "differs": ["dist"], "same": [".env"]}],
        "content": "f" * 64,
        "state": "f" * 64,
        "now": 2000.0,
        "partial": ["backup-20260102-000000"],
    },
    "backup/restore_check": {
        "sources": {"dist": "restore", ".env": "same"},
        "archive": "",
        "live": LIVE,
        "made_here": True,
        "env": "PORT=1\n",
        "revision_known": True,
        "bytes": 5,
        "entries": 5,
        "free": 10**9,
        "inodes": 10**6,
    },
    "env/env_facts": {
        "file": {
            "file": ".env",
            "link": "",
            "present": True,
            "bytes": ENV,
            "digest": "d" * 64,
            "regular": True,
            "mode": "600",
            "mine": True,
            "tracked": False,
            "ignored": True,
        },
        "example": "PORT=1\nOTHER=2\n",
        "process": {"running": True, "fresh": False, "started": {"PORT": "same"}, "pm2": {}},
        "probes": {"databases": [{"name": "DB", "reach": "ok", "login": "ok"}], "served": False},
    },
    "deploy/resolve_ref": target_of(),
    "transaction/record": {"done": True, "backups": [BACKUP]},
    "monitor/disk_cleanup": {
        "items": [{"kind": "log", "what": "/srv/log", "bytes": 2_000_000}],
        "backups": [BACKUP],
        "disk": LOOK["disk"],
    },
    "deploy/record_stage": {"entry": LIVE["entry"], "made": ["dist"], "installed": []},
    "git/clear_git_locks": {"freed": 1},
    "deploy/save_patch": {"file": ".deploy/patches/r1.patch"},
    "backup/locate": {
        "manifest": {**BACKUP, "bytes": 4, "sha256": "0" * 64},
        "file": "/srv/b.tar.gz",
    },
    "backup/begin_upload": {"there": True, "have": 0, "file": "/srv/b"},
    "webhook/inspect_receiver": {
        "config": {"alive": True, "root": "/srv/tool", "python": "python3", "pid": 7},
        "inventory": "",
        "installed": {"digest": "d"},
        "listener": {"ours": True, "pid": 7},
        "health": {"status": 200, "seconds": 0.1},
        "pm2": worker_of(),
        "supervisor": {"alive": False},
        "cron": False,
    },
    "webhook/ping": {"status": 200, "body": "pong\n", "location": ""},
    "take": {"held": True, "name": "00000001", "before": None},
    "freeze": {"held": True, "name": "00000001", "before": None},
    "read": {**HOLDER, "verdict": "frozen"},
    "release": {"done": True},
    "facts": {
        "facts": {
            "states": {"done": 2},
            "refused": {"401": 3},
            "waiting": [{**DELIVERY, "state": "waiting"}],
            "failed": [DELIVERY],
            "recent": [DELIVERY],
            "running": None,
            "last": DELIVERY,
            "last_push": DELIVERY,
        }
    },
    "deliveries": {"deliveries": [DELIVERY]},
    "redeliver": {"delivery": DELIVERY},
}
SAMPLE = {
    "healthy": True,
    "reason": "",
    "latency": 0.1,
    "memory": 10**8,
    "cpu": 1.5,
    "restarts": 0,
    "errors": ["Error: x"],
    "crashes": 0,
    "at": 2000.0,
    "left": 1.0,
}
EVENTS = {
    "monitor/logs": [
        {"env": "A=1\n"},
        {"sources": ["out"]},
        {"source": "out", "file": "/srv/out.log", "line": "hello", "at": 6},
        {"note": "carries no times"},
        {"beat": 4},
    ],
    "monitor/watch": [
        {"env": "A=1\n"},
        {"sample": SAMPLE},
        {"sample": {**SAMPLE, "healthy": False}},
    ],
    "monitor/wait_healthy": [
        {"env": "A=1\n"},
        {"attempt": 1, "reason": "it answered 500"},
        {"result": {**LOOK["health"], "reason": "", "errors": [], "daemon": True}},
    ],
}
DONE = {"done": True, "pid": 7}
COMMITTED = {**CHANGE, "steps": STEPS, "seconds": 1.5, "exit_code": 0, "rolled_back": False}
RESULTS = {
    "backup/create": BACKUP,
    "backup/verify": {
        "results": [{"name": BACKUP["name"], "ok": True, "reason": "", "entries": 3}]
    },
    **dict.fromkeys(("deploy", "rollback", "restart", "recover", "stop"), COMMITTED),
}
LOG = '\x1e{"step":"reload","status":"started"}\nhello\n\x1e{"step":"reload","status":"ok"}\n'
WORDS = {
    "ssh/host_requirements": "user\tme\t1\t\nshell\t\t/bin/sh\t\npath\t/bin\t/bin\t\n"
    "found\tpath\t\n"
    "tool\tgit\tgit version 2.39.5\t\nproject\tyes\tyes\t7000\n",
    "ssh/authorized_keys": "uid\t1\nagent\t\nsum\t\ncontent\tYQ==\nplace\t600\t1\t/srv\n",
}
