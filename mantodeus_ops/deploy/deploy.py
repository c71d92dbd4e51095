"""The deploy task: stages a revision beside the live app, then activates it."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, field, replace

from mantodeus_ops.backup.job import backup_job, left_state, prune, verdict
from mantodeus_ops.deploy.final_check import final_check
from mantodeus_ops.deploy.legacy_json_fields import part_words
from mantodeus_ops.deploy.plan import DeployOptions, Plan, make_plan, swapped_paths
from mantodeus_ops.deploy.plan_commands import describe
from mantodeus_ops.deploy.preflight import preflight, refuse_missing_root, refuse_unreadable
from mantodeus_ops.deploy.stage import boot, fetch_revision, save_patch, stage
from mantodeus_ops.errors import OpsError, PreflightError, UnreachableError
from mantodeus_ops.git.git_commands import branch_ref, check_ref, refuse_another
from mantodeus_ops.json_types import JsonObject
from mantodeus_ops.monitor.check import warn_before
from mantodeus_ops.monitor.status_report import is_unhealthy
from mantodeus_ops.notify.announce import Announcer, announce_failures
from mantodeus_ops.remote.answers.backup import MadeBackup, NothingSaved
from mantodeus_ops.remote.answers.deploy import RecordedStage, RefTarget, StepRecord
from mantodeus_ops.remote.answers.facts import Facts
from mantodeus_ops.remote.answers.programs import RESOLVE_REF
from mantodeus_ops.remote.host import Host
from mantodeus_ops.text.format import short
from mantodeus_ops.transaction.activate import activate
from mantodeus_ops.transaction.failure_report import record_failure
from mantodeus_ops.transaction.lock import Lock, deploy_lock
from mantodeus_ops.transaction.recover import recover_and_gather_facts
from mantodeus_ops.transaction.steps import Steps

__all__ = ["DeployOptions", "DeployResult", "deploy"]


@dataclass(frozen=True, slots=True)
class DeployResult:
    """The result of a deploy."""

    status: str
    revision: str
    previous_revision: str
    backup: str = ""
    rolled_back: bool = False
    health: str = ""
    subject: str = ""
    steps: list[StepRecord] = field(default_factory=list)
    checks: dict[str, str] | None = None
    plan: JsonObject | None = None


@dataclass(slots=True)
class Run:
    """The state of a running deploy."""

    host: Host
    options: DeployOptions
    lock: Lock
    facts: Facts
    steps: Steps
    announcer: Announcer
    plan: Plan | None = None
    backup: str = ""
    manifest: MadeBackup = field(default_factory=NothingSaved)
    began: float = field(default_factory=time.monotonic)


def deploy(host: Host, options: DeployOptions) -> DeployResult:
    """Deploy the requested ref; return the result; raise OpsError, with the live app intact."""
    if options.ref:
        check_ref(options.ref)
    else:
        options = replace(options, ref=host.app.branch, spelled=branch_ref(host.app.branch))
    with deploy_lock(host, "deploy", ref=options.ref) as lock:
        facts = recover_and_gather_facts(host, lock, "health", "env", "written")
        with announce_failures(host, "deploy") as announcer:
            run = Run(host, options, lock, facts, Steps(host), announcer)
            try:
                return _deploy(run)
            except OpsError as error:
                error.details = _details(run, error)
                _record_failure(run, error)
                raise


def _deploy(run: Run) -> DeployResult:
    _refuse_without_clone(run)
    if not run.host.dry_run:
        fetch_revision(run.host, run.steps)
    target = _target(run)
    plan = run.plan = make_plan(run.host.app, run.options, run.facts, target)
    if plan.unchanged:
        run.host.info(f"{short(plan.revision)} is {run.host.app.good_state}: nothing to do")
        well = run.host.app.good_health
        return DeployResult(
            "unchanged", plan.revision, plan.previous, health=well, steps=run.steps.done
        )
    _refuse_findings(run, target, plan)
    if run.host.dry_run:
        return _dry(run, plan)
    return _make_live(run, plan, target)


def _make_live(run: Run, plan: Plan, target: RefTarget) -> DeployResult:
    host, steps = run.host, run.steps
    host.info(plan.summary)
    run.announcer.tell("started", revision=plan.revision, subject=plan.subject)
    saving = None
    if not run.options.skip_backup:
        saving = backup_job(host, run.facts, reason=f"before deploy of {short(plan.revision)}")
        saving.launch()
    try:
        staged = stage(host, plan, run.facts, steps)
        if host.app.boot_test and not run.options.skip_boot_test:
            boot(host, plan, steps)
    except BaseException:
        if saving:
            with suppress(UnreachableError):  # it then continues on the host, as the error says
                saving.stop()
        raise
    if saving:
        manifest = steps.run(saving).result
        run.backup, run.manifest = str(manifest.get("name", "")), manifest
        prune(host, pinned=[run.backup])
    _save_patch(run, target, plan)
    ended = activate(
        host, steps, task="deploy", run=run.lock.run, **_activation_params(run, plan, staged)
    )
    result = ended.result
    steps.done[:] = result.get("steps", steps.done)
    about = {"run": run.lock.run, "ref": plan.ref, "revision": plan.revision, "backup": run.backup}
    checks = final_check(host, steps, keep=run.options.skip_health, **about)
    run.announcer.tell("done", revision=plan.revision, seconds=result.get("seconds"))
    return DeployResult(
        "success",
        plan.revision,
        plan.previous,
        run.backup,
        health="unhealthy" if is_unhealthy(checks) else host.app.good_health,
        subject=plan.subject,
        steps=steps.done,
        checks=checks,
    )


def _activation_params(run: Run, plan: Plan, staged: RecordedStage) -> JsonObject:
    git = run.facts["git"]
    live = {
        "revision": plan.revision,
        "ref": plan.ref,
        "entry": staged["entry"],
        "modules": plan.dependencies.digest,
        "staged": dict(plan.staged),
        "started_by": plan.started_by,
        "made": staged["made"],
        "installed": staged["installed"],
        "at": time.time(),
    }
    return {
        "ref": plan.ref,
        "revision": plan.revision,
        "previous_revision": plan.previous,
        "head": git["head"],
        "head_branch": git["branch"],
        "swaps": swapped_paths(staged["made"], run.facts["made"]),
        "checkout": list(plan.checkout),
        "entry": staged["entry"],
        "live": live,
        "backup": run.backup,
        **left_state(run.manifest),
        "left_verdict": verdict(run.facts),
        "spent": round(time.monotonic() - run.began, 3),
        "skip_health": run.options.skip_health,
        "take_along": run.options.allow_dirty,
    }


def _refuse_without_clone(run: Run) -> None:
    git = run.facts["git"]
    refuse_unreadable(run.host.app, git)
    if not run.facts["project"]["present"] or not git["present"] or not git.get("head"):
        message = f"{run.host.app.project_dir} on {run.host.name} holds no git checkout of the app"
        raise PreflightError(message, run.host.command_for("deploy.setup"))


def _target(run: Run) -> RefTarget:
    app = run.host.app
    live = (*run.facts["backup_paths"], "node_modules", *app.build_outputs)
    measure = list(dict.fromkeys(live))
    target = run.host.query(
        RESOLVE_REF,
        timeout=600,
        ref=run.options.spelled or run.options.ref,
        dry=run.host.dry_run,
        ecosystem=app.ecosystem,
        measure=measure,
    )
    refuse_another(run.options.ref, target["revision"])
    refuse_missing_root(app, target)
    return target


def _refuse_findings(run: Run, target: RefTarget, plan: Plan) -> None:
    warn_before(run.host, run.facts)
    findings = preflight(run.host.app, run.facts, target, plan, run.options)
    for finding in findings:
        if not finding.stops:
            run.host.info(f"warning: {finding.text}")
    stopping = [finding for finding in findings if finding.stops]
    if stopping:
        raise PreflightError("; ".join(finding.text for finding in stopping), stopping[0].hint)


def _dry(run: Run, plan: Plan) -> DeployResult:
    plan_data = describe(run.host.app, plan, run.options, run.facts["disk"]["free"])
    return DeployResult(
        "success", plan.revision, plan.previous, subject=plan.subject, plan=plan_data
    )


def _save_patch(run: Run, target: RefTarget, plan: Plan) -> None:
    """Save the edits on the host as a patch before the deploy replaces them."""
    touched = [*run.facts["git"].get("dirty", ()), *target["in_the_way"]]
    if save_patch(run.host, run.lock.run, touched):
        run.host.info(f"{len(touched)} files are replaced by {short(plan.revision)}")


def _details(run: Run, error: OpsError) -> dict[str, object]:
    plan = run.plan
    details: dict[str, object] = {
        "revision": plan.revision if plan else "",
        "previous_revision": plan.previous if plan else run.facts["git"].get("head", ""),
        "backup": run.backup,
        "rolled_back": error.status == "rolled_back",
        "steps": run.steps.done,
        **error.details,
    }
    return details | part_words(run.steps.done)


def _record_failure(run: Run, error: OpsError) -> None:
    """Record a failure before the activation, which records its failures itself."""
    if not run.host.dry_run and not error.recorded:
        record_failure(run.host, run.lock, "deploy", run.options.ref, run.began, error)
