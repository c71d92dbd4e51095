"""What a healthy host and an ordinary revision say, for the tests of what is decided from it."""

from pathlib import PurePosixPath

from mantodeus_ops.inventory.parse import App

NEW, OLD = "b" * 40, "a" * 40
GIGABYTE = 10**9
PACKAGE = """{
    "scripts": {"build": "vite build", "start": "node dist/index.js"},
    "dependencies": {"x": "1"}
}"""
APP = App(project_dir=PurePosixPath("/srv/app"), name="manager", health_url="http://localhost:1/h")


def facts_of(**changes):
    """Return the facts of a host on which all is well; a change replaces one of them."""
    return {
        "user": "me",
        "found": "path",
        "abi": "127-linux-x64",
        "now": 2000.0,
        "tools": dict.fromkeys(("git", "tar", "npm", "timeout"), True),
        "project": {"present": True, "writable": True, "backups_writable": True},
        "made": ["dist", "node_modules"],
        "whole": True,
        "backup_paths": ["dist", "node_modules", "package-lock.json", ".env"],
        "installed": ["node_modules"],
        "env": {"present": True, "mode": "600", "digest": "e" * 64, "text": "PORT=3000\n"},
        "disk": {"free": 50 * GIGABYTE, "total": 90 * GIGABYTE, "inodes_free": 10**7},
        "git": {"present": True, "head": OLD, "branch": "main", "dirty": []},
        "pm2": {"daemon": True, "workers": [worker_of()]},
        "health": {"healthy": True, "status": 200, "seconds": 0.0123456},
        "live": None,
        "lock": {"verdict": "free", "jobs": []},
        "history": [],
        "open_run": None,
        "crashes": {"count": 0, "last": None},
        "check": None,
        "backups": [],
        "remote": None,
        "previous": [],
        "jobs": [],
        "rejected": {},
        "staged": None,
        **changes,
    }


def target_of(package_json=PACKAGE, install=None, **changes):
    """Return what git says of a revision like any other; a change replaces one of its facts."""
    return {
        "kind": "branch",
        "name": "main",
        "revision": NEW,
        "head": OLD,
        "subject": "Add a page",
        "commits": ["bbbbbbb Add a page"],
        "rewritten": False,
        "in_the_way": [],
        "bytes": {"node_modules": 300, "dist": 40, ".env": 2},
        "package_json": package_json,
        "root_present": True,
        "lockfiles": {"package-lock.json": "l" * 64},
        "install": {**(install or install_of()), "package_json": package_json},
        "ecosystems": [],
        "named_ecosystem": True,
        "env_example": "",
        "env_example_live": "",
        "env_tracked": False,
        "tree_bytes": 1000,
        **changes,
    }


def install_of(**changes):
    """Return what an install of an ordinary revision reads; a change replaces one of the facts."""
    return {
        "place": "",
        "package_json": PACKAGE,
        "yarn": {"berry": False, "pnp": False, "program": ""},
        "read": "r",
        "settings": "s",
        "whole": "w",
        "own_scripts": False,
        "dependency_scripts": False,
        "managers": {
            "npm": "npm 10.8.2",
            "pnpm": "",
            "yarn": "",
            "bun": "",
            "corepack": "corepack 0.29.4",
        },
        "direct": [{"member": "", "name": "x", "spec": "1", "locked": "1.0.0", "specifier": ""}],
        **changes,
    }


def worker_of(**changes):
    """Return a worker of PM2 that runs."""
    return {
        "status": "online",
        "up_since": 1000.0,
        "since": 1000.0,
        "age": 1000.0,
        "memory": 75_000_000,
        "cpu": 1.5,
        "restarts": 0,
        "pid": 4711,
        **changes,
    }


DEPLOYED = {"task": "deploy", "status": "success", "revision": OLD, "who": "kim", "backup": "b1"}
PAGE = {"url": "http://localhost:1/", "status": 200, "seconds": 0.1, "error": ""}


def inspected(**changes):
    """Return what only a checklist asks of a host on which all is well."""
    return {
        "errors": [],
        "page": PAGE,
        "critical": [{**PAGE, "url": f"http://localhost:1/{page}"} for page in ("login", "pay")],
        "reboot": {"known": True, "present": True},
        "backups_present": True,
        **changes,
    }


def well(**changes):
    """Return facts with which every line of both lists is ok."""
    known = {
        "check": inspected(),
        "history": [DEPLOYED],
        "live": {"revision": OLD},
        "backups": [{"name": "b1", "sequence": 1, "verdict": "good"}],
    }
    return facts_of(**{**known, **changes})
