"""Changes of `.env` on a running app: the process gets what it says, and nothing else moves."""

from __future__ import annotations

import hashlib
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from stat import S_IMODE

import pytest

from tests.e2e.world import World

ENV = """\
# the app's own
PORT={port}
export JWT_SECRET='first-jwt-secret' # of the API

OLD=1
OLD=2
"""


@pytest.fixture
def env(world: World) -> Iterator[Path]:
    """Yield the `.env` of a running app, with comments, a duplicate and a quoted secret."""
    file = world.machine.project_dir / ".env"
    renew(file, ENV.format(port=world.machine.port))
    if not holds(world, "first-jwt-secret"):
        world.run("restart")
    yield file
    renew(file, world.machine.env_text())


def renew(file: Path, text: str) -> None:
    """Put a private file with this text where maybe a link is, or nothing."""
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    file.write_text(text)


def holds(world: World, secret: str) -> bool:
    """Return whether the running process has this secret, of which it shows a digest."""
    told = hashlib.sha256(secret.encode()).hexdigest()[:12]
    return bool(world.machine.health()["secret"] == told)


def of(world: World, name: str) -> dict[str, object]:
    """Return what `env` says of a variable."""
    rows = world.run("env").row["variables"]
    return next(one for one in rows if one["name"] == name)


@pytest.mark.quick
def test_a_change_moves_no_other_byte_and_the_process_has_it_after_a_restart(
    world: World, env: Path
):
    before = env.read_text()
    answer = world.run("env.set", "JWT_SECRET", stdin='it\'s "new" # now\n')
    assert answer.row["process"] == "old"
    assert "has not seen the change of JWT_SECRET" in answer.err
    assert answer.row["backup"].startswith("backup-")
    assert env.read_text() == before.replace("'first-jwt-secret'", '`it\'s "new" # now`')
    assert S_IMODE(env.stat().st_mode) == 0o600
    assert holds(world, "first-jwt-secret")
    assert of(world, "JWT_SECRET")["process"] == "old"
    assert of(world, "PORT")["process"] == "seen"
    again = world.run("env.set", "JWT_SECRET", "--restart", stdin='it\'s "new" # now\n')
    assert again.row["restarted"]
    assert holds(world, 'it\'s "new" # now')
    assert of(world, "JWT_SECRET")["process"] == "seen"
    assert world.run("env.set", "JWT_SECRET", "--restart", stdin='it\'s "new" # now').row[
        "status"
    ] == ("unchanged")


def pm2_is_brought_back(world: World) -> None:
    """Kill PM2 and all it runs, and bring it back as a reboot does."""
    world.machine.pm2("kill")
    world.machine.pm2("resurrect")
    for _ in range(200):
        if world.machine.health():
            return
        time.sleep(0.1)


@pytest.mark.parametrize(
    ("door", "mode"), [("fab", "cluster.config.cjs"), ("inv", "ecosystem.config.cjs")]
)
def test_set_changed_and_removed_is_what_the_app_sees_also_after_a_reboot(
    world: World, env: Path, mode: str
):
    with world.settings(ecosystem=mode):
        if world.door == "fab":
            world.release()
            world.run("deploy")
        for value in ("second-secret", "third-secret"):
            world.run("env.set", "JWT_SECRET", "--restart", stdin=value)
            assert holds(world, value)
        world.run("env.unset", "JWT_SECRET", "--restart")
        assert holds(world, "")
        assert "JWT_SECRET" not in env.read_text()
        pm2_is_brought_back(world)
        assert holds(world, "")
        world.run("env.set", "JWT_SECRET", "--restart", stdin="fourth-secret")
        pm2_is_brought_back(world)
        assert holds(world, "fourth-secret")
    for name in ("dump.pm2", "dump.pm2.bak"):
        dump = world.machine.pm2_home / name
        assert S_IMODE(dump.stat().st_mode) == 0o600
        assert "secret" not in dump.read_text()
    if world.door == "fab":
        world.release()
        world.run("deploy")


@pytest.mark.usefixtures("env")
def test_what_pm2_took_from_a_shell_wins_no_longer(world: World):
    shell = {**world.machine.env(), "JWT_SECRET": "from-a-shell"}
    again = ["pm2", "restart", "manager", "--update-env"]
    subprocess.run(again, env=shell, check=True, capture_output=True)
    world.run("health")
    assert holds(world, "from-a-shell")
    assert of(world, "JWT_SECRET")["process"] == "PM2's own"
    world.run("env.set", "JWT_SECRET", "--restart", stdin="from-the-file")
    assert holds(world, "from-the-file")


def test_a_value_that_the_app_dies_of_is_taken_back(world: World, env: Path):
    before = env.read_bytes()
    with world.settings(health={"wait": 0, "retries": 6, "delay": 0.5}):
        answer = world.run("env.set", "PORT", "--restart", stdin="not-a-port", code=5)
    assert "the previous .env is live and healthy" in answer.error
    assert env.read_bytes() == before
    assert S_IMODE(env.stat().st_mode) == 0o600
    assert holds(world, "first-jwt-secret")
    assert not list((world.project / ".deploy").glob("env*"))


@pytest.mark.parametrize(
    "words",
    [
        ("env.set", "JWT_SECRET", "typed-in-view"),
        ("env.set", "JWT_SECRET=typed-in-view"),
        ("env.set", "JWT_SECRET", "--value", "typed-in-view"),
        ("env.set", "JWT_SECRET", "with", "typed-in-view"),
        ("env.set", "JWT_SECRET", "--typed-in-view"),
    ],
)
def test_a_value_on_the_command_line_is_refused_and_not_repeated(
    world: World, env: Path, words: tuple[str, ...]
):
    before = env.read_bytes()
    ask = world.box.fab if world.door == "fab" else world.box.inv
    done = ask(*world.argv(*words))
    assert done.returncode == 2
    assert "typed-in-view" not in done.stdout + done.stderr
    assert "command line" in done.stderr
    assert env.read_bytes() == before


def test_bad_input_writes_nothing(world: World, env: Path, tmp_path: Path):
    before = env.read_bytes()
    (tmp_path / "value").write_bytes(b"\xff\xfe")
    ask = world.box.fab if world.door == "fab" else world.box.inv
    for words, stdin, told in (
        (("env.set", "A B"), "x", "not a valid name"),
        (("env.set", "__proto__"), "x", "not a valid name"),
        (("env.set", "A"), "", "nothing came"),
        (("env.set", "A", "--from-file", str(tmp_path / "value")), "", "not UTF-8"),
        (("env.set", "A", "--from-file", str(tmp_path / "none")), "", "cannot be read"),
        (("env.set", "A"), "a'b\"c`d#e\n", "no spelling"),
    ):
        done = ask(*world.argv(*words), stdin=stdin)
        told_all = done.stdout + done.stderr
        assert (done.returncode, told in told_all) == (2, True), told_all
        assert "Traceback" not in told_all
    assert env.read_bytes() == before


def test_a_dry_run_says_what_would_run_and_changes_nothing(world: World, env: Path):
    before = env.read_bytes()
    answer = world.run("env.set", "JWT_SECRET", "--restart", "--dry-run", stdin="a-new-secret")
    assert "would run: mv .deploy/env/" in answer.err
    assert "would run: pm2 reload manager" in answer.err
    assert env.read_bytes() == before
    assert holds(world, "first-jwt-secret")


@pytest.mark.parametrize("door", ["inv"])
def test_two_operators_who_set_different_variables_both_succeed(world: World, env: Path):
    names = [f"NAME_{number}" for number in range(4)]
    values = env.parent.parent / "value"
    values.write_text("a value")
    running = [
        world.spawn("env.set", name, "--from-file", str(values), "--wait", "60") for name in names
    ]
    for one in running:
        assert one.answer().code == 0
    assert [name for name in names if f"{name}='a value'\n" in env.read_text()] == names


@pytest.mark.parametrize("door", ["fab"])
def test_a_link_out_of_the_app_is_refused_and_one_inside_is_followed(world: World, env: Path):
    outside, inside = env.parent.parent / "shared.env", env.parent / "shared.env"
    env.replace(outside)
    env.symlink_to(outside)
    before = outside.read_bytes()
    answer = world.run("env.set", "A", stdin="1", code=1)
    assert "leads out of the app" in answer.error
    assert outside.read_bytes() == before
    outside.replace(inside)
    env.unlink()
    env.symlink_to("shared.env")
    with world.settings(backup_paths=["dist", "node_modules", "package-lock.json"]):
        world.run("env.set", "A", "--restart", stdin="1")
    assert env.is_symlink()
    assert inside.read_bytes() == before + b"A=1\n"
    inside.unlink()


def test_the_example_is_followed_and_what_is_wrong_is_found(world: World, env: Path):
    example = world.project / ".env.example"
    example.write_text("PORT=3000\n# of the mailer\nMAIL_FROM=me@example.com\nMAIL_KEY=changeme\n")
    row = world.run("env.sync").row
    assert (row["added"], row["to_fill"]) == (["MAIL_FROM", "MAIL_KEY"], ["MAIL_KEY"])
    assert env.read_text().endswith(
        "# of the mailer\nMAIL_FROM=me@example.com\n# MAIL_KEY needs a real value\nMAIL_KEY=\n"
    )
    assert world.run("env.sync").row["status"] == "unchanged"
    with env.open("a") as file:
        file.write("DATABASE_URL=mysql://me:pa55w0rd@127.0.0.1:1/x\nBAD='open\nPM2_HOME=x\n")
    env.chmod(0o640)
    with world.settings(required_env=["MAIL_KEY", "NOPE"]):
        answer = world.run("env.check", code=7)
    found = {one["text"]: one["level"] for one in answer.row["findings"]}
    red = [text for text, level in found.items() if level == "fail"]
    assert [text.split(":")[0].split(" (")[0] for text in red] == [
        "others can read .env",
        "MAIL_KEY is required and empty",
        "NOPE is required and missing",
        "line 12",
        "DATABASE_URL",
    ]
    for word in ("OLD is assigned 2 times", "PM2_HOME: ", "does not have the current"):
        assert any(word in text for text in found)
    assert "pa55w0rd" not in str(answer)
    example.unlink()
