"""One veil over everything that leaves this process, whichever host has something to hide."""

import io
import subprocess
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path

import pytest

from mantodeus_ops.cli.task import task
from mantodeus_ops.errors import HostError, OpsError
from mantodeus_ops.events import Note, Step, WouldRun
from mantodeus_ops.fleet.resolve_hosts import ResolvedHosts
from mantodeus_ops.fleet.runner import Fleet, report_error
from mantodeus_ops.inventory.parse import App, HostSpec, Inventory
from mantodeus_ops.redaction.process import REDACTOR, ProcessRedactor, RedactingListener
from mantodeus_ops.remote.connect import ConnectionPool
from mantodeus_ops.remote.local import LocalTransport
from mantodeus_ops.remote.ssh.channel import SshTransport
from mantodeus_ops.remote.transport import ConnectionDropped
from mantodeus_ops.results import TaskResult
from tests.support.fake_host import Heard, host_at

SECRET = "c4nary-0ne's secret"
CHECKOUT = Path(__file__).parents[2]

LOGGING = f"""
import logging, sys, threading
early = logging.StreamHandler()
early.setFormatter(logging.Formatter("%(name)s %(message)s"))
class Own(logging.Formatter):
    def format(self, record):
        return repr(vars(record))
own = logging.StreamHandler()
own.setFormatter(Own())
logging.getLogger().addHandler(own)
logging.getLogger().addHandler(early)
logging.getLogger().setLevel(logging.DEBUG)
sys.path.insert(0, {str(CHECKOUT)!r})
from mantodeus_ops.redaction.process import REDACTOR
secret = {SECRET!r}
REDACTOR.add_secrets([secret])
for name in ("invoke", "fabric", "paramiko.transport", "any.other"):
    log = logging.getLogger(name)
    log.debug("plain %s", secret)
    log.info({{"a dict": secret}}, stack_info=True)
    log.warning("%d is no number", secret)
    try:
        raise ValueError(secret)
    except ValueError:
        log.exception("failed with %r", secret)
def die():
    raise RuntimeError("thread " + secret)
thread = threading.Thread(target=die)
thread.start()
thread.join()
try:
    raise KeyError(secret)
except KeyError as error:
    raise RuntimeError(f"main https://me:pass@example.com {{secret}}") from error
"""


def test_no_log_record_and_no_traceback_of_any_library_holds_a_secret():
    argv = [sys.executable, "-c", LOGGING]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "c4nary" not in done.stderr
    assert "me:pass" not in done.stderr
    for name in ("invoke", "fabric", "paramiko.transport", "any.other"):
        assert f"{name} plain [secret]\n" in done.stderr
        assert f"{name} failed with '[secret]'" in done.stderr.replace('"', "'")
        assert f"{name} %d is no number" in done.stderr
    assert done.stderr.count("\nValueError: [secret]\n") == 4
    assert "RuntimeError: thread [secret]\n" in done.stderr
    assert "RuntimeError: main https://[secret]@example.com [secret]\n" in done.stderr
    assert "Traceback" in done.stderr


@dataclass(frozen=True)
class Fact:
    """Something that a report may hold."""

    text: str
    parts: tuple[str, ...]


def test_every_text_in_a_value_is_veiled_and_all_else_stays():
    veil = ProcessRedactor()
    veil.add_secrets([SECRET])
    value = {"a": [SECRET, 1, None, 2.5], "b": Fact(SECRET, (SECRET, "x")), "c": {SECRET}}
    seen = veil.value(value)
    fact = Fact("[secret]", ("[secret]", "x"))
    assert seen == {"a": ["[secret]", 1, None, 2.5], "b": fact, "c": {"[secret]"}}


def test_hiding_what_is_hidden_already_makes_nothing_anew():
    veil = ProcessRedactor()
    veil.add_secrets([SECRET])
    before = veil.redactor
    veil.add_secrets([SECRET])
    assert veil.redactor is before
    assert before.text(SECRET) == veil.redactor.text(SECRET) == "[secret]"


def test_a_listener_behind_the_veil_hears_of_no_secret():
    heard, veil = Heard(SECRET), ProcessRedactor()
    veil.add_secrets([SECRET])
    veiled = RedactingListener(heard, veil)
    veiled.emit(Step(SECRET))
    veiled.emit(Step(SECRET, SECRET, 1.0))
    veiled.emit(Note(SECRET))
    veiled.emit(WouldRun(SECRET))
    assert veiled.ask(SECRET) == SECRET
    assert heard.steps == [("[secret]", "started"), ("[secret]", "[secret]")]
    assert (heard.notes, heard.commands) == (["[secret]", "[secret]"], ["[secret]"])


def told_by(body, capsys, *names, **options):
    """Return what a task on these hosts prints, on both streams."""
    app = App(name="app", project_dir=Path("/x"), health_url="http://h/")
    specs = tuple(HostSpec(name, "local", app=app) for name in names)
    doors = ConnectionPool(Inventory("hosts.toml", {}, {}, ""), local=False)
    Fleet(doors).run(task(name="probe")(body), ResolvedHosts(specs), options, dry=False)
    return "".join(capsys.readouterr())


def failed(host):
    """Fail with a secret of another host."""
    if host.name == "one":
        host.add_secrets([SECRET])
    raise HostError(f"error {SECRET}", f"hint {SECRET}")


def mistaken(host):
    """Make a mistake."""
    host.add_secrets([SECRET])
    raise ValueError(SECRET)


def reported(host):
    """Report a secret in every field."""
    if host.name == "one":
        host.add_secrets([SECRET])
        host.events.emit(Note(SECRET))
    return TaskResult("success", {"deep": [{"er": SECRET}], "told": SECRET})


@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize("body", [failed, mistaken, reported])
def test_a_secret_of_one_host_is_hidden_in_the_rows_of_all(body, as_json, capsys):
    said = told_by(body, capsys, "two", "one", "three", json=as_json)
    assert "c4nary" not in said
    assert said.count("[secret]") >= 3 or not as_json


def test_an_error_before_any_row_is_veiled(capsys):
    REDACTOR.add_secrets([SECRET])
    assert report_error(OpsError(f"error {SECRET}", f"hint {SECRET}"), "inv") == 1
    assert capsys.readouterr().err == "error: error [secret]\nhint: hint [secret]\n"


class Broken:
    """A channel, a child or a connection that fails in every way."""

    def __getattr__(self, name):
        raise OSError(f"{name} failed")


@pytest.mark.parametrize(
    "line", [LocalTransport(), SshTransport(Broken())], ids=["local", "remote"]
)
def test_no_error_of_a_line_carries_what_was_sent_over_it(line, mocker, tmp_path):
    mocker.patch("subprocess.Popen", side_effect=OSError("no process"))
    host = host_at(tmp_path, line=line)
    with pytest.raises((OpsError, OSError, ConnectionDropped)) as caught:
        host.execute(f"echo {SECRET}", SECRET.encode())
    shown = io.StringIO()
    traceback.print_exception(caught.value, file=shown)
    assert "c4nary" not in shown.getvalue()
