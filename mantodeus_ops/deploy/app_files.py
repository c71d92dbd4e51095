"""Finds files in live outputs that are not part of the version, such as the app's uploads."""

from __future__ import annotations

import json
from collections.abc import Collection

from mantodeus_ops.findings import Finding
from mantodeus_ops.inventory.validators import overlap
from mantodeus_ops.remote.answers.deploy import ReplacedFiles
from mantodeus_ops.remote.answers.facts import Facts, WrittenFiles
from mantodeus_ops.text.format import human_count


def count_files(written: WrittenFiles | ReplacedFiles) -> str:
    """Return the number of files, and the names of the first."""
    count, files = written["count"], written["files"]
    names = ", ".join(files)
    if more := count - len(files):
        names += f" and {more} more"
    return f"{human_count(count, 'file')} ({names})"


def written_findings(
    facts: Facts, outputs: Collection[str], *, allowed: bool, assets: Collection[str] = ()
) -> list[Finding]:
    """Return findings on files that swapping these outputs would move away."""
    findings = []
    for written in facts.get("written", ()):
        if written["name"] not in outputs:
            continue
        text = f"{count_files(written)} in {written['name']} are not part of the live version"
        if allowed:
            findings.append(Finding(f"{text}; the new version keeps them", "", stops=False))
        else:
            findings.append(
                Finding(f"{text}: a deploy would move them out of it", _sharing(written, assets))
            )
    return findings


def _sharing(written: WrittenFiles, assets: Collection[str]) -> str:
    """Return the inventory's line that makes these files the app's data.

    A folder that holds files of the version, too, is not shared as a whole.
    """
    folders = (name.rpartition("/")[0] for name in written["files"])
    places = {
        name
        if any(overlap(folder, place) for place in assets) or folder == written["name"]
        else folder
        for name, folder in zip(written["files"], folders, strict=True)
    }
    outermost = [
        place for place in sorted(places) if not any(place.startswith(f"{one}/") for one in places)
    ]
    line = f"shared_paths = {json.dumps(outermost)}"
    return f"set {line} in the inventory  # or keep them: deploy --allow-dirty"
