"""Goes through the checklist before a deploy, or the one after it."""

from __future__ import annotations

from dataclasses import replace

from mantodeus_ops.app.facts import gather_facts
from mantodeus_ops.errors import OpsError
from mantodeus_ops.monitor.checklist import after, before, checklist_report
from mantodeus_ops.monitor.checklist_line import Check
from mantodeus_ops.monitor.status import look_from_here
from mantodeus_ops.remote.answers.facts import Facts
from mantodeus_ops.remote.host import Host
from mantodeus_ops.results import TaskResult
from mantodeus_ops.text.hints import typed_hint

_HISTORY = 50


def check(host: Host, *, after_deploy: bool) -> TaskResult:
    """Return every line of the checklist; exit code 7 when one of them fails."""
    facts = gather_facts(host, "health", "check", "env", history=_HISTORY)
    listed = after if after_deploy else before
    lines = listed(host.app, facts, look_from_here(host))
    name = "after" if after_deploy else "before"
    return checklist_report(name, [_typed(host, line) for line in lines])


def warn_before(host: Host, facts: Facts) -> None:
    """Tell of each line before a deploy that is not ok and that the deploy does not look at."""
    for line in before(host.app, {**facts, "check": None}):
        if line.result == "fail" and not line.host:
            host.info(f"warning: {line.name}: no. {line.evidence}")


def run_post_deploy_checklist(host: Host) -> dict[str, str] | None:
    """Return the result of each line after a deploy, telling of those that are not ok.

    What is live is live: a check that cannot be made changes nothing of that, and gives None.
    """
    try:
        lines = check(host, after_deploy=True).data["lines"]
    except OpsError as error:
        host.info(f"warning: the checklist could not be gone through: {error.message}")
        return None
    for line in lines:
        # What the inventory leaves open is no news after each deploy.
        if line["result"] != "ok" and not line["mend"].startswith("set "):
            host.info(f"{line['result']}: {line['name']}: {line['evidence']}")
    host.info(f"watch it for a while: {host.command_for('monitor.watch')}")
    return {line["name"]: line["result"] for line in lines}


def _typed(host: Host, line: Check) -> Check:
    return replace(line, mend=typed_hint(line.mend, host.command_for("").rstrip(" ")))
