"""A hostile host's answers through every task that reads one: a row for it, and no more."""

import io
import json
import re
import resource
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from fabfile import ns
from mantodeus_ops.cli.task import task
from mantodeus_ops.errors import AnswerError
from mantodeus_ops.fleet.host_selector import read_selection
from mantodeus_ops.fleet.resolve_hosts import ResolvedHosts, resolve_hosts
from mantodeus_ops.fleet.runner import Fleet
from mantodeus_ops.redaction.process import REDACTOR
from mantodeus_ops.redaction.redactor import Redactor
from mantodeus_ops.remote.answers.programs import HOST_STATE
from mantodeus_ops.remote.connect import ConnectionPool
from mantodeus_ops.remote.local import LocalTransport
from mantodeus_ops.remote.shell import frame
from mantodeus_ops.remote.shell_script import query_shell
from mantodeus_ops.results import TaskResult
from mantodeus_ops.ssh import authorized_keys_file
from mantodeus_ops.ssh.host_requirements import summarize_requirements
from tests.support.fake_fleet import inventory_of
from tests.support.fake_host import host_at
from tests.support.faulty_transports import Strange
from tests.support.hostile_host import HostileLine, PlayedLine

ANSWERS = 10_000
GOOD = "good"
AT_ONCE = 25
MISTAKE = re.compile(r"(web\d+).*a bug in this tool: (.*)")
NEVER = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
OWN = {
    "backup.pull": {"to": ""},
    "deploy.deploy": {"ref": "main"},
    "env.unset": {"name": "PORT"},
    "monitor.watch": {"minutes": "0.01"},
    "webhook.redeliver": {"delivery": "push-0001"},
}
# They talk to an SSH server, a receiver, a terminal or files here, before or instead of a host.
ELSEWHERE = {"ssh.check", "ssh.keygen", "ssh.install", "ssh.trust", "ssh.rotate", "ssh.audit"}
ELSEWHERE |= {"webhook.serve", "webhook.secret", "webhook.install", "backup.push", "env.set"}


def look_bare(host):
    """Look at a host that may lack node, as the tasks of ssh do."""
    seen = authorized_keys_file.read(host)
    found = summarize_requirements(
        query_shell(host, "ssh/host_requirements", "/srv/app", "pm2"), host.app
    )
    return TaskResult("success", {**found, "text": seen.text})


def tasks():
    """Return every task that reads what a host answers, by its name."""
    found = {name: ns[name] for name in ns.task_names if name not in ELSEWHERE}
    return {**found, "look_bare": task(name="look_bare", view="generic")(look_bare)}


class Border(ConnectionPool):
    """Doors to hostile hosts, each with a seed of its own, and to one that is well."""

    def __init__(self, seeds):
        names = [*(f"web{seed}" for seed in seeds), GOOD]
        self.inventory = inventory_of(names)
        self.hostile = {f"web{seed}": HostileLine(seed) for seed in seeds}
        super().__init__(self.inventory, local=False)

    def _open_transport(self, spec):
        return self.hostile.get(spec.name) or PlayedLine()

    def run(self, name, wanted):
        """Return the exit code of this task on all hosts, and what it wrote."""
        own = dict(OWN.get(name, {}))
        REDACTOR._known, REDACTOR.redactor = (
            set(),
            Redactor(()),
        )  # what one run hides is not the next one's
        kwargs = {one.attr_name or one.name: one.value or "" for one in wanted.get_arguments()}
        kwargs |= own | {"yes": True} if wanted.kind.changes else own
        if wanted.kind.changes:
            kwargs |= {"batch": "100%", "on_failure": "continue"}
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            chosen = ResolvedHosts(tuple(self.inventory.hosts.values()))
            code = Fleet(self).run(wanted, chosen, kwargs, dry=False)
        return code, out.getvalue(), err.getvalue()


def row_of(said, host):
    """Return the line of a table that is this host's, however wide its columns are."""
    lines = (" ".join(line.split()) for line in said.split("\n"))
    return next((line for line in lines if line.startswith(f"{host} ")), "")


def fuzz(answers, folder, at_once=AT_ONCE):
    """Send so many hostile answers through the tasks in turn; return how many came."""
    with pytest.MonkeyPatch.context() as patch:
        # No task waits for a host that says it is to wait.
        patch.setattr("mantodeus_ops.transaction.lock._SILENCE_WAITED_FOR", 0.0)
        patch.setattr("mantodeus_ops.transaction.lock._POLL_SECONDS", 0.0)
        patch.setenv("OPS_RECONNECT", "0")
        patch.chdir(folder)  # where what is pulled goes
        return sent(answers, tasks(), at_once)


def sent(answers, every, at_once):
    """Send so many hostile answers through these tasks; return how many came."""
    alone = {name: row_of(Border(["x"]).run(name, one)[1], GOOD) for name, one in every.items()}
    changed, turn = 0, 0
    while changed < answers:
        for name, wanted in every.items():
            border = Border(range(turn, turn + at_once))
            turn += at_once
            _, out, err = border.run(name, wanted)
            changed += sum(line.changed for line in border.hostile.values())
            assert not MISTAKE.findall(out + err), (name, turn)
            assert "Traceback" not in out + err, (name, turn)
            assert not NEVER.search(out + err), (name, turn)
            assert row_of(out, GOOD) == alone[name], (name, turn)
    return changed


def test_answers_of_hostile_hosts_are_rows_for_them_and_harm_no_other(tmp_path):
    assert fuzz(100, tmp_path, at_once=6) >= 100


@pytest.mark.parametrize("state", ["@failed", "@behind"])
def test_a_hostile_host_that_is_asked_how_it_is_takes_no_other_along(state):
    for seed in range(0, 100, AT_ONCE):
        border = Border(range(seed, seed + AT_ONCE))
        chosen = resolve_hosts(
            read_selection(border.inventory, f"{GOOD},*{state}"), border.inventory, border
        )
        assert GOOD in {spec.name for spec in chosen.specs}
        assert not [one.error for one in chosen.lost.values() if "bug in this" in one.error]


@pytest.mark.slow
def test_ten_thousand_hostile_answers_cost_little(tmp_path):
    argv = [
        sys.executable,
        "-m",
        "tests.fleet.test_runner_hostile_answers",
        str(ANSWERS),
        str(tmp_path),
    ]
    cost = json.loads(subprocess.run(argv, check=True, capture_output=True, text=True).stdout)
    assert cost["answers"] >= ANSWERS
    assert cost["megabytes"] <= 150
    assert cost["seconds"] <= 30  # of the processor


ENDLESS = "while :; do printf '%065536d' 0; done"


@pytest.mark.parametrize("ending", ["", " >&2"])
def test_an_answer_without_an_end_is_cut_off_at_eight_megabytes(tmp_path, ending):
    host = host_at(tmp_path)
    with pytest.raises(AnswerError, match="larger than 8,000,000 bytes"):
        host.capture("bash", "-c", ENDLESS + ending)


def test_a_greeting_without_an_end_is_cut_off_too(tmp_path):
    host = host_at(tmp_path, line=Strange(ENDLESS))
    with pytest.raises(AnswerError, match="larger than 8,000,000 bytes"):
        host.query(HOST_STATE, want=[])


def test_a_drip_that_never_stops_is_late_all_the_same():
    text = frame("while :; do printf x; done")
    process = LocalTransport().start(text)
    with pytest.raises(TimeoutError):
        process.pump(lambda _: None, lambda _: None, 0.3)
    process.close()
    with pytest.raises(TimeoutError):
        LocalTransport().start(text).readline(0.3)


def peak_megabytes():
    """Return the most memory that this program had; ru_maxrss would count who started it, too."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)[1]) / 1024


def main(answers, folder):
    """Send so many; print as JSON what that cost."""
    count = fuzz(answers, folder)
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = used.ru_utime + used.ru_stime
    cost = {"answers": count, "seconds": round(seconds, 1), "megabytes": round(peak_megabytes(), 1)}
    sys.stdout.write(json.dumps(cost) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
