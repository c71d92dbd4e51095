"""A log keeps the beginning and the end of what is printed, and counts what lies between."""

import json
import re
import time

import pytest

from mantodeus_ops.remote.jobs import commands_job
from mantodeus_ops.remote.shell import Command
from tests.support.fake_host import Heard, host_at
from tests.support.project_dir import Project

LIMITS = "{ head: 100, tail: 200 }"
LINE = "line 0000\n"  # ten bytes
MEGABYTE = 10**6


@pytest.fixture(scope="module")
def logged(tmp_path_factory):
    """Return what is kept of texts, in pieces of so many bytes, as a person asks for them."""
    project = Project(tmp_path_factory.mktemp("bounded"))

    def kept(*asked):
        code = f"""
for (const [words, pieces] of {json.dumps(asked)}) {{
  const [text, said] = [Buffer.from(words), []];
  const bounded = new Bounded((bytes) => said.push(Buffer.from(bytes)), {LIMITS});
  for (let at = 0; at < text.length; at += pieces) bounded.add(text.subarray(at, at + pieces));
  bounded.end();
  fs.writeSync(1, JSON.stringify(Buffer.concat(said).toString()) + '\\n');
}}
"""
        done = project.run("redaction/bounded_log", after=code)
        assert done.code == 0, done.out
        return [json.loads(line) for line in done.said]

    return kept


def lines(first, last):
    """Return numbered lines of ten bytes each."""
    return "".join(f"line {number:04}\n" for number in range(first, last))


def test_what_has_room_is_kept_whole(logged):
    texts = [lines(0, count) for count in (0, 1, 10, 11, 29, 30)]
    asked = [(text, pieces) for text in texts for pieces in (1, 7, 64, 10_000)]
    assert logged(*asked) == [text for text, _ in asked]


def test_of_more_the_beginning_and_the_end_are_kept_in_whole_lines(logged):
    whole = lines(0, 99)
    for said in logged(*((whole, pieces) for pieces in (1, 7, 64, 990, 10_000))):
        head, count, tail = re.split(r"… (\d+) bytes left out …\n", said)
        assert whole.startswith(head)
        assert whole.endswith(tail)
        assert len(head) + int(count) + len(tail) == len(whole)
        assert (len(head) >= 90, 190 <= len(tail) <= 200) == (True, True)
        assert {*head.split("\n"), *tail.split("\n")} <= {*whole.split("\n")}


def test_text_without_lines_is_cut_and_counted_too(logged):
    said = logged(("x" * 1000, 64))
    assert said == [f"{'x' * 100}\n… 700 bytes left out …\n{'x' * 200}"]


@pytest.fixture
def host(tmp_path):
    """Return a host without secrets."""
    return host_at(tmp_path, heard=Heard())


def test_a_build_that_prints_without_end_leaves_a_small_log(tmp_path, host):
    text = "echo first; yes 'a line like any other' | head -c 60000000; echo; echo last; exit 3"
    job = commands_job(host, "build", [Command(("bash", "-c", text), str(tmp_path))])
    ended = job.follow()
    log = (tmp_path / ".deploy/jobs" / job.id / "log").read_bytes()
    assert (ended.code, ended.last) == (3, "last")
    assert host.events.output.encode() == log
    assert 5 * MEGABYTE < len(log) < 6 * MEGABYTE
    assert log.split(b"\n")[1] == b"first"
    assert log.count(" MB left out …\n".encode()) == 1


def test_a_follower_who_comes_back_goes_on_at_its_byte(tmp_path, host):
    text = "head -c 3000000 /dev/zero | tr '\\0' x; echo; touch ready; sleep 1; seq 900000"
    job = commands_job(host, "build", [Command(("bash", "-c", text), str(tmp_path))])
    job.launch()
    deadline = time.monotonic() + 60
    while not (tmp_path / "ready").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    before = (tmp_path / ".deploy/jobs" / job.id / "log").read_bytes()
    job.follow()
    after = (tmp_path / ".deploy/jobs" / job.id / "log").read_bytes()
    assert after.startswith(before)
    assert host.events.output.encode() == after


@pytest.mark.parametrize(
    ("megabytes", "left"),
    [([1] * 40, 30), ([1, 30, 30, 30], 2), ([1, 1, 100], 1), ([100, 1, 1], 2), ([], 0)],
)
def test_old_jobs_go_by_number_and_by_size(tmp_path, megabytes, left):
    project = Project(tmp_path)
    jobs = project.root / ".deploy/jobs"
    project.job.rmdir()
    for number, size in enumerate(megabytes):
        job = jobs / f"20260101-{number:06}-build-abcdef"
        job.mkdir()
        (job / "rc").write_text("0\n")
        with (job / "log").open("wb") as file:
            file.truncate(size * 2**20)
    project.job.mkdir()
    (project.job / "rc").write_text("0\n")
    project.job.rename(jobs / "20250101-000000-test-abcdef")
    assert project.run("transaction/record", tidy=True, job="").code == 0
    kept = sorted(one.name for one in jobs.iterdir())
    names = [f"20260101-{number:06}-build-abcdef" for number in range(len(megabytes))]
    assert [name for name in names if name in kept] == names[len(names) - left :]
