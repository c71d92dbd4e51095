"""A Host on this machine for the tests: the real line, a listener that remembers."""

from mantodeus_ops import events
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

    def emit(self, event):
        """Remember what happened."""
        match event:
            case events.StepOutput(text):
                self.output += text
            case events.StepProgress(done, total):
                self.progress = (done, total)
            case events.Step(step, status):
                self.steps.append((step, status))
            case events.Note(text):
                self.notes.append(text)
            case events.WouldRun(command):
                self.commands.append(command)
            case _:
                self._of_the_app(event)

    def _of_the_app(self, event):
        match event:
            case events.AppLine(source, text):
                self.lines.append((source, text))
            case events.Sample(seen):
                self.samples.append(seen)

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
