"""A check of a checklist, and its construction from findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mantodeus_ops.findings import Finding
from mantodeus_ops.monitor.public_check import PublicLook
from mantodeus_ops.remote.answers.facts import Facts
from mantodeus_ops.ssh.access_rules import Access, access_findings
from mantodeus_ops.text.format import human_count, human_seconds


@dataclass(frozen=True, slots=True)
class Check:
    """A check of a checklist: ok, warning or fail, evidence, and a command that fixes it.

    `hint` is the command; `host` marks the checks that a deploy makes, and stops at.
    """

    name: str
    result: str
    evidence: str
    hint: str = ""
    host: bool = False


def check_of(name: str, evidence: str, fails: str, hint: str, *, warns: bool = False) -> Check:
    """Return a check that is ok with this evidence unless it fails."""
    if not fails:
        return Check(name, "ok", evidence)
    return Check(name, "warning" if warns else "fail", fails, hint)


def check_of_findings(name: str, evidence: str, findings: Sequence[Finding]) -> Check:
    """Return a check with the result of the worst finding."""
    if not findings:
        return Check(name, "ok", evidence, host=True)
    worst = sorted(findings, key=lambda finding: not finding.stops)
    text = "; ".join(finding.text for finding in worst)
    return Check(name, "fail" if worst[0].stops else "warning", text, worst[0].hint, host=True)


def access_checks(facts: Facts) -> tuple[Check, ...]:
    """Return the check of other accounts' access; none where it was not gathered."""
    entries = facts["check"] and facts["check"].get("access")
    if entries is None:
        return ()
    places = [
        Access(entry["what"], entry["path"], int(entry["mode"], 8), entry["alone"])
        for entry in entries
    ]
    findings = list(access_findings(places))
    text = "; ".join(finding.text for finding in findings)
    hint = " && ".join(dict.fromkeys(finding.hint for finding in findings))
    return (check_of("closed to other accounts", human_count(len(places), "place"), text, hint),)


def pm2_check(facts: Facts) -> Check:
    """Return the check of PM2: the workers of the app, and the apps beside it."""
    pm2 = facts["pm2"]
    problem = str(pm2.get("error") or ("" if pm2["daemon"] else "its daemon is not running"))
    beside = ", ".join(f"{app['name']} {app['status']}" for app in pm2.get("apps", ())[1:])
    workers = human_count(len(pm2["workers"]), "worker")
    evidence = f"{workers}; {beside}" if beside else workers
    return check_of("PM2 is running", evidence, problem, "restart")


def public_checks(outside: PublicLook | None) -> tuple[Check, ...]:
    """Return the check from outside; none where it was not made."""
    if outside is None:
        return ()
    took = (
        f"{outside['status']} from {outside['url']} in {human_seconds(outside['latency_seconds'])}"
    )
    show = f"curl -sSI {outside['url']}"
    if outside["ok"] and outside["warning"]:
        return (Check("users reach it", "warning", outside["warning"], show),)
    return (check_of("users reach it", took, outside["reason"], show),)
