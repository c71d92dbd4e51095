"""The checklist before a deploy: problems, each with a command that fixes it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from mantodeus_ops.app.path_rules import place_findings
from mantodeus_ops.deploy.app_files import written_findings
from mantodeus_ops.deploy.plan import DeployOptions, Plan
from mantodeus_ops.deploy.pm2_script import is_process_file, pm2_call
from mantodeus_ops.deploy.revision_findings import revision_findings
from mantodeus_ops.deploy.runtime_findings import runtime_findings
from mantodeus_ops.env.check_rules import tracked_by_git
from mantodeus_ops.errors import PreflightError
from mantodeus_ops.findings import Finding
from mantodeus_ops.install.package_json import package_scripts
from mantodeus_ops.inventory.parse import App
from mantodeus_ops.inventory.validators import overlap
from mantodeus_ops.monitor.host_findings import disk_findings, env_findings
from mantodeus_ops.remote.answers.deploy import RefTarget
from mantodeus_ops.remote.answers.facts import Facts, GitState
from mantodeus_ops.transaction.health_question import question_findings

_SHOWN = 10


def refuse_unreadable(app: App, git: GitState) -> None:
    """Raise PreflightError when git cannot read the checkout, or the project is a part of it."""
    if git.get("enclosing"):
        top, folder = git["enclosing"], git["folder"]
        raise PreflightError(
            f"project_dir is the folder {folder} of the clone in {top}; it must be the clone's top",
            f'set project_dir = "{top}" and root = "{folder}" in the inventory',
        )
    if git.get("error"):
        text = f"git cannot read the checkout: {git['error']}"
        raise PreflightError(text, f"git -C {app.project_dir} status")


def refuse_missing_root(app: App, target: RefTarget) -> None:
    """Raise PreflightError when the revision has no folder that `root` names."""
    if not target["root_present"]:
        text = f"the revision has no folder {app.root}, named by root in the inventory"
        raise PreflightError(text, "git ls-files '*package.json'")


def preflight(
    app: App, facts: Facts, target: RefTarget, plan: Plan, options: DeployOptions
) -> list[Finding]:
    """Return the findings against this deploy, blocking ones first."""
    findings = [
        *_host(app, facts, target),
        *place_findings(app, facts, saves=not options.skip_backup, swaps=plan.swaps),
        *_tree(facts, target, options),
        *_calls_of_pm2(app, target, plan),
        *runtime_findings(app, facts, target, plan),
        *revision_findings(app, facts, target),
        *([] if options.skip_health else question_findings(app, facts)),
        *written_findings(facts, plan.swaps, allowed=options.allow_dirty, assets=app.assets),
        *([tracked_by_git(app.env_file, stops=False)] if target["env_tracked"] else []),
        *env_findings(app, facts, target["env_example"]),
        *disk_findings(app, facts, plan.disk_needed),
    ]
    if not target["named_ecosystem"]:
        text = f"the revision has no file {app.ecosystem}, named by ecosystem in the inventory"
        findings.append(Finding(text, "git ls-files '*ecosystem*'"))
    elif plan.ecosystem and not is_process_file(plan.ecosystem):
        findings.append(_taken_for_a_script(plan.ecosystem))
    if app.build_outputs and not plan.build:
        findings.append(
            Finding(
                "the revision has no build script: it is deployed without a build",
                "npm pkg get scripts",
                stops=False,
            )
        )
    return sorted(findings, key=lambda finding: not finding.stops)


def _taken_for_a_script(file: str) -> Finding:
    """Return the finding that PM2 does not see by its name that a file is a process file."""
    stem, _, kind = file.rpartition(".")
    text = f"PM2 takes {file} for a script, as its name does not end with .config.cjs or .json"
    return Finding(text, f"git mv {shlex.quote(file)} {shlex.quote(f'{stem}.config.{kind}')}")


def _host(app: App, facts: Facts, target: RefTarget) -> list[Finding]:
    findings = []
    if not facts["project"]["writable"]:
        findings.append(
            Finding(
                f"{app.project_dir} is not writable for {facts['user']}",
                f"ls -ld {app.project_dir}",
            )
        )
    if not facts["project"]["backups_writable"]:
        findings.append(
            Finding(
                f"{app.backup_dir} is not writable for {facts['user']}", f"ls -ld {app.backup_dir}"
            )
        )
    findings += [
        Finding(f"{tool} is not on the host's PATH", "set path in the inventory")
        for tool in ("git", "tar", "npm", "timeout")
        if not facts["tools"].get(tool)
    ]
    if not facts["pm2"].get("available", True) and '"pm2"' not in target["package_json"]:
        text = "PM2 is not on PATH, in node_modules or available to npx"
        findings.append(Finding(text, "npm install -g pm2  # or set pm2 in the inventory"))
    if elsewhere := facts["pm2"].get("elsewhere"):
        text = f"PM2's app {elsewhere['name']} runs in {elsewhere['cwd']}, not in {app.project_dir}"
        findings.append(Finding(text, "set pm2_name in the inventory"))
    if facts["pm2"].get("error"):
        findings.append(Finding(f"PM2 does not answer: {facts['pm2']['error']}", "pm2 ping"))
    if facts["found"] not in ("", "path"):
        text = "node is not on PATH for commands over SSH; it was found by searching"
        findings.append(Finding(text, "set path in the inventory", stops=False))
    return findings


def _calls_of_pm2(app: App, target: RefTarget, plan: Plan) -> list[Finding]:
    """Return a warning for each command in the stage that calls PM2, which is isolated there."""
    scripts = package_scripts(target["package_json"])
    ran = {name: app.hooks.get(name, ()) for name in ("before_build", "after_build")}
    ran["before_commit"] = app.hooks.get("before_commit", ())
    ran["the build"] = (app.build_command or "npm run build",) if plan.build else ()
    return [
        Finding(
            f"{name} calls PM2 ({' '.join(call)}): in the stage it cannot reach the live app",
            "set hooks.after_commit in the inventory",
            stops=False,
        )
        for name, texts in ran.items()
        for text in texts
        if (call := pm2_call(text, scripts))
    ]


def _tree(facts: Facts, target: RefTarget, options: DeployOptions) -> list[Finding]:
    touched = [*facts["git"].get("dirty", ()), *target["in_the_way"]]
    restored = [name for name in touched if _is_restored(name, facts)]
    return [
        *_restored(restored),
        *_edited([name for name in touched if name not in restored], options),
    ]


def _is_restored(name: str, facts: Facts) -> bool:
    """Return whether a rollback put this file in place."""
    paths = (facts["live"] or {}).get("restored")
    return isinstance(paths, list) and any(overlap(name, str(path)) for path in paths)


def _restored(names: Sequence[str]) -> list[Finding]:
    if not names:
        return []
    text = f"a rollback restored {', '.join(names[:_SHOWN])}; they are saved as a patch first"
    return [Finding(text, "", stops=False)]


def _edited(touched: Sequence[str], options: DeployOptions) -> list[Finding]:
    if not touched:
        return []
    names = ", ".join(touched[:_SHOWN]) + (
        f" and {len(touched) - _SHOWN} more" if len(touched) > _SHOWN else ""
    )
    text = f"files on the host differ from the deployed version: {names}"
    if options.allow_dirty:
        return [Finding(f"{text}; they are saved as a patch first", "", stops=False)]
    return [Finding(text, "deploy --allow-dirty  # saves them as a patch, then replaces them")]
