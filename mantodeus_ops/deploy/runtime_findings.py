"""Reasons not to begin that lie in node and the package manager: an install that cannot work."""

from __future__ import annotations

import re

from mantodeus_ops.app.node_contract import node_findings, node_wishes
from mantodeus_ops.deploy.plan import Plan
from mantodeus_ops.findings import Finding
from mantodeus_ops.install.package_json import package_of
from mantodeus_ops.inventory.parse import App
from mantodeus_ops.remote.answers.deploy import RefTarget
from mantodeus_ops.remote.answers.facts import Facts
from mantodeus_ops.text.format import human_count

_NAMED = re.compile(r"(npm|pnpm|yarn|bun)@([0-9]+)\b")
_FOUND = re.compile(r"\S+ ([0-9]+)\.")


def runtime_findings(app: App, facts: Facts, target: RefTarget, plan: Plan) -> list[Finding]:
    """Return the findings about the host's node and package manager, for this revision."""
    node = facts.get("runtime")
    place = target["install"]["place"]
    packages = {
        _below(place, "package.json"): target["install"]["package_json"],
        _below(app.root, "package.json"): target["package_json"],
    }
    wishes = node_wishes(packages, target.get("node_files", {}))
    return [
        *(node_findings(wishes, node) if node else ()),
        *_manager(target, plan),
        *lfs_findings(target),
    ]


def lfs_findings(target: RefTarget) -> list[Finding]:
    """Return the finding that files would go live as the pointers that git has of them."""
    files = target.get("lfs")
    if not files or not files["pointers"] or (files["program"] and files["filter"]):
        return []
    count = human_count(files["pointers"], "file")
    install = "git lfs install --skip-repo"
    if files["program"]:
        return [
            Finding(f"{count} of the revision in Git LFS, which git is not set up for", install)
        ]
    text = f"{count} of the revision in Git LFS, and git-lfs is not on the host's PATH"
    return [Finding(text, f"sudo apt-get install git-lfs && {install}")]


def _below(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _manager(target: RefTarget, plan: Plan) -> list[Finding]:
    """Return the finding that the package manager is not that of package.json."""
    asked = str(package_of(target["install"]["package_json"]).get("packageManager", ""))
    named, needed = _NAMED.match(asked), plan.dependencies
    if not named or not needed.command or not plan.installs:
        return []
    if named[1] != needed.manager:
        text = f"package.json names {asked}, but the lockfile is one of {needed.manager}"
        return [Finding(text, f"{named[1]} install  # then commit its lockfile", stops=False)]
    found = _FOUND.match(target["install"]["managers"].get(needed.manager, ""))
    # yarn 1 refuses to install for a later one; the others fetch or accept the version asked for.
    if needed.program != ("yarn",) or not found or found[1] == named[2]:
        return []
    text = f"package.json asks for {asked}, and the host's yarn is {found[1]}"
    return [Finding(text, "npm install -g corepack && corepack enable yarn")]
