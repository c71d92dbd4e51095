"""The list of apps in an entry, also of one that an older version of the tool wrote."""

from __future__ import annotations

import json

import pytest

from tests.support.project_dir import Project, need

ASKED = """
const { entry, other } = params;
reply({
  names: namesOf(entry),
  digests: appsOf(entry).map(({ digest }) => digest),
  complete: isComplete(entry),
  missing: missingIn(entry, other).map(({ name }) => name),
  logs: entryLogs(entry),
  rest: appsOf(entry).filter(mayRest).map(({ name }) => name),
});
process.exit(0);
"""
WEB = {"name": "web", "digest": "w", "sets": ["A"], "logs": ["/l/web"]}
JOBS = {"name": "jobs", "digest": "j", "cron": True}
ONCE = {"name": "once", "digest": "o", "autorestart": False}
CASES = {
    "none": (None, [], [], False),
    "older": ({"file": "e", "digest": "d", "logs": ["/l/old"]}, ["web"], ["/l/old"], False),
    "several": (
        {"file": "e", "apps": [WEB, JOBS, ONCE]},
        ["web", "jobs", "once"],
        ["/l/web"],
        True,
    ),
    "damaged": ({"file": "e", "digest": "d", "apps": [None, 5]}, ["web"], [], False),
    "by hand": ({"file": "e", "kept": "k", "apps": [WEB]}, ["web"], ["/l/web"], False),
    "known": ({"kept": "k", "complete": True, "apps": [WEB]}, ["web"], ["/l/web"], True),
}


def asked(place, **params):
    """Return what is known of these entries."""
    done = Project(place).run("pm2/apps", after=ASKED, app="web", **params)
    assert done.code == 0, done.out
    return json.loads(done.out)


@pytest.mark.parametrize("name", CASES)
def test_an_entry_without_a_list_stands_for_the_app_of_the_inventory(tmp_path, name):
    need("node")
    entry, names, logs, complete = CASES[name]
    seen = asked(tmp_path, entry=entry, other=None)
    assert (seen["names"], seen["logs"], seen["complete"]) == (names, logs, complete)
    assert seen["missing"] == names
    assert set(seen["rest"]) == set(names) & {"jobs", "once"}


@pytest.mark.parametrize(
    ("other", "missing"), [({"digest": "d"}, ["jobs"]), ({"apps": [JOBS, WEB]}, [])]
)
def test_what_an_entry_has_more_than_another_is_missing_there(tmp_path, other, missing):
    need("node")
    assert asked(tmp_path, entry={"apps": [WEB, JOBS]}, other=other)["missing"] == missing
