"""A secret of GitHub's that is made anew: whoever had none before has none to let go of."""

import re

from mantodeus_ops.webhook.secret import renew
from tests.support.backup_transfers import app_at
from tests.support.streams import Terminal


def test_only_a_secret_that_replaces_another_is_to_be_followed_by_letting_that_go(
    tmp_path, monkeypatch
):
    screen = Terminal()
    monkeypatch.setattr("sys.stdout", screen)
    host, file = app_at(tmp_path / "site"), tmp_path / "site/.env"
    assert renew(host).status == "success"
    [first] = re.findall(r"WEBHOOK_SECRET=([0-9a-f]{64})\n", file.read_text())
    assert f"shown this once: {first}\n" in screen.getvalue()
    at_github = "put it into the webhook's Secret at GitHub: Settings, Webhooks, Edit"
    assert host.events.notes == [at_github]
    assert renew(host).status == "success"
    assert f"WEBHOOK_SECRET_OLD={first}\n" in file.read_text()
    finish = "then let go of the one before: fab -H here webhook.secret --finish"
    assert host.events.notes[1:] == [at_github, finish]
