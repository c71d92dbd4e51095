"""The task check: the checklists before and after a deploy."""

from __future__ import annotations

from dataclasses import replace

from mantodeus_ops.app.facts import gather_facts
from mantodeus_ops.errors import OpsError
from mantodeus_ops.monitor.checklist import after, before, checklist_report
from mantodeus_ops.monitor.checklist_line import Check
from mantodeus_ops.monitor.status import check_public_url
from mantodeus_ops.remote.answers.facts import Facts
from mantodeus_ops.remote.host import Host
from mantodeus_ops.results import TaskResult
from mantodeus_ops.text.hints import typed_hint

_HISTORY = 50


def check(host: Host, *, after_deploy: bool) -> TaskResult:
    """Return the checks of the checklist; exit code 7 when one fails."""
    name = "after" if after_deploy else "before"
    return checklist_report(name, _checks(host, after_deploy=after_deploy))


def _checks(host: Host, *, after_deploy: bool) -> list[Check]:
    facts = gather_facts(host, "health", "check", "env", history=_HISTORY)
    listed = after if after_deploy else before
    return [_typed(host, line) for line in listed(host.app, facts, check_public_url(host))]


def warn_before(host: Host, facts: Facts) -> None:
    """Show the failed checks that the deploy itself does not make."""
    for line in before(host.app, {**facts, "check": None}):
        if line.result == "fail" and not line.host:
            host.info(f"warning: {line.name}: no. {line.evidence}")


def run_post_deploy_checklist(host: Host) -> dict[str, str] | None:
    """Return the results of the checks after a deploy, and show those that are not ok.

    The new version is live already: a checklist that cannot be completed only gives None.
    """
    try:
        lines = _checks(host, after_deploy=True)
    except OpsError as error:
        host.info(f"warning: the checklist could not be completed: {error.message}")
        return None
    for line in lines:
        # Settings that the inventory omits are not reported after each deploy.
        if line.result != "ok" and not line.hint.startswith("set "):
            host.info(f"{line.result}: {line.name}: {line.evidence}")
    host.info(f"watch it for a while: {host.command_for('monitor.watch')}")
    return {line.name: line.result for line in lines}


def _typed(host: Host, line: Check) -> Check:
    return replace(line, hint=typed_hint(line.hint, host.command_for("").rstrip(" ")))
