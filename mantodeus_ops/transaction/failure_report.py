"""Records a failure before the activation: a history entry and the on_failure hook."""

from __future__ import annotations

import contextlib
import time

from mantodeus_ops.errors import OpsError, UnreachableError
from mantodeus_ops.remote.answers.programs import RECORD
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.jobs import commands_job
from mantodeus_ops.remote.shell import Command
from mantodeus_ops.transaction.local_user import operator
from mantodeus_ops.transaction.lock import Lock


def signature(run: str, task: str, ref: str) -> dict[str, str]:
    """Return the common fields of a history entry: run, task, operator and ref."""
    who, origin = operator()
    return {"run": run, "task": task, "who": who, "from": origin, "ref": ref}


def record_failure(
    host: Host, lock: Lock, task: str, ref: str, began: float, error: OpsError
) -> None:
    """Record the failure on the host and run on_failure; never hide the original error."""
    if isinstance(error, UnreachableError):
        return
    record = {
        **signature(lock.run, task, ref),
        "status": error.status,
        "exit_code": error.exit_code,
        "error": host.redactor.text(error.message),
        "seconds": round(time.monotonic() - began, 3),
        **{
            key: value
            for key, value in error.details.items()
            if key in {"revision", "previous_revision", "steps", "backup"}
        },
    }
    with contextlib.suppress(OpsError):
        host.call(RECORD, history=record, tidy=True)
    texts = host.app.hooks.get("on_failure", ())
    if texts:
        with contextlib.suppress(OpsError):
            project = str(host.app.project_dir)
            commands_job(
                host,
                "on_failure",
                [Command(("bash", "-c", text), project, {}, 600) for text in texts],
            ).follow()
