from __future__ import annotations

from dataclasses import replace

import pytest

from mantodeus_ops.transaction.health_question import question_findings, right_setting
from tests.support.host_facts import APP
from tests.support.host_facts import facts_of as facts

MISASKED = {"healthy": False, "misasked": True, "reason": "nothing listens on port 1"}


@pytest.mark.parametrize(
    ("url", "right", "setting"),
    [
        ("http://localhost:1/h?t={timestamp}", None, ""),
        (
            "http://localhost:1/h?t={timestamp}",
            {"port": 3311},
            'health_url = "http://localhost:3311/h?t={timestamp}"',
        ),
        ("http://localhost:1/h?t=1", {"path": "/"}, 'health_url = "http://localhost:1/"'),
        ("http://[::1]:1/h", {"port": 2, "path": "/ping"}, 'health_url = "http://[::1]:2/ping"'),
        ("http://localhost/h", {"path": "/"}, 'health_url = "http://localhost/"'),
        ("http://localhost/h", {"port": 80}, 'health_url = "http://localhost:80/h"'),
        ("unix:/run/a.sock:/h", {"port": 3000}, 'health_url = "http://localhost:3000/h"'),
        ("http://h/", {"forwarded": True}, 'health.headers.X-Forwarded-Proto = "https"'),
    ],
)
def test_the_right_setting_is_shown_as_it_is_to_be_written(url, right, setting):
    assert right_setting(replace(APP, health_url=url), right) == setting


def test_a_first_deploy_over_an_app_that_is_asked_wrongly_is_refused_with_the_right_value():
    known = facts(live=None, health={**MISASKED, "right": {"port": 3311, "path": "/health"}})
    [finding] = question_findings(APP, known)
    assert finding.stops
    assert "nothing listens on port 1" in finding.text
    assert 'health_url = "http://localhost:3311/health"' in finding.hint


@pytest.mark.parametrize(
    "changes",
    [
        {"health": MISASKED},
        {"live": None, "health": None},
        {"live": None, "health": {"healthy": False, "reason": "it answered 500"}},
    ],
)
def test_any_other_deploy_goes_on(changes):
    assert question_findings(APP, facts(**{"live": {"revision": "a" * 40}, **changes})) == []


def test_a_value_that_is_not_known_is_looked_for_by_hand():
    [finding] = question_findings(APP, facts(live=None, health={**MISASKED, "right": None}))
    assert finding.hint == "health"
