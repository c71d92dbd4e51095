import pytest

from mantodeus_ops.errors import InventoryError
from mantodeus_ops.inventory.health_body import body_rule


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
