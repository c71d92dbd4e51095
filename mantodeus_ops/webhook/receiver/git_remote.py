"""Reads the branch tip at the remote, and the live and rejected revisions of the host."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

from mantodeus_ops.errors import OpsError
from mantodeus_ops.git.git import GIT, GIT_ENV, parse_tip
from mantodeus_ops.json_types import JsonObject
from mantodeus_ops.redaction.process import REDACTOR
from mantodeus_ops.text.failure_reason import reason_in
from mantodeus_ops.trusted_files import read_file
from mantodeus_ops.webhook.receiver.deploy_process import deploy_environment
from mantodeus_ops.webhook.receiver.worker import RemoteSilentError

_SECONDS = 20.0


def tip_of(project: Path, branch: str) -> Callable[[], Awaitable[str]]:
    """Return a function that asks the remote for the branch's tip."""

    async def tip() -> str:
        ref = f"refs/heads/{branch}"
        revision = parse_tip(await _git(project, "ls-remote", "origin", ref), ref)
        if not revision:
            raise RemoteSilentError(f"it has no branch {branch}")
        return revision

    return tip


async def _git(project: Path, *words: str) -> str:
    """Return git's output; raise RemoteSilentError when it fails or takes over 20 s."""
    try:
        process = await asyncio.create_subprocess_exec(
            *GIT,
            *words,
            cwd=project,
            env=deploy_environment(os.environ, **GIT_ENV),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise RemoteSilentError(f"git cannot be started: {error.strerror}") from None
    try:
        async with asyncio.timeout(_SECONDS):
            out, err = await process.communicate()
    except TimeoutError:
        raise RemoteSilentError(f"no answer in {_SECONDS:.0f} s") from None
    finally:
        if process.returncode is None:  # kill git with the processes that it started
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    if process.returncode:
        reason = reason_in(err.decode(errors="replace"))
        raise RemoteSilentError(
            REDACTOR.text(reason)[:200] or f"git ended with {process.returncode}"
        )
    return out.decode(errors="replace")


def read_json(file: Path) -> JsonObject:
    """Return the JSON object in a file; empty when it is missing or unreadable."""
    try:
        value = json.loads(read_file(file, OpsError))
    except (OSError, ValueError, OpsError):
        return {}
    return value if isinstance(value, dict) else {}
