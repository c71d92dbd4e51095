"""Copies a backup off the host with restic or rclone."""

from __future__ import annotations

from mantodeus_ops.backup.offsite_commands import check_command, copy_commands
from mantodeus_ops.errors import StepFailedError
from mantodeus_ops.json_types import JsonObject
from mantodeus_ops.remote.answers.backup import OffsiteCopy
from mantodeus_ops.remote.answers.programs import COPY_OFFSITE
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.jobs import JobResult, program_job
from mantodeus_ops.remote.shell import Command
from mantodeus_ops.transaction.steps import Steps


def preview_offsite(host: Host, name: str) -> None:
    """Show the commands that would copy a backup off the host."""
    for argv in _commands(host, name):
        host.preview(Command(argv, str(host.app.project_dir)))


def copy_offsite(host: Host, steps: Steps, data: JsonObject) -> JsonObject:
    """Copy this backup to where the inventory says; return what the result tells of that.

    Raise StepFailedError when the copy failed; the backup itself is complete.
    """
    name = str(data["backup"])
    commands = _commands(host, name)
    if not commands:
        return {}
    job = program_job(host, "offsite", COPY_OFFSITE, commands=commands)
    with steps.step("offsite"):
        ended = job.follow()
        if ended.code:
            why, hint, code = _why(host, ended)
            message = f"{name} is complete and verified, but its offsite copy failed: {why}"
            failed = StepFailedError(message, hint, code=code)
            failed.details = data
            raise failed
    return {"offsite": {"to": host.app.offsite, **ended.result}}


def _why(host: Host, ended: JobResult[OffsiteCopy]) -> tuple[str, str, str]:
    """Return the reason, hint and code of a failed copy."""
    first = check_command(host.app.offsite)
    if not ended.result:
        return f"exit {ended.code}", first, ""
    refused = host.error(ended.result)
    return refused.message, refused.hint or first, refused.code


def _commands(host: Host, name: str) -> list[tuple[str, ...]]:
    if not host.app.offsite or not name:
        return []
    where = {"host": host.name, "backup_dir": host.app.backup_dir, "name": name}
    return list(copy_commands(host.app.offsite, **where))
