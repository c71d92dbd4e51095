"""A ping, and what the answer to it says of the way that it went."""

import json
from dataclasses import replace
from pathlib import PurePosixPath

import pytest

from fabfile.pure.github import Expected, judge, signed_by
from fabfile.pure.ping import ping_delivery, trouble
from fabfile.pure.settings import App

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
    assert judge("ping", body, Expected("me/app", 0, "main"))[0].outcome == "pong"
    assert json.loads(body)["repository"]["full_name"] == "me/app"
    assert int(one.headers["Content-Length"]) == len(body)
    assert one.body != other.body
    assert SECRET not in one.body + str(one.headers)
    assert ping_delivery(replace(APP, repository=""), SECRET, "a").body


@pytest.mark.parametrize(
    ("answer", "where", "said"),
    [
        ({"status": 200, "body": "pong\n"}, "", ""),
        ({"status": 200, "body": "<html>"}, "proxy", "something else than the receiver"),
        ({"status": 200, "body": "already seen\n"}, "proxy", "something else"),
        ({"status": 401, "body": "no valid signature\n"}, "secret", "another secret"),
        ({"status": 401, "body": ""}, "proxy", "wants a login"),
        ({"status": 404, "body": "not here\n"}, "path", "changes the path"),
        ({"status": 404, "body": "<h1>"}, "proxy", "does not pass this path on"),
        ({"status": 405, "body": ""}, "proxy", "no POST"),
        ({"status": 413, "body": ""}, "proxy", "too large"),
        ({"status": 502, "body": ""}, "proxy", "does not reach the receiver"),
        ({"status": 504, "body": ""}, "proxy", "does not reach the receiver"),
        ({"status": 503, "body": "not now\n"}, "receiver", "not now"),
        ({"status": 429, "body": "too many\n"}, "receiver", "too many"),
        ({"status": 301, "body": "", "location": "https://x/"}, "redirect", "https://x/"),
        ({"status": 308, "body": ""}, "redirect", "nowhere"),
        ({"status": 500, "body": ""}, "proxy", "answers 500"),
        ({"error": "Name or service not known", "kind": "dns"}, "dns", "has no address"),
        ({"error": "certificate has expired", "kind": "tls"}, "tls", "expired"),
        ({"error": "Connection refused", "kind": "refused"}, "refused", "nothing listens"),
        ({"error": "timed out", "kind": "timeout"}, "timeout", "no answer"),
        ({"error": "reset", "kind": "network"}, "network", "cannot be reached: reset"),
    ],
)
def test_where_a_ping_ended_is_named(answer, where, said):
    found = trouble(answer, "https://h/webhook")
    assert (found.where if found else "") == where
    if found:
        assert said in found.text
        assert found.hint
