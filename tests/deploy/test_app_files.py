import json

import pytest

from mantodeus_ops.deploy.app_files import count_files, written_findings

UPLOADS = {"name": "dist", "count": 5, "files": ["dist/a", "dist/b", "dist/c"]}


def test_files_are_counted_and_the_first_are_named():
    assert count_files(UPLOADS) == "5 files (dist/a, dist/b, dist/c and 2 more)"
    assert count_files({"count": 1, "files": ["dist/a"]}) == "1 file (dist/a)"


@pytest.mark.parametrize(
    ("written", "allowed", "stops"),
    [
        ([], False, []),
        ([UPLOADS], False, [True]),
        ([UPLOADS], True, [False]),
        ([UPLOADS | {"name": "other"}], False, []),
    ],
)
def test_what_a_swap_would_carry_off_stops_a_deploy_until_it_is_allowed(written, allowed, stops):
    found = written_findings({"written": written}, ("dist",), allowed=allowed)
    assert [one.stops for one in found] == stops
    assert all("--allow-dirty" in one.hint for one in found if one.stops)


@pytest.mark.parametrize(
    ("files", "line"),
    [
        (["dist/uploads/a", "dist/uploads/b"], 'shared_paths = ["dist/uploads"]'),
        (["dist/a/x", "dist/a/b/y"], 'shared_paths = ["dist/a"]'),
        (["dist/app.db"], 'shared_paths = ["dist/app.db"]'),
        (["dist/a/x", "dist/b"], 'shared_paths = ["dist/a", "dist/b"]'),
    ],
)
def test_the_hint_is_the_line_that_keeps_the_files(files, line):
    written = [{"name": "dist", "count": len(files), "files": files}]
    (found,) = written_findings({"written": written}, ("dist",), allowed=False)
    assert line in found.hint


def test_a_host_that_says_nothing_of_it_has_none():
    assert written_findings({}, ("dist",), allowed=False) == []


def test_a_folder_of_assets_is_not_shared_as_a_whole():
    files = ["dist/assets/me.png", "dist/assets/v1/x", "dist/own/y"]
    written = [{"name": "dist", "count": 3, "files": files}]
    (found,) = written_findings(
        {"written": written}, ("dist",), allowed=False, assets=("dist/assets",)
    )
    shared = ["dist/assets/me.png", "dist/assets/v1/x", "dist/own"]
    assert f"shared_paths = {json.dumps(shared)}" in found.hint
