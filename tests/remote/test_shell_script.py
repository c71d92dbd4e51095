"""What needs no node on a host: a look at it, and its authorized_keys."""

import pytest

from mantodeus_ops.remote.shell_script import query_shell
from mantodeus_ops.ssh.host_requirements import summarize_requirements
from tests.support.fake_host import host_at


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Return a home of its own for programs on this machine."""
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def programs(folder, monkeypatch, **texts):
    """Let the PATH be a folder with these programs in front, and return it."""
    folder.mkdir()
    for name, text in texts.items():
        (folder / name).write_text(f"#!/bin/bash\n{text}\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return folder


def test_what_a_program_says_of_its_version_is_taken_from_its_last_line(home, monkeypatch):
    programs(
        home / "bin",
        monkeypatch,
        node="echo v22.1.0",
        npm="echo; echo 'npm warn old'; echo 10.2.3",
        git="echo git version 2.39.5",
        pm2="touch ran; echo 9.9.9",
    )
    host = host_at(home / "app")
    found = summarize_requirements(
        query_shell(host, "ssh/host_requirements", str(home / "app"), "pm2"), host.app
    )
    assert (found["node_version"], found["npm_version"]) == ("v22.1.0", "10.2.3")
    assert (found["git_version"], found["pm2_version"]) == ("2.39.5", "9.9.9")
    assert str(home / "bin") in found["path"]
    assert found["lacks"] == [{"text": f"{home}/app does not exist yet", "hint": "deploy.setup"}]
    assert found["disk_free_bytes"] > 0


def test_pm2_is_asked_nothing_when_its_package_says_enough(home, monkeypatch):
    programs(home / "bin", monkeypatch, node="echo v22.1.0", npm="echo 1.2.3")
    package = home / "app" / "node_modules" / "pm2"
    (package / "bin").mkdir(parents=True)
    (package / "package.json").write_text('{\n  "name": "pm2",\n  "version": "6.0.8"\n}\n')
    (package / "bin" / "pm2").write_text(f"#!/bin/sh\ntouch {home}/ran\n")
    (package / "bin" / "pm2").chmod(0o755)
    (package.parent / ".bin").mkdir()
    (package.parent / ".bin" / "pm2").symlink_to("../pm2/bin/pm2")
    host = host_at(home / "app")
    monkeypatch.setenv("PATH", f"{home}/bin:/usr/bin:/bin")
    found = summarize_requirements(
        query_shell(host, "ssh/host_requirements", str(home / "app"), ""), host.app
    )
    assert found["pm2_installed"]
    assert not (home / "ran").exists()


def test_what_a_host_lacks_is_told_by_name(home):
    answer = {
        "user": [["me", "1000", ""]],
        "shell": [["", "/bin/fish", ""]],
        "path": [["/bin", "", ""]],
        "found": [["search", ""]],
        "tool": [["bash", "GNU bash, version 5.2", ""], ["git", "", ""]],
        "project": [["no", "no", "", ""]],
    }
    found = summarize_requirements(answer, host_at(home / "app").app)
    assert [one["text"].split()[0] for one in found["lacks"]] == [
        "tar",
        "gzip",
        "timeout",
        "node",
        "npm",
        "PM2",
        str(home / "app"),
    ]
    assert (found["login_shell"], found["node_found_by"], found["disk_free_bytes"]) == (
        "/bin/fish",
        None,
        None,
    )
