"""Gathers the local side of the SSH audit: file permissions and agent forwarding."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from mantodeus_ops.remote.ssh.target import SshTarget
from mantodeus_ops.ssh.audit_rules import LocalAudit, PathPermissions
from mantodeus_ops.ssh.key_files import has_passphrase, public_key_path, text_of
from mantodeus_ops.text.sanitize import fields

_SSH_SECONDS = 10


def local_audit(target: SshTarget) -> LocalAudit:
    """Return the permissions of the files that a login depends on; missing ones are skipped."""
    private = target.identity
    files = [target.known_hosts, Path(target.inventory.path).resolve()]
    if private is not None:
        files += [private, public_key_path(private)]
    folders = {folder for file in files for folder in Path(os.path.realpath(file)).parents}
    return LocalAudit(
        uid=os.getuid(),
        private=str(private or ""),
        locked=private is not None and private.is_file() and has_passphrase(private),
        places=tuple(place for file in (*files, *sorted(folders)) if (place := _permissions(file))),
        forwards=_forwards(target),
    )


def known_keys(target: SshTarget) -> tuple[str, ...]:
    """Return the known public keys: of all inventory entries, and beside hosts.toml."""
    entries = (target.with_identity(spec.identity_file) for spec in target.inventory.hosts.values())
    public_files = {public_key_path(entry.identity) for entry in entries if entry.identity}
    files = sorted(public_files | set(target.folder.glob("*.pub")))
    return tuple(text_of(file) for file in files if file.is_file())


def _permissions(file: Path) -> PathPermissions | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return PathPermissions(status.st_mode & 0o7777, status.st_uid, str(file))


def _forwards(target: SshTarget) -> bool:
    """Return whether the local ssh configuration forwards the agent to the host."""
    argv = ["ssh", "-G", "-p", str(target.spec.port), "--", target.spec.address]
    try:
        settings = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SSH_SECONDS,
            check=False,
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return False
    lines = map(fields, settings.split("\n"))
    return any(line[0] == "forwardagent" and line[1:] != ["no"] for line in lines if line)
