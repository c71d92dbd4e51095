"""The specification of the receiver: accepted pushes, PM2 entry and digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict

from mantodeus_ops.errors import PreflightError
from mantodeus_ops.inventory.settings import App
from mantodeus_ops.json_types import JsonObject
from mantodeus_ops.remote.answers.webhook import ReceiverFacts
from mantodeus_ops.webhook.github_events import Expected, full_name
from mantodeus_ops.webhook.self_install_plan import InstalledTool

WELL = 200
_MOST_MEMORY = "150M"
_END_MILLISECONDS = 3000  # it ends within two seconds when asked to
_PAUSE_MILLISECONDS = 200  # before the first restart of one that fell; PM2 makes it longer


def expected_of(app: App) -> Expected:
    """Return what a push must be for this app; raise PreflightError when nothing says it."""
    name = full_name(app.repository)
    if not name and not app.webhook.repository_id:
        raise PreflightError(
            "nothing says which repository may deploy here",
            "set repository, or webhook.repository_id, in the inventory",
        )
    return Expected(name, app.webhook.repository_id, app.branch)


def receiver_app(app: App) -> str:
    """Return the receiver's own name in PM2."""
    return f"{app.process_name}-webhook"


def pm2_entry(app: App, tool: InstalledTool, home: str) -> JsonObject:
    """Return PM2's entry for the receiver; a deploy that it began must outlive it."""
    log = f"{home}/out.log"
    return {
        "name": receiver_app(app),
        "script": tool.python,
        "args": ["-m", "mantodeus_ops", "webhook.serve"],
        "interpreter": "none",
        "cwd": home,
        "env": tool.env(),
        "exec_mode": "fork",
        "treekill": False,
        "kill_timeout": _END_MILLISECONDS,
        "max_memory_restart": _MOST_MEMORY,
        "exp_backoff_restart_delay": _PAUSE_MILLISECONDS,
        "out_file": log,
        "error_file": log,
        "merge_logs": True,
    }


def receiver_digest(app: App, tool: InstalledTool, by: str, files: Mapping[str, str]) -> str:
    """Return a digest of everything that the receiver is made of and started with."""
    parts = {"tool": asdict(tool), "webhook": asdict(app.webhook), "by": by, "files": dict(files)}
    parts |= {"repository": app.repository, "branch": app.branch, "env_file": app.env_file}
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def kept_by(receiver: ReceiverFacts) -> str:
    """Return who brings the receiver back when it falls: PM2, cron, or a hand."""
    if receiver["pm2"] and receiver["pm2"]["status"] == "online":
        return "pm2"
    return "cron" if receiver["supervisor"]["alive"] and receiver["cron"] else "hand"


def is_as_wanted(receiver: ReceiverFacts, digest: str, by: str) -> bool:
    """Return whether the very receiver that is wanted runs, answers, and survives a reboot."""
    same = receiver["installed"] and receiver["installed"].get("digest") == digest
    answers = receiver["listener"].get("ours") and receiver["health"]["status"] == WELL
    return bool(same and answers and kept_by(receiver) == by)
