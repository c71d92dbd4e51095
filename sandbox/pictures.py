"""Pictures of what a person sees, drawn from a real app in a sandbox: `make pictures`."""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console, RenderableType
from rich.text import Text

from mantodeus_ops.events import Event, NullListener, Sample
from mantodeus_ops.inventory.parse import parse_inventory
from mantodeus_ops.monitor.watch import watch
from mantodeus_ops.remote.connect import ConnectionPool
from mantodeus_ops.remote.options import Options
from mantodeus_ops.ui.watch_board import LiveBoard

from .box import PROGRAMS, Sandbox
from .commands import CHECKOUT
from .demo import NEXT_PAGE

COLUMNS = 100
WIDE = 130  # for what has charts
NARROW = 80  # for what is seen most
WATCHED_SECONDS = 25.0
CURSOR = re.compile(r"\x1b\[\?25[lh]")
GONE = re.compile(r"[^\n]*\n\r?\x1b\[1A\x1b\[2K")  # a live line that was taken away


class Terminal(io.StringIO):
    """A terminal that nobody looks at."""

    def isatty(self) -> bool:
        """Return that it is one."""
        return True


class Shown(NullListener):
    """A Listener that draws samples on a board of its own."""

    def __init__(self) -> None:
        self.board = LiveBoard(Terminal(), {"COLUMNS": str(WIDE)})

    def emit(self, event: Event) -> None:
        """Take a sample in."""
        if isinstance(event, Sample):
            self.board.hear("here", event.seen)


def main(folder: str) -> int:
    """Draw every picture into this folder; return the exit code."""
    place = Path(folder)
    with Sandbox() as box:
        box.manager.write_env()
        for task in ("deploy.setup", "deploy.restart", "deploy"):
            box.call("inv", task)
        revision = {"NEWS": "one\n", "src/index.html": NEXT_PAGE}
        box.origin.release(revision, "A page that says second")
        draw(place / "deploy.svg", "fab -H manager deploy", typed(box, "deploy", NARROW), NARROW)
        box.hosts["manager"]["critical_urls"] = [box.manager.url]
        box.write_inventory()
        box.origin.release({"NEWS": "two\n"}, "Say something new")
        draw(place / "status.svg", "fab -H manager status", typed(box, "status"))
        (box.manager.project_dir / "package.json").open("a").write("\n")
        draw(place / "check.svg", "fab -H manager check", typed(box, "check"))
        draw_watch(place / "watch.svg", box)
    return 0


def typed(box: Sandbox, task: str, columns: int = COLUMNS) -> Text:
    """Return what a terminal shows in the end when somebody types the task."""
    env = box.env() | {"COLUMNS": str(columns), "TERM": "xterm-256color", "OPS_OPERATOR": "ann"}
    ours, theirs = pty.openpty()
    argv = [str(PROGRAMS / "fab"), "-H", "manager", task]
    with subprocess.Popen(argv, cwd=CHECKOUT, env=env, stdout=theirs, stderr=theirs):
        os.close(theirs)
        shown = b"".join(iter(lambda: _read(ours), b""))
    os.close(ours)
    lasting = GONE.sub("", CURSOR.sub("", shown.decode().replace("\r\n", "\n")))
    return Text.from_ansi(lasting.rstrip())


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # the other end of a terminal that closed
        return b""


def draw_watch(file: Path, box: Sandbox) -> None:
    """Watch the app for a while, while somebody else asks it for pages, and draw what was seen."""
    doors = ConnectionPool(
        parse_inventory(box.inventory.read_text(), str(box.inventory)), local=True
    )
    spec = parse_inventory(box.inventory.read_text(), str(box.inventory)).hosts["here"]
    shown = Shown()
    load = ["bash", "-c", f"while sleep 0.4; do curl -s {box.manager.url} >/dev/null; done"]
    with subprocess.Popen(load) as asking:
        os.environ.update(box.env())
        watch(doors.host(spec, Options(here=True), shown), seconds=WATCHED_SECONDS)
        asking.kill()
    shown.board.close()
    draw(file, "inv monitor.watch", shown.board.drawn(), WIDE)


def draw(file: Path, title: str, what: RenderableType, width: int = COLUMNS) -> None:
    """Write the picture."""
    console = Console(record=True, width=width, file=io.StringIO(), force_terminal=True)
    console.print(what)
    file.write_text(console.export_svg(title=title), encoding="utf-8")
    print(file)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
