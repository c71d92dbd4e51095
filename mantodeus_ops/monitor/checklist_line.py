"""A line of a checklist, and how one is made of what was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mantodeus_ops.findings import Finding
from mantodeus_ops.remote.answers.facts import Facts
from mantodeus_ops.ssh.access_rules import Access, access_findings
from mantodeus_ops.text.format import human_count


@dataclass(frozen=True, slots=True)
class Check:
    """One line of a checklist: ok, warning or fail, what was seen, and the command that mends it.

    `host` says that a deploy looks at it by itself and stops when it must.
    """

    name: str
    result: str
    evidence: str
    mend: str = ""
    host: bool = False


def check_of(name: str, evidence: str, fails: str, mends: str, *, warns: bool = False) -> Check:
    """Return a line that is ok with this evidence unless something fails."""
    if not fails:
        return Check(name, "ok", evidence)
    return Check(name, "warning" if warns else "fail", fails, mends)


def check_of_findings(name: str, evidence: str, findings: Sequence[Finding]) -> Check:
    """Return a line that is as bad as the worst of what was found."""
    if not findings:
        return Check(name, "ok", evidence, host=True)
    worst = sorted(findings, key=lambda finding: not finding.stops)
    text = "; ".join(finding.text for finding in worst)
    return Check(name, "fail" if worst[0].stops else "warning", text, worst[0].hint, host=True)


def access_checks(facts: Facts) -> tuple[Check, ...]:
    """Return the line on what other accounts could use; none where it was not looked at."""
    seen = facts["check"] and facts["check"].get("access")
    if seen is None:
        return ()
    places = [Access(one["what"], one["path"], int(one["mode"], 8), one["alone"]) for one in seen]
    found = list(access_findings(places))
    text = "; ".join(finding.text for finding in found)
    mends = " && ".join(dict.fromkeys(finding.hint for finding in found))
    return (check_of("closed to other accounts", human_count(len(places), "place"), text, mends),)
