"""A Host on this machine for the tests: the real line, a listener that remembers."""

from mantodeus_ops.inventory.parse import App, HostSpec
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.local import LocalTransport
from mantodeus_ops.remote.options import Options


class Heard:
    """Remembers everything that it is told; answers every question alike."""

    def __init__(self, answer=""):
        self.answer = answer
        self.steps, self.output, self.notes, self.commands = [], "", [], []
        self.lines, self.samples = [], []

    def step_started(self, step):
        """Remember that a step began."""
        self.steps.append((step, "started"))

    def step_output(self, text):
        """Remember what a step printed."""
        self.output += text

    def step_progress(self, done: int, total: int) -> None:
        """Remember how far it was last."""
        self.progress = (done, total)

    def step_finished(self, step, status, seconds):
        """Remember how a step ended."""
        del seconds
        self.steps.append((step, status))

    def note(self, text):
        """Remember a note."""
        self.notes.append(text)

    def would(self, command):
        """Remember what would be run."""
        self.commands.append(command)

    def line(self, source, text):
        """Remember a line of the app."""
        self.lines.append((source, text))

    def sample(self, host, seen):
        """Remember a sample."""
        self.samples.append((host, seen))

    def ask(self, question):
        """Remember a question; return the answer."""
        self.notes.append(question)
        return self.answer


def host_at(folder, *, line=None, heard=None, options=None, **settings):
    """Return the host whose app is in this folder, reached by a line to this machine."""
    known = {"name": "manager", "health_url": "http://localhost:1/", **settings}
    spec = HostSpec("here", "local", app=App(project_dir=folder, **known))
    return Host(spec, line or LocalTransport(), options or Options(), heard or Heard())


def tree_of(folder):
    """Return every file and folder below, with mode and content."""
    return {
        str(path.relative_to(folder)): (
            path.lstat().st_mode,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in sorted(folder.rglob("*"))
    }
