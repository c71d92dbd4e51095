"""What a look through a fresh login amounts to."""

import pytest

from fabfile.pure.survey import surveyed
from tests.pure.facts import APP

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
    told = surveyed(answer(), APP)
    assert told["lacks"] == []
    assert (told["connection_status"], told["user"]) == ("success", "me")
    assert (told["node_version"], told["git_version"]) == ("v22.11.0", "2.39.5")
    assert (told["pm2_installed"], told["pm2_version"]) == (True, "6.0.5")
    assert (told["path"], told["path_with_login"]) == ("/usr/bin", "/home/me/bin:/usr/bin")
    assert (told["login_shell"], told["node_found_by"]) == ("/bin/bash", "path")
    assert (told["project_dir_exists"], told["project_dir_writable"]) == (True, True)
    assert told["disk_free_bytes"] == 2 << 20


@pytest.mark.parametrize(
    ("changed", "text", "hint"),
    [
        (answer(without="node"), "node is not on PATH", "set path in the inventory"),
        (answer(without="pm2"), "PM2 is neither on PATH", "npm install -g pm2"),
        (answer(project=[["yes", "no", "1"]]), "/srv/app is not writable", "ls -ld /srv/app"),
        (answer(project=[["no", "no", "1"]]), "/srv/app cannot be made", "ls -ld /srv/app"),
        (answer(project=[["no", "yes", "1"]]), "/srv/app is not there yet", "deploy.setup"),
    ],
)
def test_what_a_deploy_would_lack_is_told_with_what_mends_it(changed, text, hint):
    [lack] = surveyed(changed, APP)["lacks"]
    assert lack["text"].startswith(text)
    assert lack["hint"].startswith(hint)


def test_what_a_host_does_not_say_is_not_made_up():
    said = {"project": [["yes", "yes", "-"]], "shell": [["", "/bin/dash"]]}
    told = surveyed(answer(tool=[["node", " strange \n"]], **said), APP)
    assert (told["node_version"], told["npm_version"]) == ("strange", None)
    assert (told["disk_free_bytes"], told["login_shell"]) == (None, "/bin/dash")
    assert surveyed(answer(tool=[]), APP)["node_found_by"] is None
