"""What a look through a fresh login amounts to."""

import pytest

from mantodeus_ops.ssh.host_requirements import UNKNOWN, summarize_requirements
from tests.support.host_facts import APP

TOOLS = {
    "bash": "GNU bash, version 5.2.15(1)-release",
    "git": "git version 2.39.5",
    "tar": "tar (GNU tar) 1.34",
    "gzip": "gzip 1.12",
    "timeout": "timeout (GNU coreutils) 9.1",
    "node": "v22.11.0",
    "npm": "10.9.0",
    "pm2": "6.0.5",
}


def answer(*, without="", **changes):
    """Return what a host answers that has everything, but for these changes."""
    return {
        "tool": [[name, said] for name, said in TOOLS.items() if name != without],
        "project": [["yes", "yes", "2048"]],
        "shell": [["/bin/bash", "/bin/sh"]],
        "path": [["/usr/bin", "/home/me/bin:/usr/bin"]],
        "user": [["me"]],
        "found": [["path"]],
        **changes,
    }


def test_a_host_that_has_everything_lacks_nothing():
    assert summarize_requirements(answer(), APP) == {
        "connection_status": "success",
        "user": "me",
        "login_shell": "/bin/bash",
        "path": "/usr/bin",
        "path_with_login": "/home/me/bin:/usr/bin",
        "node_found_by": "path",
        "project_dir_exists": True,
        "project_dir_writable": True,
        "disk_free_bytes": 2 << 20,
        "pm2_installed": True,
        "node_version": "v22.11.0",
        "npm_version": "10.9.0",
        "git_version": "2.39.5",
        "pm2_version": "6.0.5",
        "lacks": [],
    }


PM2 = "PM2 is neither on PATH nor in node_modules"
ON_PATH = [
    (answer(without=tool), f"{tool} is not on PATH", "set path in the inventory")
    for tool in ("bash", "git", "tar", "gzip", "timeout", "node", "npm")
]


@pytest.mark.parametrize(
    ("changed", "text", "hint"),
    [
        *ON_PATH,
        (answer(without="pm2"), PM2, "npm install -g pm2  # or set pm2 in the inventory"),
        (answer(project=[["yes", "no", "1"]]), "/srv/app is not writable", "ls -ld /srv/app"),
        (
            answer(project=[["no", "no", "1"]]),
            "/srv/app cannot be made: its folder is not writable",
            "ls -ld /srv/app",
        ),
        (answer(project=[["no", "yes", "1"]]), "/srv/app does not exist yet", "deploy.setup"),
    ],
)
def test_what_a_deploy_would_lack_is_told_with_what_mends_it(changed, text, hint):
    assert summarize_requirements(changed, APP)["lacks"] == [{"text": text, "hint": hint}]


def test_a_host_that_could_not_be_looked_at_has_failed_and_says_nothing():
    assert UNKNOWN["connection_status"] == "failed"
    assert {value for key, value in UNKNOWN.items() if key != "connection_status"} == {None}
    assert set(UNKNOWN) - {"connection_time_seconds"} <= set(summarize_requirements(answer(), APP))


def test_what_a_host_does_not_say_is_not_made_up():
    said = {"project": [["yes", "yes", "-"]], "shell": [["", "/bin/dash"]]}
    told = summarize_requirements(answer(tool=[["node", " strange \n"]], **said), APP)
    assert (told["node_version"], told["npm_version"]) == ("strange", None)
    assert (told["disk_free_bytes"], told["login_shell"]) == (None, "/bin/dash")
    nothing = answer()
    del nothing["tool"]
    told = summarize_requirements(nothing, APP)
    assert (told["node_found_by"], told["pm2_installed"]) == (None, False)
    assert (told["project_dir_exists"], len(told["lacks"])) == (True, 8)
