"""Looks for what is unsafe around the keys of both sides."""

from __future__ import annotations

from collections.abc import Iterable

from mantodeus_ops.findings import findings_report
from mantodeus_ops.json_types import JsonObject
from mantodeus_ops.remote.connect import ssh_target
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.ssh.algorithms import weak
from mantodeus_ops.remote.ssh.probe import ServerOffer, probe_server
from mantodeus_ops.remote.ssh.target import SshTarget
from mantodeus_ops.results import TaskResult
from mantodeus_ops.ssh import authorized_keys_file
from mantodeus_ops.ssh.access_rules import access_findings
from mantodeus_ops.ssh.audit_rules import RemoteAudit, check_door, check_ours, check_theirs
from mantodeus_ops.ssh.authorized_keys import entries
from mantodeus_ops.ssh.local_audit import known_keys, our_side


def audit(host: Host) -> TaskResult:
    """Return everything that is unsafe, here, at the host's door and in the account.

    The exit code is 7 when something is. Raise UnreachableError or one of its kinds.
    """
    way = ssh_target(host)
    door = probe_server(way)
    seen = authorized_keys_file.read(host)
    theirs = _theirs(seen, way)
    told = {place.path for place in theirs.places}
    known = {one.blob for text in known_keys(way) for one in entries(text)}
    found = [
        *check_door(door.offer, door.methods, host.name),
        *check_ours(our_side(way), host.name),
        *check_theirs(theirs, known),
        *access_findings([one for one in seen.access if one.path not in told], f"{theirs.typed} "),
    ]
    return findings_report(found, _data(door, theirs, known))


def _theirs(seen: authorized_keys_file.Authorized, way: SshTarget) -> RemoteAudit:
    spec = way.spec
    return RemoteAudit(
        uid=seen.uid,
        places=seen.places,
        entries=entries(seen.text),
        has_agent=seen.has_agent,
        typed=f"ssh -p {spec.port} {spec.user}@{spec.address}",
    )


def _data(door: ServerOffer, theirs: RemoteAudit, known: Iterable[bytes]) -> JsonObject:
    ours = set(known)
    return {
        "methods": list(door.methods),
        "weak_algorithms": [
            {"kind": one.kind, "name": one.name, "broken": one.broken} for one in weak(door.offer)
        ],
        "authorized_keys": [
            {
                "line": one.line,
                "fingerprint": one.fingerprint,
                "key_type": one.kind,
                "comment": one.comment,
                "known": one.blob in ours,
            }
            for one in theirs.entries
        ],
    }
