"""Finds links and other file systems among the paths that a change would replace."""

from __future__ import annotations

import shlex
from collections.abc import Collection
from pathlib import PurePosixPath

from mantodeus_ops.findings import Finding
from mantodeus_ops.inventory.parse import App
from mantodeus_ops.inventory.validators import overlap
from mantodeus_ops.remote.answers.facts import Facts, Place

_MODULES, _OWN = "node_modules", ".deploy"


def paths_in_backup(app: App) -> list[str]:
    """Return the paths that the inventory has a backup hold, with all outputs that a deploy swaps.

    Restoring a state without one of its outputs would leave a mix of two versions. Empty when the
    inventory has no backup_paths: a backup then holds what makes the live version.
    """
    paths = app.backup_paths
    if not paths:
        return []
    outputs = (name for name in app.build_outputs if not any(overlap(name, path) for path in paths))
    return [*paths, *outputs]


def paths_to_check(app: App) -> list[str]:
    """Return the paths that a change moves, links or packs."""
    return list(
        dict.fromkeys(
            (_OWN, *_modules(app), app.env_file, *app.build_outputs, *paths_in_backup(app))
        )
    )


def _modules(app: App) -> list[str]:
    """Return where node looks for packages of the app, from the top of the clone down."""
    folders = [PurePosixPath(app.root), *PurePosixPath(app.root).parents]
    return [str(folder / _MODULES) for folder in reversed(folders)]


def place_findings(
    app: App, facts: Facts, *, saves: bool, swaps: Collection[str] = ()
) -> list[Finding]:
    """Return the paths that a backup (`saves`) cannot hold, and those that cannot be swapped."""
    packed = facts["backup_paths"] if saves else []
    links = [path for path in facts.get("places", ()) if path["link"]]
    findings = [
        _link_finding(app, path, packed=path["name"] in packed)
        for path in links
        if path["name"] in {*packed, *swaps}
    ]
    return [*findings, *check_file_systems(facts, swaps)]


def check_file_systems(facts: Facts, swaps: Collection[str]) -> list[Finding]:
    """Return which of these paths are on another file system, where a rename cannot swap them."""
    names = [path["name"] for path in facts.get("places", ()) if path["elsewhere"]]
    return [
        Finding(
            f"{name} is on another file system than the project, so no rename can swap it",
            f"df . {shlex.quote(name)}",
        )
        for name in names
        if swaps and name in {_OWN, *swaps}
    ]


def _link_finding(app: App, path: Place, *, packed: bool) -> Finding:
    name, text = path["name"], f"{path['name']} is a link to {path['link']}"
    why = "a backup would hold the link, not its target"
    if not packed:
        why = "a deploy would replace the link, not its target"
    return Finding(
        f"{text}: {why}", f"cd {shlex.quote(str(app.project_dir))} && {_replace_link(name, path)}"
    )


def _replace_link(name: str, path: Place) -> str:
    """Return the commands that replace a link by a copy of its target."""
    own, new = shlex.quote(name), shlex.quote(f"{name}.new")
    if path["broken"]:
        return f"rm {own}"
    return f"cp -aL {own} {new} && rm {own} && mv {new} {own}"
