"""The wheel: all that is needed is in it, and its program works where only an inventory lies."""

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from mantodeus_ops.version import VERSION

CHECKOUT = Path(__file__).resolve().parents[1]
PYTHONS = re.findall(r"Python :: (3\.\d+)", (CHECKOUT / "pyproject.toml").read_text())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Return the wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder]
    subprocess.run(build, cwd=CHECKOUT, check=True, capture_output=True)
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """Return a folder into which pip installed the wheel, with the links that the README makes."""
    folder = tmp_path_factory.mktemp("installed")
    install = ("install", "-q", "--no-deps", "--no-index", "--target", folder, wheel)
    subprocess.run([sys.executable, "-m", "pip", *install], check=True)
    for name in ("fab", "inv"):
        (folder / "bin" / name).symlink_to("mantodeus-ops")
    return folder


@pytest.fixture
def run(installed, tmp_path):
    """Return what runs the wheel's program, under a name, in an empty folder."""
    (tmp_path / "ops").mkdir()

    def running(called, *words):
        known = {"HOME": str(tmp_path), "PATH": "/usr/local/bin:/usr/bin:/bin"}
        return subprocess.run(
            [installed / "bin" / called, *words],
            cwd=tmp_path / "ops",
            env=known | {"PYTHONPATH": str(installed), "LANG": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    return running


def test_the_wheel_has_every_file_of_the_house_its_licence_and_nothing_else(wheel):
    here = {
        str(path.relative_to(CHECKOUT)).replace("fabfile/", "mantodeus_ops/tasks/")
        for top in ("fabfile", "mantodeus_ops")
        for path in (CHECKOUT / top).rglob("*")
        if path.suffix != ".pyc" and path.is_file()
    }
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    brought = ("hosts.toml", "mantodeus-ops.bash", "mantodeus-ops.fish")
    assert names == here | {f"mantodeus_ops/{name}" for name in brought}
    told = zipfile.ZipFile(wheel).namelist()
    assert [name for name in told if name.endswith("licenses/LICENSE")]


def test_without_an_inventory_it_says_where_it_looked_and_init_writes_one_once(run, tmp_path):
    place = tmp_path / "ops/inventory/hosts.toml"
    done = run("mantodeus-ops", "status")
    assert (done.returncode, str(place) in done.stderr) == (2, True), done
    assert "hint: mantodeus-ops init" in done.stderr
    assert run("mantodeus-ops", "init").returncode == 0
    assert place.read_text() == (CHECKOUT / "inventory/hosts.toml").read_text()
    place.write_text("mine")
    done = run("mantodeus-ops", "init")
    assert (done.returncode, "File exists" in done.stderr) == (2, True)
    assert place.read_text() == "mine"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_it_prints_what_each_shell_sources(run, shell):
    file = CHECKOUT / f"completion/mantodeus-ops.{shell.replace('zsh', 'bash')}"
    assert run("mantodeus-ops", "completion", shell).stdout == file.read_text()


@pytest.mark.parametrize("words", [("completion",), ("completion", "csh"), ("init", "here")])
def test_what_it_does_not_know_ends_with_2(run, tmp_path, words):
    done = run("mantodeus-ops", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert [line[:6] for line in done.stderr.splitlines()] == ["error:", "hint: "]
    assert not (tmp_path / "ops/inventory").exists()


@pytest.mark.parametrize("called", ["mantodeus-ops", "fab", "inv"])
def test_under_each_of_its_names_it_lists_the_tasks_and_knows_its_hosts(run, called):
    run("mantodeus-ops", "init")
    listed = run(called, "--list")
    assert (listed.returncode, "deploy.rollback" in listed.stdout) == (0, True), listed
    if called != "inv":
        done = run(called, "-H", "manger", "status")
        assert (done.returncode, f"hint: {called} -H manager status" in done.stderr) == (2, True)


def test_the_tasks_make_no_folder_of_the_wheel_a_place_to_import_from(installed):
    program = "import sys, mantodeus_ops.tasks; print(*sys.path, sep='\\n')"
    argv, env = [sys.executable, "-P", "-c", program], {"PYTHONPATH": str(installed)}
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=True)
    assert str(installed) in done.stdout.splitlines()
    assert str(installed / "mantodeus_ops") not in done.stdout.splitlines()


@pytest.mark.parametrize("words", [("--version",), ("-H", "x", "--version")])
def test_it_knows_its_version(run, words):
    assert run("mantodeus-ops", *words).stdout.startswith(f"mantodeus-ops {VERSION}\n")


def test_by_its_own_name_it_passes_by_tasks_of_others_and_as_fab_or_inv_it_takes_them(
    run, tmp_path
):
    theirs = "from invoke import task\n\n@task\ndef theirs(c):\n    pass\n"
    (tmp_path / "tasks.py").write_text(theirs)
    (tmp_path / "fabfile.py").write_text(theirs)
    assert "theirs" not in run("mantodeus-ops", "--list").stdout
    for name in ("fab", "inv"):
        assert run(name, "--list").stdout.split() == ["Available", "tasks:", "theirs"]


def installed_with(version, wheel, place):
    """Install the wheel for this Python, all of which it must compile; return its programs."""
    python = shutil.which(f"python{version}")
    if not python:
        pytest.skip(f"python{version} is not on this machine")
    subprocess.run([python, "-m", "venv", place / "venv"], check=True)
    strict = ("-W", "error", "-X", f"pycache_prefix={place}/cache", "-m", "compileall", "-qf")
    subprocess.run([python, *strict, CHECKOUT / "fabfile", CHECKOUT / "mantodeus_ops"], check=True)
    programs = place / "venv/bin"
    subprocess.run([programs / "pip", "install", "-q", wheel], check=True)
    return programs


@pytest.mark.soak
@pytest.mark.parametrize("version", PYTHONS)
def test_installed_in_a_clean_environment_with_only_an_inventory_it_deploys(
    wheel, tmp_path, version
):
    from sandbox import Sandbox  # noqa: PLC0415
    from tests.e2e.world import World  # noqa: PLC0415 - the rest of this file needs no sandbox

    programs = installed_with(version, wheel, tmp_path)
    with Sandbox() as box:
        box.manager.write_env()
        env = box.env()
        del env["OPS_INVENTORY"]

        def typed(*words):
            return subprocess.run(
                [programs / words[0], *words[1:]],
                cwd=box.inventory.parents[1],
                env=env,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )

        World(box, "fab")
        first = typed("mantodeus-ops", "-H", "manager", "deploy.setup", "--yes")
        assert first.returncode == 0, first
        revision = box.origin.release({"NEWS": "1\n"}, "Another")
        for program in ("fab", "inv"):
            (programs / program).unlink()
            (programs / program).symlink_to("mantodeus-ops")
        done = typed("fab", "-H", "manager", "deploy")
        assert done.returncode == 0, done
        assert box.manager.page() == revision
        assert typed("inv", "status").returncode == 0
        assert typed("mantodeus-ops", "status", "--json").returncode == 0
