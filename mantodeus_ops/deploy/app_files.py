"""Finds files in live outputs that are not part of the version, such as the app's uploads."""

from __future__ import annotations

from collections.abc import Collection

from mantodeus_ops.findings import Finding
from mantodeus_ops.remote.answers.deploy import ReplacedFiles
from mantodeus_ops.remote.answers.facts import Facts, WrittenFiles
from mantodeus_ops.text.format import human_count

_TAKES_ALONG = "deploy --allow-dirty  # keeps them; or move them out of the output first"


def count_files(written: WrittenFiles | ReplacedFiles) -> str:
    """Return the number of files, and the names of the first."""
    count, files = written["count"], written["files"]
    names = ", ".join(files)
    if more := count - len(files):
        names += f" and {more} more"
    return f"{human_count(count, 'file')} ({names})"


def written_findings(facts: Facts, outputs: Collection[str], *, allowed: bool) -> list[Finding]:
    """Return findings on files that swapping these outputs would move away."""
    findings = []
    for written in facts.get("written", ()):
        if written["name"] not in outputs:
            continue
        text = f"{count_files(written)} in {written['name']} are not part of the live version"
        if allowed:
            findings.append(Finding(f"{text}; the new version keeps them", "", stops=False))
        else:
            findings.append(Finding(f"{text}: a deploy would move them out of it", _TAKES_ALONG))
    return findings
