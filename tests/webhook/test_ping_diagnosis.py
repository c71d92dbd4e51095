"""A ping, and what the answer to it says of the way that it went."""

import json
from dataclasses import replace
from pathlib import PurePosixPath

import pytest

from mantodeus_ops.inventory.settings import App
from mantodeus_ops.webhook.github_events import Expected, decide, signed_by
from mantodeus_ops.webhook.ping_diagnosis import PingFailure, diagnose, ping_delivery

APP = App(
    project_dir=PurePosixPath("/srv/app"),
    name="app",
    health_url="http://h/",
    repository="git@github.com:me/app.git",
)
SECRET = "s3cr3t-" * 8


def test_a_ping_is_what_the_receiver_takes_for_one_signed_and_like_no_other():
    one, other = (ping_delivery(APP, SECRET, id_) for id_ in ("a", "b"))
    body = one.body.encode()
    signature = one.headers["X-Hub-Signature-256"].encode()
    assert signed_by(body, signature, [SECRET.encode()]) == 0
    assert decide("ping", body, Expected("me/app", 0, "main"))[0].outcome == "pong"
    assert json.loads(body) == {
        "zen": "Pings from home are answered like any other.",
        "hook_id": 0,
        "delivery": "a",
        "repository": {"id": 0, "full_name": "me/app"},
    }
    assert one.headers == {
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "User-Agent": "GitHub-Hookshot/mantodeus-ops",
        "X-GitHub-Delivery": "a",
        "X-GitHub-Event": "ping",
        "X-Hub-Signature-256": signature.decode(),
    }
    assert one.body != other.body
    assert SECRET not in one.body + str(one.headers)
    assert ping_delivery(replace(APP, repository=""), SECRET, "a").body
    assert ping_delivery(APP, "\udcff" * 40, "a").headers != one.headers


LOOK = "webhook.status"
ANOTHER = "the receiver at {} knows another secret than .env here (401)"
NAME = "set webhook.url in the inventory to a name that has an address"
LEADS = "set webhook.url in the inventory to where it leads"
UNREACHED = "the proxy at {} does not reach the receiver"


@pytest.mark.parametrize(
    ("answer", "where", "text", "hint"),
    [
        ((200, "<html>"), "proxy", "something else than the receiver answers at {}", LOOK),
        ((200, "already seen\n"), "proxy", "something else than the receiver answers at {}", LOOK),
        (
            (401, "no valid signature\n"),
            "secret",
            f"{ANOTHER}, or something on the way changes the body",
            LOOK,
        ),
        (
            (401, ""),
            "proxy",
            "what is in front at {} wants a login (401), which GitHub has not",
            LOOK,
        ),
        (
            (404, "not here\n"),
            "path",
            "the receiver at {} answers 404: what is in front changes the path",
            "set webhook.path and webhook.url in the inventory alike",
        ),
        (
            (404, "<h1>"),
            "proxy",
            "what is in front at {} does not pass this path on (404)",
            LOOK,
        ),
        ((405, ""), "proxy", "what is in front at {} takes no POST (405)", LOOK),
        ((413, ""), "proxy", "what is in front at {} finds even a ping too large (413)", LOOK),
        *(((code, ""), "proxy", f"{UNREACHED} ({code})", LOOK) for code in (502, 503, 504)),
        (
            (503, "not now\n"),
            "receiver",
            "the receiver refuses the ping (503): not now",
            "logs --webhook",
        ),
        (
            (429, "too many\n"),
            "receiver",
            "the receiver refuses the ping (429): too many",
            "logs --webhook",
        ),
        *(
            (
                (code, "", "https://x/"),
                "redirect",
                f"{{}} leads on to https://x/ ({code}), and GitHub follows no redirect",
                LEADS,
            )
            for code in (301, 302, 303, 307, 308)
        ),
        (
            (308, ""),
            "redirect",
            "{} leads on to nowhere (308), and GitHub follows no redirect",
            LEADS,
        ),
        ((500, ""), "proxy", "what is in front at {} answers 500", LOOK),
        (("dns", "no name"), "dns", "the name in {} has no address: no name", NAME),
        (
            ("tls", "expired"),
            "tls",
            "TLS fails at {}: expired",
            "renew the certificate: GitHub's deliveries end here too",
        ),
        (("refused", "refused"), "refused", "nothing listens at {}: refused", LOOK),
        (("timeout", "5 s"), "timeout", "{} gives no answer: 5 s", LOOK),
        (("network", "reset"), "network", "{} cannot be reached: reset", LOOK),
        ((None, "reset"), "network", "{} cannot be reached: reset", LOOK),
    ],
)
def test_where_a_ping_ended_is_named(answer, where, text, hint):
    code, said, *location = answer
    seen = {"status": code, "body": said} if isinstance(code, int) else {"error": said}
    seen |= {"location": location[0]} if location else {}
    seen |= {"kind": code} if isinstance(code, str) else {}
    place = "https://h/webhook"
    assert diagnose(seen, place) == PingFailure(where, text.format(place), hint)


def test_a_ping_that_the_receiver_answered_has_no_trouble():
    assert diagnose({"status": 200, "body": "pong\n"}, "https://h/webhook") is None
