"""What the story tells of pushes: a receiver beside an app that tells all its secrets."""

from __future__ import annotations

from sandbox.openssh import free_port
from tests.e2e.hooked import Hooked
from tests.e2e.story import Story


def github_of(story: Story) -> Hooked:
    """Return GitHub's part, for a receiver on a port of its own."""
    defaults = story.world.box.defaults
    known = defaults.setdefault("webhook", {"port": free_port()})
    assert isinstance(known, dict)
    story.world.box.write_inventory()
    return Hooked(story.world, known["port"])


def installed(story: Story) -> None:
    """Install a receiver; over SSH only planned, as pip is not what is looked at here."""
    github = github_of(story)
    story.run("webhook.install", "--dry-run")
    done = story.world.box.inv("webhook.install")
    story.watch.saw("output of webhook.install", done.stdout + done.stderr)
    assert done.returncode == 0, done.stderr
    assert github.answers()


def delivered(story: Story) -> None:
    """Push a version that tells everything, and have it delivered, twice."""
    github = github_of(story)
    secret = story.watch.canaries.hook
    story.release()
    revision = story.world.box.origin.revision()
    with story.loud():
        assert github.deliver("push", github.push(revision), secret) == 202
        [pushed] = [github.settled(revision)]
        assert pushed["state"] == "done", pushed
    assert github.deliver("push", b"{", secret) == 400
    assert github.deliver("push", secret.encode(), "x" * 64) == 401
    story.run("webhook.redeliver", str(pushed["id"])[:8], "--dry-run")
    story.run("webhook.redeliver", str(pushed["id"])[:8])
    github.settled(revision)
