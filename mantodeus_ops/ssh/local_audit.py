"""Our own side of SSH: who else may reach our keys and pins, what our own ssh would do."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from mantodeus_ops.remote.ssh.target import SshTarget
from mantodeus_ops.ssh.audit_rules import LocalAudit, PathPermissions
from mantodeus_ops.ssh.key_files import has_passphrase, public_key_path, text_of
from mantodeus_ops.text.sanitize import fields

_SSH_SECONDS = 10


def our_side(way: SshTarget) -> LocalAudit:
    """Return what is so of the files that a login stands on; a missing file has no place."""
    private = way.identity
    files = [way.known_hosts, Path(way.inventory.path).resolve()]
    if private is not None:
        files += [private, public_key_path(private)]
    folders = {folder for file in files for folder in Path(os.path.realpath(file)).parents}
    return LocalAudit(
        uid=os.getuid(),
        private=str(private or ""),
        locked=private is not None and private.is_file() and has_passphrase(private),
        places=tuple(place for file in (*files, *sorted(folders)) if (place := _place(file))),
        forwards=_forwards(way),
    )


def known_keys(way: SshTarget) -> tuple[str, ...]:
    """Return the text of each public key that we know: of all entries, and beside hosts.toml."""
    entries = (way.with_identity(spec.identity_file) for spec in way.inventory.hosts.values())
    ours = {public_key_path(one.identity) for one in entries if one.identity}
    files = sorted(ours | set(way.folder.glob("*.pub")))
    return tuple(text_of(file) for file in files if file.is_file())


def _place(file: Path) -> PathPermissions | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return PathPermissions(found.st_mode & 0o7777, found.st_uid, str(file))


def _forwards(way: SshTarget) -> bool:
    """Return whether a person's own ssh, as configured, would lend the host their agent."""
    argv = ["ssh", "-G", "-p", str(way.spec.port), "--", way.spec.address]
    try:
        said = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SSH_SECONDS,
            check=False,
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return False
    lines = map(fields, said.split("\n"))
    return any(line[0] == "forwardagent" and line[1:] != ["no"] for line in lines if line)
