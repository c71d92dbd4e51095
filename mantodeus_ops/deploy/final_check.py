"""The checklist after a deploy; an app that stays unhealthy is rolled back."""

from __future__ import annotations

from collections.abc import Mapping

from mantodeus_ops.errors import StepFailedError
from mantodeus_ops.json_types import JsonObject
from mantodeus_ops.monitor.check import run_post_deploy_checklist
from mantodeus_ops.monitor.status_report import is_unhealthy
from mantodeus_ops.remote.answers.programs import TAKE_BACK
from mantodeus_ops.remote.answers.refusals import is_refusal
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.jobs import program_job
from mantodeus_ops.text.format import short
from mantodeus_ops.text.suggest import clauses
from mantodeus_ops.transaction.activate import recorded_error
from mantodeus_ops.transaction.local_user import operator
from mantodeus_ops.transaction.steps import Steps

_LOOKS = 2  # an app that is still unhealthy at the second check is not waited for again


def final_check(host: Host, steps: Steps, *, keep: bool, **about: str) -> dict[str, str] | None:
    """Return the results of the checklist after a deploy; None where none was made.

    Raise as a commit does when the app is ill and stays so for as long as a deploy waits: the
    version before is live again then. `keep` leaves what is live as it is; the rest says which
    deploy it was (run, ref, revision, backup).
    """
    checks = None
    for attempt in range(1, _LOOKS + 1):
        checks = run_post_deploy_checklist(host)
        if keep or not is_unhealthy(checks):
            return checks
        host.info("the app became unhealthy again; waiting as long as for a deploy")
        _take_back(host, steps, about, patient=attempt < _LOOKS)
    return checks


def _take_back(host: Host, steps: Steps, about: Mapping[str, str], *, patient: bool) -> None:
    """Roll back unless the app becomes healthy; raise when it did not."""
    who, origin = operator()
    params: JsonObject = {**about, "task": "takeback", "who": who, "from": origin, "swaps": []}
    params |= {"hooks": dict(host.app.hooks), "steps": steps.done, "patient": patient}
    params["reason"] = "it was healthy only briefly"
    ended = program_job(host, "deploy", TAKE_BACK, lasting=True, **params).follow()
    if ended.code == 0:
        return
    if not ended.result or is_refusal(ended.result):
        why = host.error(ended.result).message if ended.result else ended.last
        live = short(about["revision"])
        text = clauses(f"{live} is live and unhealthy, and could not be rolled back", why)
        raise StepFailedError(text, host.command_for("rollback"))
    raise recorded_error(host, ended, steps)
