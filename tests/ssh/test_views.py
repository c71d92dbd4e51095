"""How the tasks around SSH look."""

from mantodeus_ops import views
from mantodeus_ops.results import TaskResult
from mantodeus_ops.ssh.host_requirements import UNKNOWN
from tests.support.rendered import shown

KEY = {"fingerprint": "SHA256:abc", "identity_file": "/me/id", "passphrase": False}
CHECK = {
    "connection_status": "success",
    "connection_time_seconds": 0.25,
    "server": "SSH-2.0-x",
    "fingerprint": "ssh-ed25519 SHA256:abc",
    "user": "me",
    "login_shell": "/bin/bash",
    "node_version": "v22.1.0",
    "project_dir_exists": False,
    "lacks": [{"text": "/srv/app does not exist yet", "hint": "deploy.setup"}],
}
AUDIT = {
    "methods": ["publickey", "password"],
    "authorized_keys": [
        {"fingerprint": "SHA256:abc", "comment": "me", "known": True},
        {"fingerprint": "SHA256:def", "comment": "", "known": False},
    ],
    "findings": [{"level": "fail", "text": "it is open", "hint": "close it"}],
}


def test_a_key_is_shown_with_what_a_passphrase_would_change():
    lines = shown(views.ssh_key, TaskResult("success", KEY)).splitlines()
    assert [line.split() for line in lines[1:]] == [
        ["key", "SHA256:abc"],
        ["file", "/me/id"],
        ["passphrase", "no"],
    ]


def test_a_pinned_key_is_shown_with_the_one_before():
    data = {"key_type": "ssh-ed25519", "fingerprint": "SHA256:abc", "previous": ["SHA256:old"]}
    text = shown(views.ssh_trust, TaskResult("success", data))
    assert "ssh-ed25519 SHA256:abc" in text
    assert "before    SHA256:old" in text


def test_a_check_says_what_is_lacking_and_what_to_do():
    text = shown(views.ssh_check, TaskResult("success", CHECK))
    assert "0.2 s, SSH-2.0-x" in text
    assert "lacks       /srv/app does not exist yet: deploy.setup" in text
    table = shown(
        views.ssh_check, TaskResult("success", CHECK), TaskResult("unreachable", UNKNOWN, 3)
    )
    assert table.splitlines()[0].split()[:4] == ["host", "status", "connected", "in"]
    assert "unreachable" in table


def test_an_audit_names_who_is_let_in_and_each_finding():
    text = shown(views.ssh_audit, TaskResult("failed", AUDIT, 7, "it is open", "close it"))
    assert "publickey, password" in text
    assert "SHA256:def  (unknown)" in text
    assert [line.split() for line in text.splitlines()[-2:]] == [
        ["✗", "it", "is", "open"],
        ["→", "close", "it"],
    ]
