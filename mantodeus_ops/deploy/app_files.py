"""Files in a live output that are no part of its version, mostly written there by the app."""

from __future__ import annotations

from collections.abc import Collection

from mantodeus_ops.findings import Finding
from mantodeus_ops.remote.answers.deploy import ReplacedFiles
from mantodeus_ops.remote.answers.facts import Facts, WrittenFiles
from mantodeus_ops.text.format import human_count

_TAKES_ALONG = "deploy --allow-dirty  # takes them along; or move them out of the output first"


def counted(written: WrittenFiles | ReplacedFiles) -> str:
    """Return how many files there are, and the names of the first."""
    count, files = written["count"], written["files"]
    names = ", ".join(files)
    if more := count - len(files):
        names += f" and {more} more"
    return f"{human_count(count, 'file')} ({names})"


def written_findings(facts: Facts, outputs: Collection[str], *, allowed: bool) -> list[Finding]:
    """Return what the swap of these outputs would carry off, which stops unless it is allowed."""
    found = []
    for written in facts.get("written", ()):
        if written["name"] not in outputs:
            continue
        text = f"{counted(written)} in {written['name']} are not part of the live version"
        if allowed:
            found.append(Finding(f"{text}; the new version takes them along", "", stops=False))
        else:
            found.append(Finding(f"{text}: a deploy would move them out of it", _TAKES_ALONG))
    return found
