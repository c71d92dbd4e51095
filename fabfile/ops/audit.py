"""Looks for what is unsafe around the keys of both sides."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..host.door import Host
from ..host.doorstep import Doorstep, doorstep
from ..host.ourside import known_keys, our_side
from ..host.way import Way, way_to
from ..pure.access import access_findings
from ..pure.algorithms import weak
from ..pure.authorized import entries
from ..pure.findings import findings_report
from ..pure.outcome import Report
from ..pure.ssh_audit import Theirs, check_door, check_ours, check_theirs
from . import authorized


def audit(host: Host) -> Report:
    """Return everything that is unsafe, here, at the host's door and in the account.

    The exit code is 7 when something is. Raise UnreachableError or one of its kinds.
    """
    way = way_to(host)
    door = doorstep(way)
    seen = authorized.read(host)
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


def _theirs(seen: authorized.Authorized, way: Way) -> Theirs:
    spec = way.spec
    return Theirs(
        uid=seen.uid,
        places=seen.places,
        entries=entries(seen.text),
        has_agent=seen.has_agent,
        typed=f"ssh -p {spec.port} {spec.user}@{spec.address}",
    )


def _data(door: Doorstep, theirs: Theirs, known: Iterable[bytes]) -> dict[str, Any]:
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
