"""Installs, inspects and queries the webhook receiver on a host."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import TypeVar

from mantodeus_ops.env.inspect import read
from mantodeus_ops.errors import HostError, PreflightError
from mantodeus_ops.json_types import JsonObject
from mantodeus_ops.remote.answers.decode import UnexpectedError
from mantodeus_ops.remote.answers.facts import Facts
from mantodeus_ops.remote.answers.message_template import LONGEST_FACT
from mantodeus_ops.remote.answers.programs import (
    INSPECT_RECEIVER,
    START_AT_REBOOT,
    START_RECEIVER,
    Program,
    last_line,
)
from mantodeus_ops.remote.answers.refusals import is_refusal
from mantodeus_ops.remote.answers.webhook import ReceiverFacts
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.programs import shell_program
from mantodeus_ops.remote.shell import Argv, Command
from mantodeus_ops.results import TaskResult
from mantodeus_ops.text.sanitize import one_line
from mantodeus_ops.transaction.lock import deploy_lock
from mantodeus_ops.transaction.recover import recover_and_gather_facts
from mantodeus_ops.transaction.steps import Steps
from mantodeus_ops.webhook.receiver_spec import (
    expected_of,
    is_as_wanted,
    pm2_entry,
    receiver_app,
    receiver_digest,
)
from mantodeus_ops.webhook.self_install import install_tool
from mantodeus_ops.webhook.self_install_plan import InstalledTool, host_inventory
from mantodeus_ops.webhook.self_package import tool_archive
from mantodeus_ops.webhook.status_rules import check_secrets

T = TypeVar("T")
HOME = ".deploy/webhook"
_START_SECONDS = 120


def receiver_facts(host: Host) -> ReceiverFacts:
    """Return facts about the receiver: installation, listener and health."""
    app, settings = receiver_app(host.app), asdict(host.app.webhook)
    return host.query(INSPECT_RECEIVER, app=app, webhook=settings)


def query_command(host: Host, facts: ReceiverFacts, *words: str) -> Argv:
    """Return the command that queries the receiver's records; raise PreflightError without one.

    The words are those of `webhook/receiver/query.py`; `facts` are those of `seen`.
    """
    config = facts["config"]
    if not (config and config.get("root") and config.get("python")):
        raise PreflightError(f"no receiver is installed on {host.name}", "webhook.install")
    variables = (f"PYTHONPATH={config['root']}", "PYTHONSAFEPATH=1")
    return (
        "env",
        *variables,
        config["python"],
        "-m",
        "mantodeus_ops.webhook.receiver.query",
        *words,
    )


def ask_books(host: Host, facts: ReceiverFacts, program: Program[T], *arguments: str) -> T:
    """Return the answer of the receiver's records; raise PreflightError, HostError."""
    out = host.capture(*query_command(host, facts, program.step, *arguments))
    try:
        answer = last_line(out)
        if not is_refusal(answer) and "error" not in answer:
            return program.reader(answer)
    except UnexpectedError:
        message = f"the records of the receiver on {host.name} gave no answer"
        raise HostError(message, "logs --webhook") from None
    if is_refusal(answer):
        raise host.error(answer)
    # As receivers of older versions refuse.
    why = one_line(host.redacted(str(answer["error"])))[:LONGEST_FACT]
    raise PreflightError(f"the receiver on {host.name} refused: {why}", "webhook.install")


def install(host: Host, *, without_pm2: bool) -> TaskResult:
    """Install and start the receiver, and make it start after a reboot.

    What is as it should be already is left alone. Raise PreflightError for a host that cannot
    have one, HostError when it does not come to answer.
    """
    with deploy_lock(host, "webhook.install") as lock:
        facts = recover_and_gather_facts(host, lock)
        _refuse(host, facts)
        steps = Steps(host)
        by = _by(host, facts, without_pm2=without_pm2)
        tool = install_tool(host, steps, f"{host.app.project_dir}/{HOME}")
        files = _files(host, tool)
        digest = receiver_digest(host.app, tool, by, files)
        now = receiver_facts(host)
        data = _data(host, tool, by)
        if is_as_wanted(now, digest, by):
            return TaskResult(
                "unchanged", {**data, "pid": now["config"] and now["config"].get("pid")}
            )
        if host.dry_run:
            _tell(host, files, by)
            return TaskResult("success", data)
        with steps.step("receiver"):
            started = _start(host, tool, by, files, digest)
    _warn(host)
    return TaskResult("success", {**data, **started, "steps": steps.done})


def _start(
    host: Host, tool: InstalledTool, by: str, files: dict[str, str], digest: str
) -> dict[str, int]:
    config = {name: value for name, value in asdict(tool).items() if name not in {"digest", "made"}}
    started = host.call(
        START_RECEIVER,
        timeout=_START_SECONDS,
        **_receiver_params(host),
        files=files,
        config={**config, "by": by, "port": host.app.webhook.port},
        digest=digest,
        keep=list(tool.made),
    )
    if by == "pm2":
        host.call(START_AT_REBOOT)
    return {"pid": started["pid"]}


def _refuse(host: Host, facts: Facts) -> None:
    """Raise PreflightError when a receiver could not do its work here."""
    app = host.app
    if not facts["live"]:
        message = f"this tool has not deployed to {host.name} yet"
        raise PreflightError(message, "deploy.setup")
    expected_of(app)
    # What is read here is hidden from all that is said.
    for finding in check_secrets(app.env_file, {**facts["env"], "text": read(host)[0].text}):
        if finding.stops:
            raise PreflightError(finding.text, finding.hint)


def _by(host: Host, facts: Facts, *, without_pm2: bool) -> str:
    """Return what keeps the receiver running: PM2, or cron."""
    if without_pm2 or facts["pm2"].get("available"):
        return "cron" if without_pm2 else "pm2"
    host.info("PM2 cannot be used here: cron starts the receiver")
    return "cron"


def is_drifted(host: Host, facts: ReceiverFacts) -> bool:
    """Return whether the receiver runs other code or uses another inventory than here."""
    config, sent = facts["config"], facts["inventory"]
    if not config:
        return False
    expected = hashlib.sha256(host_inventory(host.spec).encode()).hexdigest()
    other_inventory = bool(host.target and sent) and str(sent) != expected
    return other_inventory or str(config.get("code")) != tool_archive().digest


def _files(host: Host, tool: InstalledTool) -> dict[str, str]:
    home = f"{host.app.project_dir}/{HOME}"
    entry = pm2_entry(host.app, tool, home)
    files = {
        "pm2.json": json.dumps({"apps": [entry]}, indent=1),
        "keep.sh": shell_program("webhook/supervise"),
    }
    return files if host.target is None else {**files, "hosts.toml": host_inventory(host.spec)}


def _tell(host: Host, files: dict[str, str], by: str) -> None:
    for name in files:
        host.preview(Command(("write", f"{HOME}/{name}")))
    host.preview(Command(("write", ".deploy/webhook.json")))
    if by == "cron":
        host.preview(Command(("crontab", "-")))
        host.preview(Command(("bash", f"{HOME}/keep.sh")))
        return
    app = receiver_app(host.app)
    host.preview(Command(("pm2", "delete", app)))
    host.preview(Command(("pm2", "start", f"{HOME}/pm2.json", "--only", app)))
    host.preview(Command(("pm2", "save", "--force")))


def _warn(host: Host) -> None:
    if not host.app.webhook.url:
        host.info(
            f"try it: {host.command_for('webhook.ping')}; "
            "then tell GitHub of it, see docs/webhook.md"
        )


def _receiver_params(host: Host) -> JsonObject:
    """Return the parameters of the programs for the receiver: its own name in PM2 is app."""
    return {"app": receiver_app(host.app), "webhook": asdict(host.app.webhook)}


def _data(host: Host, tool: InstalledTool, by: str) -> dict[str, str]:
    return {
        "by": by,
        "address": host.app.webhook.address,
        "url": host.app.webhook.url,
        "python": tool.python,
        "root": tool.root,
    }
