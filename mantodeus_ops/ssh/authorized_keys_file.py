"""Reads and changes the account's authorized_keys on a host."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from mantodeus_ops.errors import HostError
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.shell_script import query_shell
from mantodeus_ops.ssh.access_rules import Access
from mantodeus_ops.ssh.audit_rules import PathPermissions
from mantodeus_ops.ssh.authorized_keys import Edit

_TRIES = 3


@dataclass(frozen=True, slots=True)
class Authorized:
    """The authorized_keys file: text, digest, permissions and uid."""

    text: str
    digest: str
    places: tuple[PathPermissions, ...]
    uid: int
    has_agent: bool
    access: tuple[Access, ...]


def read(host: Host) -> Authorized:
    """Return the account's authorized keys; raise UnreachableError, HostError."""
    app = host.app
    about = (str(app.project_dir), app.backup_dir, app.env_file)
    answer = query_shell(host, "ssh/authorized_keys", "show", *about)
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
            Access(kind, path, int(mode, 8), alone == "yes")
            for kind, mode, alone, path in answer.get("access", ())
        ),
    )


def change(host: Host, edit: Edit) -> bool:
    """Apply the edit atomically; return whether anything changed.

    The file is replaced only if it has not changed in the meantime. Modes are fixed, too.
    """
    for _ in range(_TRIES):
        authorized = read(host)
        text = edit(authorized.text)
        if text == authorized.text and not _is_open(authorized):
            return False
        data = text.encode("utf-8", "surrogateescape")
        digest = hashlib.sha256(data).hexdigest()
        answer = query_shell(
            host, "ssh/authorized_keys", "put", authorized.digest, digest, data=data
        )
        if answer["result"][0][0] == "done":
            return True
    raise HostError(f"another program keeps changing authorized_keys on {host.name}", "ssh.audit")


def _is_open(authorized: Authorized) -> bool:
    """Return whether the modes of the file or its folder grant access to others."""
    own = [
        place for place in authorized.places if place.path.endswith(("/authorized_keys", "/.ssh"))
    ]
    return any(place.mode & 0o077 for place in own if place.uid == authorized.uid)
