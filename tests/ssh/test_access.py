"""What the host's programs see of modes, and what they close, on real files."""

import json
import os
import socket
import subprocess
from stat import S_IMODE

import pytest

from mantodeus_ops.remote.answers.words import decode_words
from mantodeus_ops.remote.programs import shell_program
from mantodeus_ops.remote.shell import set_positional_args
from mantodeus_ops.ssh.access_rules import Access, access_findings
from tests.support.project_dir import Project, need

NAME = "backup-20260101-000000"
OURS = (".deploy", "backups", f"backups/{NAME}.json")


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Return a place with a home, a PM2 that listens, and a project, all of it closed."""
    need("node", "bash")
    monkeypatch.chdir(tmp_path)  # a socket's path has room for a hundred characters
    project = Project(tmp_path).fill()
    for folder in ("h/.ssh", "pm2", "project/backups"):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    for file in ("h/.ssh/authorized_keys", f"project/backups/{NAME}.json"):
        (tmp_path / file).touch()
    with socket.socket(socket.AF_UNIX) as rpc, socket.socket(socket.AF_UNIX) as pub:
        rpc.bind("pm2/rpc.sock")
        pub.bind("pm2/pub.sock")
        for path in (project.root, *tmp_path.rglob("*")):
            if "bin" not in path.parts and not path.is_symlink():
                path.chmod(0o700 if path.is_dir() else 0o600)
        yield project


def env(project):
    """Return the variables that say where the home and PM2 are."""
    return [f"HOME={project.place}/h", f"PM2_HOME={project.place}/pm2"]


def by_node(project):
    """Return what the look finds open."""
    done = project.run(
        "ssh/access", before=["env", *env(project)], after="reply({ access: accessFacts() });"
    )
    seen = json.loads(done.out)["access"]
    return opened(Access(one["what"], one["path"], int(one["mode"], 8)) for one in seen)


def by_bash(project):
    """Return what the audit finds open, as far as it does not know it of old."""
    text = "\n".join(
        (
            shell_program("remote/prelude"),
            set_positional_args(("show", str(project.root), "backups", ".env", "")),
            shell_program("ssh/authorized_keys"),
        )
    )
    argv = ["env", "-i", *env(project), f"PATH={os.environ['PATH']}", "bash", "-c", text]
    said = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    told = decode_words("ssh/authorized_keys show", said)["access"]
    return opened(Access(what, path, int(mode, 8)) for what, mode, _, path in told)


def opened(places):
    """Return the places, by what is to be typed."""
    return sorted(found.hint for found in access_findings(places))


def test_of_what_is_closed_nothing_is_told(home):
    assert by_node(home) == by_bash(home) == []


@pytest.mark.parametrize(
    ("path", "mode", "mends"),
    [
        ("pm2", 0o755, "chmod 700"),
        ("project", 0o777, "chmod go-w"),
        ("project/.env", 0o640, "chmod 600"),
        ("project/.deploy", 0o777, "chmod 700"),
        ("project/backups", 0o777, "chmod 700"),
        (f"project/backups/{NAME}.json", 0o644, "chmod 600"),
    ],
)
def test_what_is_open_is_found_by_both_programs(home, path, mode, mends):
    (home.place / path).chmod(mode)
    assert by_node(home) == by_bash(home) == [f"{mends} {home.place / path}"]


def test_pm2s_own_sockets_count_while_its_home_is_open(home):
    for path, mode in (("pm2", 0o755), ("pm2/rpc.sock", 0o775), ("pm2/pub.sock", 0o777)):
        (home.place / path).chmod(mode)
    assert by_node(home) == by_bash(home) == [f"chmod 700 {home.place / 'pm2'}"] * 3
    (home.place / "pm2").chmod(0o700)
    assert by_node(home) == by_bash(home) == []


def test_a_folder_above_the_project_and_one_behind_a_link_count(home):
    (home.place / "above").mkdir(mode=0o700)
    home.root.rename(home.place / "above/real")
    home.root.symlink_to("above/real")
    (home.place / "above").chmod(0o777)
    assert by_node(home) == by_bash(home) == [f"chmod go-w {home.place / 'above'}"]
    (home.place / "above").chmod(0o1777)
    assert by_node(home) == by_bash(home) == []


def test_the_home_and_what_lets_people_in_are_looked_at(home):
    (home.place / "h/.ssh").chmod(0o770)
    (home.place / "h").chmod(0o777)
    assert by_node(home) == [f"chmod go-w {home.place}/{name}" for name in ("h", "h/.ssh")]


def taken(project, step="take", token="mine"):  # noqa: S107 - of a lock
    """Return what taking the lock answers."""
    done = project.run("transaction/lock_command", step=step, record={"token": token})
    return json.loads(done.out)


def test_who_takes_the_lock_closes_what_is_ours_and_says_so(home):
    for name in OURS:
        (home.root / name).chmod(0o777)
    (home.root / "backups/mine.txt").touch()
    (home.root / "backups/mine.txt").chmod(0o644)
    answer = taken(home)
    assert [(one["path"], one["mode"]) for one in answer["closed"]] == [
        (str(home.root / name), "777") for name in OURS
    ]
    assert [name for name in OURS if S_IMODE((home.root / name).stat().st_mode) & 0o077] == []
    assert S_IMODE((home.root / "backups/mine.txt").stat().st_mode) == 0o644
    assert taken(home)["closed"] == []


def test_who_only_looks_or_does_not_get_the_lock_changes_no_mode(home):
    taken(home, "freeze", "one")
    (home.root / "backups").chmod(0o777)
    assert "closed" not in taken(home, "read")
    answer = taken(home)
    assert (answer["held"], "closed" in answer) == (False, False)
    assert S_IMODE((home.root / "backups").stat().st_mode) == 0o777
