"""Copies a backup off the host, by an engine that the inventory names."""

from __future__ import annotations

from typing import Any

from ..host.door import Host
from ..host.jobs import Ended, program_job
from ..pure.errors import StepFailedError
from ..pure.offsite import copy_commands, first_steps
from ..pure.shell import Command
from .steps import Steps


def would_copy_off(host: Host, name: str) -> None:
    """Tell which commands a copy off the host would run."""
    for argv in _commands(host, name):
        host.would(Command(argv, str(host.app.project_dir)))


def copy_off(host: Host, steps: Steps, made: dict[str, Any]) -> dict[str, Any]:
    """Copy this backup to where the inventory says; return what the result tells of that.

    Raise StepFailedError, saying that the backup itself is whole, when it could not be copied.
    """
    name = str(made["backup"])
    commands = _commands(host, name)
    if not commands:
        return {}
    job = program_job(host, "offsite", "offsite", commands=commands)
    with steps.step("offsite"):
        ended = job.follow()
        if ended.code:
            why, hint, code = _why(host, ended)
            message = f"{name} is made and proven; only its copy off the host failed: {why}"
            failed = StepFailedError(message, hint, code=code)
            failed.details = made
            raise failed
    return {"offsite": {"to": host.app.offsite, **ended.result}}


def _why(host: Host, ended: Ended) -> tuple[str, str, str]:
    """Return why it was not copied, what to type, and the code of that."""
    first = first_steps(host.app.offsite)
    if not ended.result:
        return f"exit {ended.code}", first, ""
    refused = host.error(ended.result)
    return refused.message, refused.hint or first, refused.code


def _commands(host: Host, name: str) -> list[tuple[str, ...]]:
    if not host.app.offsite or not name:
        return []
    where = {"host": host.name, "backup_dir": host.app.backup_dir, "name": name}
    return list(copy_commands(host.app.offsite, **where))
