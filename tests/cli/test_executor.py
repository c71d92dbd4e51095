import json
import subprocess
import sys
from pathlib import Path

import pytest

from fabfile import ns
from mantodeus_ops.program import main

CHECKOUT = Path(__file__).resolve().parents[2]
INVENTORY = """
[defaults]
health_url = "http://127.0.0.1:1/health"
app = "manager"

[groups.web]
hosts = ["web1", "web2"]

[hosts.web1]
address = "local"
project_dir = "{folder}/one"

[hosts.web2]
address = "local"
project_dir = "{folder}/two"
"""


@pytest.fixture
def run(tmp_path):
    """Return what runs a program of ours with an inventory of two hosts on this machine."""
    (tmp_path / "hosts.toml").write_text(INVENTORY.format(folder=tmp_path))

    def running(program, *words, **env):
        known = {"HOME": str(tmp_path), "PATH": "/usr/local/bin:/usr/bin:/bin", "COLUMNS": "200"}
        known |= {"OPS_INVENTORY": str(tmp_path / "hosts.toml"), "LANG": "C.UTF-8"}
        done = subprocess.run(
            [Path(sys.executable).parent / program, *words],
            cwd=CHECKOUT,
            env=known | env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stdout + done.stderr
        assert "a bug in this tool" not in done.stdout + done.stderr
        return done

    return running


@pytest.fixture
def typed(tmp_path, monkeypatch, capsys):
    """Return what runs a program of ours in this process, with that inventory."""
    (tmp_path / "hosts.toml").write_text(INVENTORY.format(folder=tmp_path))
    monkeypatch.setenv("OPS_INVENTORY", str(tmp_path / "hosts.toml"))
    monkeypatch.delenv("OPS_LOCAL", raising=False)
    monkeypatch.chdir(CHECKOUT)

    def typing(program, *words):
        monkeypatch.setattr(sys, "argv", [program, *words])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return ended.value.code, said.out, said.err

    return typing


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["status"], ["fab needs -H", "hint: inv status"]),
        (["-H", "", "status"], ["fab needs -H"]),
        (["-H", ",", "status"], ["fab needs -H"]),
        (["-H", "wep1", "status"], ["unknown host or group 'wep1'", "fab -H web1 status"]),
        (["-H", "web1,nope", "status"], ["unknown host or group 'nope'", "hosts: web1, web2"]),
        (["-H", "wep*", "status"], ["no host or group matches 'wep*'", "fab -H web"]),
        (["-H", "@faild", "status"], ["the nearest is '@failed'", "fab -H @failed status"]),
        (["-H", "127.0.0.1", "status"], ["an address has no pinned key"]),
        (["-H", "me@web1:22", "status"], ["an address has no pinned key", "fab -H web1 status"]),
        (["-H", "me:canary@web1", "status"], ["***@web1"]),
        (["-H", "web1", "no-such-task"], ["no-such-task", "hint: fab --list"]),
        (["-H", "web1", "deploy", "--skip-bakup"], ["hint: fab -H web1 deploy --skip-backup\n"]),
        (["-H", "me:canary@web1", "statsu"], ["hint: fab status\n"]),
        (["--help", "statsu"], ["unknown task 'statsu'", "hint: fab --help status\n"]),
        (["--list", "deplo"], ["unknown group 'deplo'", "hint: fab --list deploy\n"]),
        (["-H", "web1", "deploy", "--wait", "abc"], ["--wait takes a whole number, not 'abc'"]),
        (["-H", "web", "deploy", "--batch", "0"], ["--batch takes a number of hosts"]),
        (["-H", "web1", "deploy.history", "--lines", "x"], ["--lines takes a whole number"]),
        (["-H", "web1", "deploy", "--ref", "--upload-pack=x"], ["'--upload-pack=x'"]),
        (["-H", "web1", "deploy", "--ref", "a..b"], ["'a..b' cannot be a branch"]),
        (["-H", "web1", "backup.verify", "--nope"], ["unknown option '--nope'"]),
        (["-H", "web1", "env.set", "A", "canary"], ["a value on the command line"]),
        (["-H", "web1", "env.set", "A=canary"], ["a value on the command line"]),
        (["-H", "web1", "env.set", "A", "--canary-value"], ["a value on the command line"]),
        (["-H", "web1", "env.set", "A B"], ["not a valid name of a variable"]),
        (["-H", "web1", "env.unset", "A=canary"], ["a value on the command line"]),
    ],
)
def test_what_was_typed_wrongly_ends_with_2_and_says_what_to_type(typed, words, told):
    code, out, err = typed("fab", *words)
    assert code == 2, err
    assert [text for text in told if text not in err] == []
    assert err.startswith("error: ")
    lines = err.splitlines()
    assert [line for line in lines if not line.startswith(("error: ", "hint: "))] == []
    assert "canary" not in out + err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["status"], "no entry is marked as this machine"),
        (["no-such-task"], "no-such-task"),
        (["deploy", "--wait", "abc"], "--wait takes a whole number"),
    ],
)
def test_inv_tells_as_much(run, words, told):
    done = run("inv", *words, **({} if "marked" in told else {"OPS_LOCAL": "web1"}))
    assert (done.returncode, told in done.stderr) == (2, True), done


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "[hosts.web1]\nadress = 'x'\n",
            "[hosts.web1] adress: unknown key; the nearest is 'address'",
        ),
        ("[hosts.web1\n", "line 1"),
        ("", "hosts: missing"),
        ("\xff", "it is not UTF-8 text"),
        (None, "No such file or directory"),
    ],
)
def test_an_inventory_that_cannot_be_used_ends_with_2_and_names_its_file(run, tmp_path, text, told):
    file = tmp_path / "other.toml"
    if text is not None:
        file.write_bytes(text.encode("latin-1"))
    done = run("fab", "-H", "web1", "status", OPS_INVENTORY=str(file))
    assert done.returncode == 2
    assert str(file) in done.stderr
    assert told in done.stderr


def test_the_nearest_inventory_here_or_above_is_taken(tmp_path):
    folder = tmp_path / "a/b"
    folder.mkdir(parents=True)
    (tmp_path / "inventory").mkdir()
    file = tmp_path / "inventory/hosts.toml"
    file.write_text("nonsense")
    words = [Path(sys.executable).parent / "inv", "--search-root", str(CHECKOUT), "status"]
    env = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    asked = {"cwd": folder, "env": env, "capture_output": True, "text": True, "check": False}
    done = subprocess.run(words, **asked)  # noqa: PLW1510 - it is in there
    assert (done.returncode, done.stderr.startswith(f"error: {file}: ")) == (2, True), done


def test_with_json_an_error_of_usage_leaves_stdout_empty(run):
    done = run("fab", "-H", "nope", "status", "--json")
    assert (done.returncode, done.stdout) == (2, "")


def test_every_host_is_a_row_and_the_exit_code_is_the_highest(run):
    done = run("fab", "-H", "web", "status", "--json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(row["host"], row["ok"], row["exit_code"]) for row in rows] == [
        ("web1", False, 7),
        ("web2", False, 7),
    ]
    assert done.returncode == 7
    assert done.stderr.rstrip().endswith("0 of 2 succeeded")


def test_a_state_that_no_host_is_in_is_no_failure(run):
    done = run("fab", "-H", "web@behind", "deploy", "--json")
    assert (done.returncode, done.stdout, "nothing to do" in done.stderr) == (0, "", True), done


def test_inv_drives_the_host_that_the_environment_names(run):
    done = run("inv", "status", "--json", OPS_LOCAL="web2")
    assert json.loads(done.stdout)["host"] == "web2"


def test_a_deploy_where_nothing_is_changes_nothing(run, tmp_path):
    done = run("fab", "-H", "web1", "deploy", "--dry-run", "--json")
    row = json.loads(done.stdout)
    assert (done.returncode, row["exit_code"], row["status"]) == (1, 1, "failed")
    assert "holds no git checkout" in row["error"]
    assert "deploy.setup" in row["hint"]
    assert not (tmp_path / "one").exists()


@pytest.mark.parametrize("words", [["inv"], ["fab"], ["fab", "-H", "web1"]])
def test_who_names_no_task_is_shown_them_all(run, words):
    done = run(*words)
    assert (done.returncode, done.stdout) == (0, run(words[0], "--list").stdout)


@pytest.mark.parametrize("program", ["fab", "inv"])
def test_a_listing_names_the_tasks_with_what_they_do(run, program):
    done = run(program, "--list")
    assert done.returncode == 0
    for name in ("deploy.restart", "status", "backup.list", "Ship a revision"):
        assert name in done.stdout


def test_a_listing_is_grouped_with_one_line_for_each_task_in_80_columns(run):
    lines = run("fab", "--list", COLUMNS="80").stdout.splitlines()
    assert max(map(len, lines)) <= 80
    listed = [line.split()[0] for line in lines if line.startswith("  ") and "." in line.split()[0]]
    default = {"deploy.deploy", "backup.create", "env.list"}
    assert sorted(listed) == sorted(set(filter(lambda name: "." in name, ns.task_names)) - default)
    assert [line for line in run("inv", "--list", "ssh").stdout.splitlines() if "deploy" in line][
        1:
    ] == []


NAME = "backup-20251205-143000"
HERE, THERE = ["inv"], ["fab", "-H", "web1"]


@pytest.mark.parametrize(
    ("program", "words", "names"),
    [
        (HERE, [], []),
        (HERE, [NAME], [NAME]),
        (HERE, ["--name", NAME], [NAME]),
        (THERE, [], []),
        (THERE, [NAME], [NAME]),
    ],
)
def test_a_name_may_stand_bare_or_be_missing(run, tmp_path, program, words, names):
    (tmp_path / "one").mkdir()
    done = run(*program, "backup.verify", *words, "--json", OPS_LOCAL="web1")
    assert [one["name"] for one in json.loads(done.stdout)["results"]] == names
    assert done.returncode == (7 if names else 0), done


def test_what_follows_a_missing_name_is_read_as_ever(run, tmp_path):
    (tmp_path / "one").mkdir()
    both = run("inv", "backup.verify", "--json", "backup.list", "--json", OPS_LOCAL="web1")
    tasks = [json.loads(line)["task"] for line in both.stdout.splitlines()]
    assert (both.returncode, tasks) == (0, ["verify", "list"])
    helped = run("inv", "backup.verify", "--help")
    assert (helped.returncode, "One backup, by its name" in helped.stdout) == (0, True)
