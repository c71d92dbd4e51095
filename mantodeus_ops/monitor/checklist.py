"""The checklists before and after a deploy: checks with evidence and fixes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mantodeus_ops.app.node_contract import node_findings, node_wishes, wishes_shown
from mantodeus_ops.findings import RED
from mantodeus_ops.inventory.parse import App
from mantodeus_ops.monitor.checklist_line import (
    Check,
    access_checks,
    check_of,
    check_of_findings,
    pm2_check,
    public_checks,
)
from mantodeus_ops.monitor.host_findings import disk_findings, env_findings
from mantodeus_ops.monitor.public_check import PublicLook
from mantodeus_ops.monitor.status_report import (
    HEALTH,
    crash_loop,
    last_deploy,
    recovery_command,
    status_report,
)
from mantodeus_ops.remote.answers.check import CheckFacts
from mantodeus_ops.remote.answers.facts import Facts, Health
from mantodeus_ops.results import TaskResult
from mantodeus_ops.text.format import human_bytes, human_count, human_seconds, short
from mantodeus_ops.transaction.lock_messages import describe

_BROKEN = 500
_MISSING = 400
_SHOWN = 5


def before(app: App, facts: Facts, outside: PublicLook | None = None) -> tuple[Check, ...]:
    """Return the checklist before a deploy, in a fixed order; extras come last."""
    return (
        _status(app, facts),
        _tree(facts),
        _backup_directory(app, facts),
        _disk(app, facts),
        pm2_check(facts),
        *_node(facts),
        _health(app, facts),
        _env(app, facts),
        _lock(facts),
        _reboot(facts),
        *access_checks(facts),
        *public_checks(outside),
    )


def after(app: App, facts: Facts, outside: PublicLook | None = None) -> tuple[Check, ...]:
    """Return the checklist after a deploy, in a fixed order."""
    checked = facts["check"]
    return (
        _completed(facts),
        _health(app, facts),
        _errors(facts),
        *((*_responds(checked), _critical(checked)) if checked else ()),
        _backup(facts),
        *public_checks(outside),
    )


def checklist_report(name: str, lines: Sequence[Check]) -> TaskResult:
    """Return the result of a checklist; exit code 7 when a check fails."""
    failed = [line for line in lines if line.result == "fail"]
    warnings = sum(line.result == "warning" for line in lines)
    rows = [_row(line) for line in lines]
    data = {"checklist": name, "lines": rows, "failed": len(failed), "warnings": warnings}
    if not failed:
        return TaskResult("success", data)
    text = "; ".join(f"{line.name}: {line.evidence}" for line in failed)
    red = f"{len(failed)} of {len(lines)} failed: {text}"
    return TaskResult("failed", data, RED, red, failed[0].hint)


def _row(check: Check) -> dict[str, str]:
    """Return a check as it is in the JSON of the task."""
    return {
        "name": check.name,
        "result": check.result,
        "evidence": check.evidence,
        "mend": check.hint,
    }


def _status(app: App, facts: Facts) -> Check:
    result = status_report(facts, app=app.name)
    restarts = sum(worker["restarts"] for worker in facts["pm2"]["workers"])
    ok = f"online for {result.data['uptime_human']}, {human_count(int(restarts), 'restart')}"
    if not result.error and crash_loop(facts):
        times = human_count(facts["crashes"]["count"], "time")
        return Check("status passes", "warning", f"it crashed {times} in ten minutes", "logs --err")
    return check_of("status passes", ok, result.error, result.hint)


def _tree(facts: Facts) -> Check:
    dirty = list(facts["git"].get("dirty", ()))
    names = ", ".join(dirty[:_SHOWN]) + (" …" if len(dirty) > _SHOWN else "")
    count = "1 file differs" if len(dirty) == 1 else f"{len(dirty)} files differ"
    problem = f"{count} from {_at(facts)}: {names}" if dirty else ""
    line = check_of(
        "no uncommitted changes",
        f"as {_at(facts)}",
        problem,
        "deploy --allow-dirty  # keeps a patch",
    )
    return replace(line, host=True)


def _at(facts: Facts) -> str:
    return short(facts["git"].get("head", "")) or "no commit"


def _backup_directory(app: App, facts: Facts) -> Check:
    name = "backup directory is writable"
    if not facts["project"]["backups_writable"]:
        text = f"{app.backup_dir} is not writable for {facts['user']}"
        return Check(
            name, "fail", text, f"chmod u+rwx {app.project_dir}/{app.backup_dir}", host=True
        )
    if facts["check"] and not facts["check"]["backups_present"]:
        return Check(name, "warning", f"{app.backup_dir} does not exist yet", "backup")
    return Check(name, "ok", app.backup_dir, host=True)


def _disk(app: App, facts: Facts) -> Check:
    free = f"{human_bytes(facts['disk']['free'])} free"
    return check_of_findings("disk space", free, disk_findings(app, facts))


def _node(facts: Facts) -> tuple[Check, ...]:
    """Return the check of node's version against what the app asks for."""
    node, checked = facts.get("runtime"), facts["check"]
    if not node or not checked:
        return ()
    wishes = node_wishes(checked.get("packages", {}), checked.get("node_files", {}))
    findings = node_findings(wishes, node)
    return (check_of_findings("node fits the app", wishes_shown(wishes, node), findings),)


def _health(app: App, facts: Facts) -> Check:
    health: Health = facts["health"] or {"healthy": False, "reason": "it was not checked"}
    took = f"200 in {human_seconds(health.get('seconds', 0.0))} from {_place(app.health_url)}"
    if not health.get("asked", True):
        took = "not asked, as health_url is empty: its processes stay up"
    reason = "" if health["healthy"] else health.get("reason", "it was not checked")
    return check_of(HEALTH, took, reason, recovery_command(facts["pm2"]))


def _place(url: str) -> str:
    """Return an address without its query."""
    return url.partition("?")[0]


def _env(app: App, facts: Facts) -> Check:
    names = human_count(len(app.required_env), "required name")
    findings = env_findings(app, facts)
    return check_of_findings("environment is set", f"{app.env_file}, {names}", findings)


def _lock(facts: Facts) -> Check:
    lock = facts["lock"]
    busy = "" if lock["verdict"] in {"free", "dead"} else describe(lock)
    hint = "deploy.unlock" if lock["verdict"] == "frozen" else "deploy.follow"
    if open_run := facts.get("open_run"):
        text = f"the {open_run['task']} of {open_run['who']} was interrupted"
        return Check(
            "no run is unfinished", "warning", f"{text}; the next deploy recovers it", "restart"
        )
    # The deploy itself holds the lock at this point.
    return replace(check_of("no run is unfinished", "the lock is free", busy, hint), host=True)


def _reboot(facts: Facts) -> Check:
    reboot = facts["check"]["reboot"] if facts["check"] else None
    present = reboot and reboot["present"]
    text = "" if present else "no line in the crontab brings PM2 back after a reboot"
    if reboot and not reboot["known"]:
        text = "this host has no crontab: after a reboot PM2 must be started by hand"
    return check_of(
        "starts after a reboot", "the crontab has its line", text, "deploy.setup", warns=True
    )


def _completed(facts: Facts) -> Check:
    name, last, live = "deploy completed", last_deploy(facts["history"]), facts["live"]
    if facts.get("open_run"):
        return Check(
            name, "fail", "it was interrupted and never finished", "restart  # recovers it first"
        )
    if last is None or live is None:
        return Check(name, "fail", "nothing was deployed by this tool yet", "deploy")
    revision = short(str(last.get("revision", ""))) or "an unknown revision"
    description = f"{last['task']} of {revision}"
    if last.get("status") != "success":
        reason = last.get("error") or last.get("status")
        return Check(name, "fail", f"the {description} failed: {reason}", "deploy.history")
    if facts["git"].get("head") != live.get("revision"):
        text = f"the work tree is at {_at(facts)}, what was deployed is {short(live['revision'])}"
        return Check(name, "fail", text, "deploy")
    return Check(name, "ok", f"{description} by {last.get('who', 'an unknown account')}")


def _errors(facts: Facts) -> Check:
    errors = facts["check"].get("errors", []) if facts["check"] else []
    text = f"the app wrote errors since it started: {errors[-1]}" if errors else ""
    return check_of("no errors in the log", "none since it started", text, "logs --err", warns=True)


def _responds(checked: CheckFacts) -> tuple[Check, ...]:
    """Return the check of the first page; none for an app without HTTP."""
    page = checked["page"]
    if not page["url"]:
        return ()
    bad = not page["status"] or page["status"] >= _BROKEN
    text = f"{page['url']} {page['error'] or 'answered'} {page['status'] or ''}".rstrip(" ")
    return (check_of("answers requests", text, text if bad else "", "logs --err"),)


def _critical(checked: CheckFacts) -> Check:
    name, pages = "critical features work", checked["critical"]
    if not pages:
        text = "no critical URLs are configured"
        return Check(name, "warning", text, "set critical_urls in the inventory")
    bad = [page for page in pages if not page["status"] or page["status"] >= _MISSING]
    problems = "; ".join(f"{page['url']} {page['error'] or page['status']}" for page in bad)
    text = "1 address answers" if len(pages) == 1 else f"{len(pages):,} addresses answer"
    return check_of(name, text, problems, "logs --err")


def _backup(facts: Facts) -> Check:
    last, names = last_deploy(facts["history"]), {backup["name"] for backup in facts["backups"]}
    name = str((last or {}).get("backup") or "")
    if name and name in names:
        return Check("backup was made", "ok", name)
    if not facts["backups"]:
        return Check("backup was made", "fail", "there is no backup at all", "backup")
    text = f"{name} is not there any more" if name else "the last deploy made none"
    return Check("backup was made", "warning", text, "backup")
