"""The receiver of GitHub's deliveries as it is on a host: looked at, asked, and put there."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import Any

from ..host.door import Host
from ..host.package import package
from ..host.programs import shell_program
from ..pure.answers import answered, last_line
from ..pure.clean import one_line
from ..pure.decode import UnexpectedError
from ..pure.errors import HostError, PreflightError
from ..pure.host_codes import is_refusal
from ..pure.outcome import Report
from ..pure.receiver import expected_of, is_as_wanted, pm2_entry, receiver_app, receiver_digest
from ..pure.shell import Argv, Command
from ..pure.told import LONGEST_FACT
from ..pure.tool import Tool, host_inventory
from ..pure.webhook_check import check_secrets
from .env import read
from .facts import Facts
from .lock import locked
from .recover import ready
from .steps import Steps
from .tool import bring

HOME = ".deploy/webhook"
_START_SECONDS = 120


def seen(host: Host) -> Facts:
    """Return what is so of the receiver: what is installed, who listens, what answers."""
    return host.ask("receiverseen", **_told(host))


def question(host: Host, facts: Facts, *words: str) -> Argv:
    """Return the command that asks the receiver's books; raise PreflightError without a receiver.

    The words are those of `receiver/asked.py`; `facts` are those of `seen`.
    """
    config = facts["config"]
    if not (config and config.get("root") and config.get("python")):
        raise PreflightError(f"no receiver is installed on {host.name}", "webhook.install")
    variables = (f"PYTHONPATH={config['root']}", "PYTHONSAFEPATH=1")
    return ("env", *variables, config["python"], "-m", "fabfile.receiver.asked", *words)


def asked(host: Host, facts: Facts, *words: str) -> dict[str, Any]:
    """Return what the receiver's books answer to this question; raise PreflightError, HostError."""
    out = host.capture(*question(host, facts, *words))
    try:
        answer = last_line(out)
        if not is_refusal(answer) and "error" not in answer:
            return answered(f"asked {words[0]}", answer)
    except UnexpectedError:
        message = f"the records of the receiver on {host.name} gave no answer"
        raise HostError(message, "logs --webhook") from None
    if is_refusal(answer):
        raise host.error(answer)
    # As receivers of older versions refuse.
    why = one_line(host.veiled(str(answer["error"])))[:LONGEST_FACT]
    raise PreflightError(f"the receiver on {host.name} refused: {why}", "webhook.install")


def install(host: Host, *, without_pm2: bool) -> Report:
    """Put the receiver on the host and start it, with what starts it again after a reboot.

    What is as it should be already is left alone. Raise PreflightError for a host that cannot
    have one, HostError when it does not come to answer.
    """
    with locked(host, "webhook.install") as lock:
        facts = ready(host, lock)
        _refuse(host, facts)
        steps = Steps(host)
        by = _by(host, facts, without_pm2=without_pm2)
        tool = bring(host, steps, f"{host.app.project_dir}/{HOME}")
        files = _files(host, tool)
        digest = receiver_digest(host.app, tool, by, files)
        now = seen(host)
        data = _data(host, tool, by)
        if is_as_wanted(now, digest, by):
            return Report("unchanged", {**data, "pid": now["config"]["pid"]})
        if host.dry_run:
            _tell(host, files, by)
            return Report("success", data)
        with steps.step("receiver"):
            started = _start(host, tool, by, files, digest)
    _warn(host)
    return Report("success", {**data, **started, "steps": steps.done})


def _start(host: Host, tool: Tool, by: str, files: dict[str, str], digest: str) -> dict[str, Any]:
    config = {name: value for name, value in asdict(tool).items() if name not in {"digest", "made"}}
    started = host.tell(
        "receiverstart",
        timeout=_START_SECONDS,
        **_told(host),
        files=files,
        config={**config, "by": by, "port": host.app.webhook.port},
        digest=digest,
        keep=list(tool.made),
    )
    if by == "pm2":
        host.tell("reboot")
    return {"pid": started["pid"]}


def _refuse(host: Host, facts: Facts) -> None:
    """Raise PreflightError when a receiver could not do its work here."""
    app = host.app
    if not facts["live"]:
        message = f"nothing was deployed to {host.name} by this tool yet"
        raise PreflightError(message, "deploy.setup")
    expected_of(app)
    # What is read here is hidden from all that is said.
    for one in check_secrets(app.env_file, {**facts["env"], "text": read(host)[0].text}):
        if one.stops:
            raise PreflightError(one.text, one.hint)


def _by(host: Host, facts: Facts, *, without_pm2: bool) -> str:
    """Return who keeps the receiver up: PM2, or cron where that cannot."""
    if without_pm2 or facts["pm2"]["available"]:
        return "cron" if without_pm2 else "pm2"
    host.note("PM2 cannot be used here: cron starts the receiver")
    return "cron"


def is_drifted(host: Host, facts: Facts) -> bool:
    """Return whether the receiver runs other code than this, or goes by another inventory."""
    config, sent = facts["config"], facts["inventory"]
    if not config:
        return False
    told = hashlib.sha256(host_inventory(host.spec).encode()).hexdigest()
    other_inventory = bool(host.way and sent) and str(sent) != told
    return other_inventory or str(config.get("code")) != package().digest


def _files(host: Host, tool: Tool) -> dict[str, str]:
    home = f"{host.app.project_dir}/{HOME}"
    entry = pm2_entry(host.app, tool, home)
    files = {"pm2.json": json.dumps({"apps": [entry]}, indent=1), "keep.sh": shell_program("keep")}
    return files if host.way is None else {**files, "hosts.toml": host_inventory(host.spec)}


def _tell(host: Host, files: dict[str, str], by: str) -> None:
    for name in files:
        host.would(Command(("write", f"{HOME}/{name}")))
    host.would(Command(("write", ".deploy/webhook.json")))
    if by == "cron":
        host.would(Command(("crontab", "-")))
        host.would(Command(("bash", f"{HOME}/keep.sh")))
        return
    app = receiver_app(host.app)
    host.would(Command(("pm2", "delete", app)))
    host.would(Command(("pm2", "start", f"{HOME}/pm2.json", "--only", app)))
    host.would(Command(("pm2", "save", "--force")))


def _warn(host: Host) -> None:
    if not host.app.webhook.url:
        host.note(f"try it: {host.typed('webhook.ping')}; then tell GitHub of it, see README.md")


def _told(host: Host) -> dict[str, Any]:
    """Return the parameters of the programs for the receiver: its own name in PM2 is app."""
    return {"app": receiver_app(host.app), "webhook": asdict(host.app.webhook)}


def _data(host: Host, tool: Tool, by: str) -> dict[str, Any]:
    return {
        "by": by,
        "address": host.app.webhook.address,
        "url": host.app.webhook.url,
        "python": tool.python,
        "root": tool.root,
    }
