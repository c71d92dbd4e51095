"""The demo: a real app is deployed, then broken in two ways, and never goes down for it."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

from .box import PROGRAMS, Sandbox
from .commands import SandboxError, terminal_env
from .shelf import shelf

NEXT_PAGE = (
    "<!doctype html>\n<title>Manager</title>\n<p>second, revision <code>%REVISION%</code></p>\n"
)
ROLLED_BACK = 5
BOLD, PLAIN = ("\033[1m", "\033[0m") if sys.stdout.isatty() else ("", "")


def demo_root() -> Path:
    """Return the folder of the demo; there is one an account."""
    return shelf() / "demo"


def main(argv: list[str]) -> int:
    """Run the demo, or `shell` or `stop` of it; return the exit code."""
    box = Sandbox(demo_root())
    if argv[:1] == ["stop"]:
        box.stop()
        return 0
    if argv[:1] == ["shell"]:
        return open_shell(box, argv[1:])
    try:
        show(box)
    except SandboxError as error:
        print(f"\nThe demo failed: {error}", file=sys.stderr)
        return 1
    return 0


def open_shell(box: Sandbox, args: list[str]) -> int:
    """Replace this process by a shell at the demo; arguments go to bash."""
    env = box.env() | terminal_env()
    env["PATH"] = f"{PROGRAMS}:{env['PATH']}"
    os.execvpe(shutil.which("bash") or "bash", ["bash", "--norc", *args], env)  # noqa: S606


def show(box: Sandbox) -> None:
    """Do the whole demo, and leave the app running."""
    say("Making a sandbox: a git origin, an sshd, a PM2 and npm's packages (first time: slow).")
    box.stop()
    box.start()
    first = box.origin.revision()
    prepare(box)
    deploy_well(box, first)
    survive(box)
    step(box, "One look at everything.", "status", expect=0)
    print(farewell(box))


def prepare(box: Sandbox) -> None:
    """Set the host up, and write its `.env` as a person does once."""
    say("Writing the app's .env on the host, as a person does once.")
    box.manager.write_env()
    step(box, "An empty host: clone, first deploy, start at reboot.", "deploy.setup", expect=0)


def deploy_well(box: Sandbox, first: str) -> None:
    """Deploy a second version that works."""
    answers(box, first)
    second = box.origin.release({"src/index.html": NEXT_PAGE}, "Second release")
    step(box, "A second release; its dependencies are unchanged.", "deploy", expect=0)
    answers(box, second)


def survive(box: Sandbox) -> None:
    """Deploy two versions that fail; the one before must stay, and the origin is put right."""
    good = box.manager.page()
    box.origin.behave("A release that dies at start", start="die")
    step(box, "A release that dies at start: the boot test must stop it.", "deploy", expect=1)
    answers(box, good)
    box.origin.behave("A release that turns unhealthy", health="unhealthy-live")
    intro = "A release that only fails once it is live: it must be rolled back by itself."
    step(box, intro, "deploy", expect=ROLLED_BACK)
    answers(box, good)
    box.origin.behave("A good release again")


def step(box: Sandbox, intro: str, *task: str, expect: int) -> None:
    """Say what comes, run `fab` in full view, and insist on the exit code."""
    argv = ["fab", "-H", "manager", *task]
    say(intro)
    print(f"$ {shlex.join(argv)}", flush=True)
    code = box.call(*argv)
    if code != expect:
        raise SandboxError(f"{shlex.join(argv)}: exit code {code}, expected {expect}")
    print(f"exit code {code}, as expected")


def answers(box: Sandbox, expected: str) -> None:
    """Ask the app's page, show what it answers, and insist on the revision."""
    page = box.manager.page()
    print(f"{box.manager.url} answers: {page}", flush=True)
    if page != expected:
        raise SandboxError(f"{box.manager.url} should answer with revision {expected}")


def say(text: str) -> None:
    """Print what happens next."""
    print(f"\n{BOLD}== {text}{PLAIN}", flush=True)


def farewell(box: Sandbox) -> str:
    """Return where everything is and what to type next."""
    return f"""
{BOLD}The app keeps running.{PLAIN}
  page        {box.manager.url}
  inventory   {box.inventory}
  host        {box.manager.project_dir}
  look        make demo-shell    then, for example:  fab -H manager deploy
  remove      make demo-stop"""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
