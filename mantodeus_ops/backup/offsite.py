"""Copies a backup off the host, by an engine that the inventory names."""

from __future__ import annotations

from mantodeus_ops.backup.offsite_commands import copy_commands, first_steps
from mantodeus_ops.errors import StepFailedError
from mantodeus_ops.json_types import JsonObject
from mantodeus_ops.remote.answers.backup import OffsiteCopy
from mantodeus_ops.remote.answers.programs import COPY_OFFSITE
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.jobs import Ended, program_job
from mantodeus_ops.remote.shell import Command
from mantodeus_ops.transaction.steps import Steps


def preview_offsite(host: Host, name: str) -> None:
    """Tell which commands a copy off the host would run."""
    for argv in _commands(host, name):
        host.preview(Command(argv, str(host.app.project_dir)))


def copy_offsite(host: Host, steps: Steps, made: JsonObject) -> JsonObject:
    """Copy this backup to where the inventory says; return what the result tells of that.

    Raise StepFailedError, saying that the backup itself is whole, when it could not be copied.
    """
    name = str(made["backup"])
    commands = _commands(host, name)
    if not commands:
        return {}
    job = program_job(host, "offsite", COPY_OFFSITE, commands=commands)
    with steps.step("offsite"):
        ended = job.follow()
        if ended.code:
            why, hint, code = _why(host, ended)
            message = f"{name} is made and proven; only its copy off the host failed: {why}"
            failed = StepFailedError(message, hint, code=code)
            failed.details = made
            raise failed
    return {"offsite": {"to": host.app.offsite, **ended.result}}


def _why(host: Host, ended: Ended[OffsiteCopy]) -> tuple[str, str, str]:
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
