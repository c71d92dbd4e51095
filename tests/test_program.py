"""The installed program: its own two commands, and which of fab and inv it acts as."""

import sys

import pytest

from mantodeus_ops import program


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["-H", "web1", "status"], True),
        (["-Hweb1", "status"], True),
        (["--hosts=web1", "status"], True),
        (["status", "--json"], False),
        ([], False),
    ],
)
def test_hosts_are_named_by_the_option_of_fab(words, names):
    assert program.names_hosts(words) is names


def test_a_checkout_has_its_tasks_in_fabfile():
    assert program.tasks_package() == "fabfile"
    assert "deploy.deploy" in program.namespace().task_names


def test_an_inventory_that_is_there_is_not_written_over(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "inventory").mkdir()
    (tmp_path / "inventory/hosts.toml").write_text("mine")
    assert program.begin() == 2
    assert (tmp_path / "inventory/hosts.toml").read_text() == "mine"
    error, hint = capsys.readouterr().err.splitlines()
    assert error.startswith("error: inventory/hosts.toml: ")
    assert error.endswith("; nothing was written")
    assert hint == "hint: $EDITOR inventory/hosts.toml"


@pytest.mark.parametrize(
    ("own", "words", "error"),
    [
        (program.begin, ["--force"], "error: init takes no '--force'"),
        (program.complete, [], "error: completion takes bash, zsh or fish"),
        (program.complete, ["tcsh"], "error: completion takes bash, zsh or fish"),
        (program.complete, ["bash", "zsh"], "error: completion takes bash, zsh or fish"),
    ],
)
def test_other_words_of_its_own_commands_are_refused(capsys, own, words, error):
    assert own(*words) == 2
    assert capsys.readouterr().err.splitlines()[0] == error


def test_the_entry_of_a_checkout_is_proposed_and_nothing_is_written(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert program.begin("--detect", ".") == 2
    assert "no package.json" in capsys.readouterr().err
    (tmp_path / "package.json").write_text('{"name": "shop", "scripts": {"start": "node ."}}')
    assert program.begin("--detect", str(tmp_path)) == 0
    assert "[hosts.shop]" in capsys.readouterr().out
    assert not (tmp_path / "inventory").exists()


@pytest.mark.parametrize("words", [(), ("nowhere",), (".", "..")])
def test_what_is_no_checkout_is_refused(capsys, words):
    assert program.begin("--detect", *words) == 2
    assert "hint: mantodeus-ops init --detect" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("called", "words"),
    [
        ("mantodeus-ops", ["--list"]),
        ("inv", ["--list"]),
        ("fab", ["-H", "web1", "--list"]),
        ("mantodeus-ops", ["-H", "web1", "--list"]),
    ],
)
def test_it_lists_its_tasks_as_whatever_it_is_called(monkeypatch, capsys, tmp_path, called, words):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [called, *words])
    with pytest.raises(SystemExit) as ended:
        program.main()
    assert ended.value.code in (0, None)
    assert "deploy.rollback" in capsys.readouterr().out
