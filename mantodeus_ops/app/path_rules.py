"""Where a change finds something else than its own files: a link, or another file system."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Mapping
from typing import Any

from mantodeus_ops.findings import Finding
from mantodeus_ops.inventory.parse import App
from mantodeus_ops.inventory.validators import overlap

_MODULES, _OWN = "node_modules", ".deploy"


def backed_up(app: App) -> list[str]:
    """Return what a backup holds: the inventory's paths, and every output that a deploy swaps.

    Going back to a state without one of its outputs would leave a mix of two versions.
    """
    wanted = app.backup_paths
    outputs = (name for name in app.build_outputs if not any(overlap(name, one) for one in wanted))
    return [*wanted, *outputs]


def looked_at(app: App) -> list[str]:
    """Return the places that a change moves, links or packs."""
    return list(dict.fromkeys((_OWN, _MODULES, app.env_file, *app.build_outputs, *backed_up(app))))


def place_findings(
    app: App, facts: Mapping[str, Any], *, saves: bool, swaps: Collection[str] = ()
) -> list[Finding]:
    """Return which places a backup (`saves`) cannot hold, and which cannot trade places."""
    packed = backed_up(app) if saves else []
    links = [place for place in facts.get("places", ()) if place["link"]]
    found = [
        _link(app, place, packed=place["name"] in packed)
        for place in links
        if place["name"] in {*packed, *swaps}
    ]
    return [*found, *apart(facts, swaps)]


def apart(facts: Mapping[str, Any], swaps: Collection[str]) -> list[Finding]:
    """Return which of these places lie on another file system, to which nothing can be renamed."""
    names = [place["name"] for place in facts.get("places", ()) if place["elsewhere"]]
    return [
        Finding(
            f"{name} is on another file system than the project, so no rename can swap it",
            f"df . {shlex.quote(name)}",
        )
        for name in names
        if swaps and name in {_OWN, *swaps}
    ]


def _link(app: App, place: Mapping[str, Any], *, packed: bool) -> Finding:
    name, text = place["name"], f"{place['name']} is a link to {place['link']}"
    why = "a backup would hold the link, and not what it points to"
    if not packed:
        why = "a deploy would replace the link, and not what it points to"
    return Finding(
        f"{text}: {why}", f"cd {shlex.quote(str(app.project_dir))} && {_own(name, place)}"
    )


def _own(name: str, place: Mapping[str, Any]) -> str:
    """Return the commands that put what a link leads to in its place."""
    own, new = shlex.quote(name), shlex.quote(f"{name}.new")
    if place["broken"]:
        return f"rm {own}"
    return f"cp -aL {own} {new} && rm {own} && mv {new} {own}"
