import pytest

from mantodeus_ops.errors import InventoryError
from mantodeus_ops.inventory.health_settings import (
    HealthPolicy,
    body_rule,
    headers,
    health_url,
    json_rule,
)


@pytest.mark.parametrize("rule", ['"status": ?"(ok|up)"', "(?:a|b)(?=c)(?!d)(?<=e)(?<!f)", "^ok$"])
def test_a_rule_that_python_and_javascript_read_alike_is_taken_as_it_is(rule):
    assert body_rule(rule) == rule


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("(ok", "must be a regular expression: missing"),
        ("(?P<word>ok)", "of JavaScript"),
        ("(?i)ok", "of JavaScript"),
        (r"\Aok", "of JavaScript"),
        (r"ok\Z", "of JavaScript"),
        (7, "must"),
    ],
)
def test_any_other_rule_is_refused(rule, told):
    with pytest.raises(InventoryError, match=told):
        body_rule(rule)


def test_the_time_of_a_new_process_is_a_total_of_its_own_or_that_of_all_requests():
    assert (HealthPolicy().seconds, HealthPolicy().attempts) == (18, 5)
    assert (HealthPolicy(timeout=60).seconds, HealthPolicy(timeout=60).attempts) == (60, 19)
    assert HealthPolicy(wait=5, timeout=1).seconds == 5
    assert HealthPolicy(timeout=10, delay=0).attempts == 70


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", ""),
        ("http://localhost:3000/?t={timestamp}", "http://localhost:3000/?t={timestamp}"),
        ("unix:/run/app.sock:/health?x=1", "unix:/run/app.sock:/health?x=1"),
        ("http://unix:/run/app.sock:/", "unix:/run/app.sock:/"),
        ("unix:run/app.sock:/", "unix:run/app.sock:/"),
    ],
)
def test_the_address_is_a_url_a_socket_or_nothing(value, expected):
    assert health_url(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        "localhost:3000",
        "unix:/run/app.sock",
        "unix:/run/app.sock:health",
        "unix::/health",
        "unix:/run/../app.sock:/",
        f"unix:/{'x' * 107}:/",
        "unix:/run/app.sock:/{time}",
        "unix:/run/app.sock:/a b",
        3000,
    ],
)
def test_any_other_address_is_refused(value):
    with pytest.raises(InventoryError, match="must"):
        health_url(value)


@pytest.mark.parametrize(
    "value",
    [{"X-Forwarded-Proto": "https"}, ["X-Forwarded-Proto: https"], ["X-Forwarded-Proto:https"]],
)
def test_headers_are_a_table_or_a_list(value):
    assert headers(value) == (("X-Forwarded-Proto", "https"),)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"Authorization": "x"}, "never holds secrets"),
        (["cookie: x"], "never holds secrets"),
        ({"Connection": "close"}, "belongs to the connection"),
        ({"A b": "x"}, "must be headers"),
        (["novalue"], "must hold values"),
        ({"A": "x\ny"}, "control"),
        ({"A": 1}, "must be a string"),
        ({"A": "ü"}, "ASCII"),
        (["A: 1", "a: 2"], "twice"),
        ("A: 1", "must be a table"),
    ],
)
def test_any_other_header_is_refused(value, told):
    with pytest.raises(InventoryError, match=told):
        headers(value)


def test_values_of_a_json_answer_are_known_by_their_paths():
    table = {"status": "ok", "checks": {"db": True}, "a.b": 1}
    assert json_rule(table) == (("status", "ok"), ("checks.db", True), ("a.b", 1))


@pytest.mark.parametrize("value", ["ok", {"a": []}, {"a": {}}, {"a": float("nan")}, {"a\n": 1}])
def test_any_other_value_of_an_answer_is_refused(value):
    with pytest.raises(InventoryError, match="must"):
        json_rule(value)
