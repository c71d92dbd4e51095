"""How the way from a push to its deploy looks."""

import io

from mantodeus_ops import views
from mantodeus_ops.results import HostResult, TaskResult
from mantodeus_ops.ui.print_results import emit
from tests.support.rendered import shown

PUSH = {
    "id": "4595fe01-43d3-4a5b",
    "event": "push",
    "at": 1_764_945_000,
    "after": "b" * 40,
    "pusher": "ann",
    "state": "failed",
    "outcome": "it did not build",
    "seconds": 12.3,
}
PING = {"id": "f3a2b1c0-0000", "event": "ping", "at": 1_764_944_000, "state": "ignored"}
STATUS = {
    "installed": True,
    "runs": True,
    "answers": True,
    "by": "pm2",
    "pid": 4711,
    "address": "127.0.0.1:9000/webhook",
    "url": "https://h/webhook",
    "live": "a" * 40,
    "remote_commit": "b" * 40,
    "behind": 2,
    "deliveries": {"done": 9, "failed": 1},
    "refused": {"401": 3},
    "last_push": PUSH,
    "findings": [
        {"level": "fail", "text": "the push failed", "hint": "inv webhook.redeliver 4595fe01"}
    ],
}


def test_the_card_of_a_receiver_says_who_keeps_it_and_what_came_last():
    assert shown(views.webhook, TaskResult("failed", STATUS, 7, "e", "h")) == (
        "● web0  failed  1.0 s\n"
        "  receiver    answers, under PM2, process 4711\n"
        "  listens on  127.0.0.1:9000/webhook\n"
        "  for GitHub  https://h/webhook\n"
        "  live        aaaaaaaaaa\n"
        "  remote      2 commits ahead: bbbbbbbbbb\n"
        "  last push   failed, bbbbbbbbbb, 2025-12-05 14:30:00 UTC, by ann\n"
        "  deliveries  9 done, 1 failed\n"
        "  refused     401 3\n"
        "  ✗           the push failed\n"
        "              → inv webhook.redeliver 4595fe01\n"
    )


def test_a_host_without_a_receiver_says_so():
    none = {"installed": False, "runs": False, "answers": False, "by": "", "findings": []}
    text = shown(views.webhook, TaskResult("success", none))
    assert "receiver  not installed" in text.replace("    ", "  ")


def test_deliveries_are_rows_with_what_each_led_to_below():
    report = TaskResult("success", {"deliveries": [PUSH, PING]})
    text = shown(views.deliveries, report, columns="120")
    lines = text.splitlines()
    assert "4595fe01" in lines[2]
    assert "12.3 s" in lines[2]
    assert lines[3] == "  it did not build"
    assert "f3a2b1c0" in lines[4]
    assert "deliveries  none" in shown(views.deliveries, TaskResult("success", {"deliveries": []}))


def test_several_hosts_are_rows_of_one_table():
    text = shown(
        views.webhook, TaskResult("failed", STATUS, 7), TaskResult("success", {}), columns="120"
    )
    assert "does not answer" in text
    assert "failed, bbbbbbbbbb" in text


def test_a_poll_that_has_nothing_to_do_prints_nothing():
    out, err = io.StringIO(), io.StringIO()
    quiet = HostResult("poll", "web", TaskResult("unchanged", {"reason": "it has not moved"}), 1.0)
    emit([quiet, quiet], views.poll, as_json=False, stdout=out, stderr=err, env={})
    assert (out.getvalue(), err.getvalue()) == ("", "")


def test_a_ping_says_where_it_went_and_where_it_ended():
    data = {"place": "https://h/webhook", "answer": 502, "answer_seconds": 0.2, "ended_at": "proxy"}
    text = shown(views.ping, TaskResult("failed", data, 7, "the proxy …", "webhook.status"))
    assert "answer    502, 0.2 s" in text
    assert "ended at  proxy" in text
