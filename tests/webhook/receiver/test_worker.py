"""What a receiver does with what it has accepted. J… are numbers of the table of faults."""

import json
import resource
import time

import pytest

from mantodeus_ops.webhook.receiver.delivery_store import DeliveryStore
from tests.support.receiver_site import any_revision, headers, payload, push, request


@pytest.fixture
def pushed(site):
    """Have a receiver that runs, and one revision at the tip."""
    revision = site.commits(1)[0]
    site.tip(revision)
    return site, revision


def test_j19_while_a_deploy_runs_deliveries_are_answered_as_fast_as_ever(pushed):
    site, revision = pushed
    (site.folder / "deploys.held").touch()
    site.start()
    assert site.ask(push(revision))[0] == 202
    site.wait(lambda: site.deployed("begin"))
    took = []
    for _ in range(30):
        began = time.perf_counter()
        assert site.ask(push(any_revision()))[0] == 202
        took.append(time.perf_counter() - began)
    assert site.deployed("end") == []  # it went on all the time
    assert sorted(took)[15] < 1


def only(site):
    (row,) = site.rows()
    return row


def says(site, code, **told):
    """Have the deploys end like this; without anything told, well."""
    for name, text in (("deploys.says", json.dumps(told) + "\n"), ("deploys.code", str(code))):
        path = site.folder / name
        path.write_text(text) if told else path.unlink(missing_ok=True)


def test_a_push_leads_to_a_deploy_with_an_environment_of_few_names(pushed, monkeypatch):
    site, revision = pushed
    for name in ("pm_id", "NODE_APP_INSTANCE", "WEBHOOK_SECRET", "DATABASE_URL", "OPS_DEBUG"):
        monkeypatch.setenv(name, "leaks")
    monkeypatch.setenv("TZ", "UTC")
    site.start()
    assert site.ask(push(revision))[0] == 202
    site.settle()
    row = only(site)
    assert (row["state"], row["outcome"], row["tries"]) == ("done", "deployed", 1)
    assert (row["ref"], row["after"], row["pusher"]) == ("refs/heads/main", revision, "octocat")
    env = (site.folder / "deploys.env").read_text()
    assert "leaks" not in env
    assert "OPS_OPERATOR=webhook:octocat\n" in env
    assert "TZ=UTC\n" in env


def test_a_deploy_that_failed_is_not_followed_by_another_until_somebody_says_so(pushed):
    site, revision = pushed
    says(site, 1, ok=False, exit_code=1, error="the build failed")
    site.start()
    body = payload(revision)
    head = headers(body)
    assert site.ask(request(body, head))[0] == 202
    site.settle()
    time.sleep(1.2)
    assert site.deployed() == [revision]
    assert (only(site)["state"], only(site)["outcome"]) == ("failed", "the build failed")
    says(site, 0)
    assert site.ask(request(body, headers(body))) == (200, b"already seen\n")  # J7: not by a copy
    assert site.ask(request(body, head)) == (202, b"accepted\n")  # J6: redelivered at GitHub
    site.settle()
    assert (only(site)["state"], site.deployed()) == ("done", [revision] * 2)


def test_a_delivery_is_taken_up_again_when_a_person_says_so(pushed):
    site, revision = pushed
    site.start()
    assert site.ask(push(revision))[0] == 202
    site.settle()
    spool = DeliveryStore(site.project / ".deploy/webhook.db")
    spool.redeliver(only(site)["id"][:8])
    spool.close()
    site.wait(lambda: len(site.deployed()) == 2)


def test_a_lock_that_is_held_is_waited_for(pushed):
    site, revision = pushed
    says(site, 4, ok=False, exit_code=4, error="the lock is held by somebody")
    site.start()
    assert site.ask(push(revision))[0] == 202
    site.wait(lambda: only(site)["outcome"] == "the lock is held by somebody")
    assert only(site)["due"] > time.time()
    says(site, 0)
    site.settle()
    assert only(site)["state"] == "done"
    assert site.deployed() == [revision] * len(site.deployed())


def test_a_remote_that_is_silent_is_asked_again(pushed):
    site, revision = pushed
    away = site.folder / "away.git"
    (site.folder / "origin.git").rename(away)
    site.start()
    assert site.ask(push(revision))[0] == 202
    site.wait(lambda: "the remote does not answer" in only(site)["outcome"])
    assert site.deployed("begin") == []
    away.rename(site.folder / "origin.git")
    site.settle()
    assert (only(site)["state"], site.deployed()) == ("done", [revision])


def test_j7_a_revision_that_is_not_the_tip_is_not_deployed(pushed):
    site, revision = pushed
    other = any_revision()
    site.start()
    assert [site.ask(push(one))[0] for one in (other, revision)] == [202, 202]
    site.wait(site.deployed)
    site.settle()
    assert site.deployed("begin") == [revision]
    assert {row["after"]: row["state"] for row in site.rows()} == {
        other: "folded",
        revision: "done",
    }


def test_a_revision_that_was_rolled_back_is_not_deployed_again(pushed):
    site, revision = pushed
    (site.project / ".deploy/rejected.json").write_text(json.dumps({revision: {"at": 1}}))
    site.start()
    assert site.ask(push(revision))[0] == 202
    site.settle()
    assert (only(site)["state"], site.deployed("begin")) == ("rejected", [])


def test_j12_a_forced_push_is_deployed_and_told(pushed):
    site, revision = pushed
    site.start()
    body = payload(revision, forced=True)
    assert site.ask(request(body, headers(body)))[0] == 202
    site.settle()
    assert site.deployed() == [revision]
    assert [line["after"] for line in site.log() if line["what"] == "forced"] == [revision]


def test_j26_what_was_missed_is_told_and_left_to_a_person(pushed):
    site, revision = pushed
    live = any_revision()
    (site.project / ".deploy/live.json").write_text(json.dumps({"revision": live}))
    site.start()
    site.wait(lambda: any(line["what"] == "behind" for line in site.log()))
    (line,) = [line for line in site.log() if line["what"] == "behind"]
    assert (line["live"], line["tip"]) == (live, revision)
    assert site.deployed("begin") == []


def test_j21_what_the_disk_does_not_take_is_not_accepted(pushed):
    site, revision = pushed
    site.start()
    assert site.ask(push(any_revision()))[0] == 202
    wal = (site.project / ".deploy/webhook.db-wal").stat().st_size
    unlimited = resource.prlimit(site.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(site.process.pid, resource.RLIMIT_FSIZE, (wal, unlimited[1]))
    data = push(revision)
    assert site.ask(data) == (503, b"not now\n")
    assert revision not in {row["after"] for row in site.rows()}
    resource.prlimit(site.process.pid, resource.RLIMIT_FSIZE, unlimited)
    assert site.ask(data) == (202, b"accepted\n")
    site.wait(lambda: site.deployed() == [revision])


@pytest.mark.parametrize(
    ("text", "mode"),
    [("", 0o600), ("WEBHOOK_SECRET=short\n", 0o600), (None, 0o644)],
    ids=["J25 gone", "H14 short", "H14 readable by others"],
)
def test_without_a_secret_to_be_trusted_nothing_is_accepted(site, text, mode):
    site.start()
    good = (site.project / ".env").read_text()
    site.write_env(good if text is None else text, mode)
    assert site.ask(push(any_revision())) == (503, b"not now\n")
    site.write_env(good)
    assert site.ask(push(any_revision()))[0] == 202


def test_j29_no_line_of_the_log_is_anybodys_but_ours(site):
    site.start()
    nasty = 'x\r\n{"what": "done"}\x1b[31m\u2028\u202e' + "y" * 5_000
    body = payload(any_revision(), pusher={"name": nasty}, ref=f"refs/heads/{nasty}")
    assert site.ask(request(body, headers(body)))[0] == 200
    site.ask(
        request(b"{}", headers(b"{}", X_GitHub_Event=nasty.encode("ascii", "ignore").decode()))
    )
    site.kill(15)
    text = (site.project / "logs/webhook.log").read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    assert [line["what"] for line in lines if line["what"] not in {"behind", "remote"}] == [
        "started",
        "ignored",
        "refused",
        "ended",
    ]
    assert text.isascii()
    assert "\x1b" not in text
    assert "u001b" not in text
    assert max(map(len, text.splitlines())) < 1_500


def test_what_was_refused_is_counted(site):
    site.start()
    for _ in range(3):
        site.ask(push(any_revision(), secret=b"x" * 40))
    site.ask(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    site.kill(15)
    spool = DeliveryStore(site.project / ".deploy/webhook.db")
    assert spool.facts()["refused"] == {"401": 3, "404": 1}
    spool.close()


def test_its_files_are_private(pushed):
    site, revision = pushed
    site.start()
    assert site.ask(push(revision))[0] == 202
    site.settle()
    made = [*(site.project / ".deploy").rglob("*"), *(site.project / "logs").rglob("*")]
    assert len(made) > 5
    assert [path for path in made if path.stat().st_mode & 0o077] == []
