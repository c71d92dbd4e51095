"""Reads and changes the account's authorized_keys on a host."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from mantodeus_ops.errors import HostError
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.shell_script import bare
from mantodeus_ops.ssh.access_rules import Access
from mantodeus_ops.ssh.audit_rules import PathPermissions
from mantodeus_ops.ssh.authorized_keys import Edit

_TRIES = 3


@dataclass(frozen=True, slots=True)
class Authorized:
    """What is let in: the file's text and digest, the places around it, the account's number."""

    text: str
    digest: str
    places: tuple[PathPermissions, ...]
    uid: int
    has_agent: bool
    access: tuple[Access, ...]


def read(host: Host) -> Authorized:
    """Return who is let into the account; raise UnreachableError, HostError."""
    app = host.app
    about = (str(app.project_dir), app.backup_dir, app.env_file)
    answer = bare(host, "ssh/authorized_keys", "show", *about)
    content = base64.b64decode(answer["content"][0][0])
    places = (
        PathPermissions(int(mode, 8), int(uid), path) for mode, uid, path in answer.get("place", ())
    )
    return Authorized(
        text=content.decode("utf-8", "surrogateescape"),
        digest=answer["sum"][0][0],
        places=tuple(places),
        uid=int(answer["uid"][0][0]),
        has_agent=answer["agent"][0][0] == "yes",
        access=tuple(
            Access(what, path, int(mode, 8), alone == "yes")
            for what, mode, alone, path in answer.get("access", ())
        ),
    )


def change(host: Host, edit: Edit) -> bool:
    """Make the edit, whole or not at all; return whether there was anything to change.

    The file is replaced only while it is what the edit was made of. Modes are mended too.
    """
    for _ in range(_TRIES):
        seen = read(host)
        text = edit(seen.text)
        if text == seen.text and not _is_open(seen):
            return False
        data = text.encode("utf-8", "surrogateescape")
        digest = hashlib.sha256(data).hexdigest()
        answer = bare(host, "ssh/authorized_keys", "put", seen.digest, digest, data=data)
        if answer["result"][0][0] == "done":
            return True
    raise HostError(f"another program keeps changing authorized_keys on {host.name}", "ssh.audit")


def _is_open(seen: Authorized) -> bool:
    """Return whether others may use the file or its folder by their modes."""
    own = [place for place in seen.places if place.path.endswith(("/authorized_keys", "/.ssh"))]
    return any(place.mode & 0o077 for place in own if place.uid == seen.uid)
