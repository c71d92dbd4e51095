"""What the tasks env and env.diff read of an `.env`."""

import pytest

from mantodeus_ops.env import inspect as env
from mantodeus_ops.errors import PreflightError
from mantodeus_ops.results import TaskResult
from tests.support.backup_transfers import app_at


def test_a_file_that_is_not_there_is_compared_with_nothing(tmp_path):
    host = app_at(tmp_path / "site")
    (tmp_path / "site/.env").unlink()
    with pytest.raises(PreflightError, match=r"\.env is missing") as refused_:
        env.diff(host)
    assert refused_.value.hint == "fab -H here env.sync"


def test_the_list_says_of_each_variable_whether_it_is_set_and_a_secret(tmp_path):
    host = app_at(tmp_path / "site", required_env=("DATABASE_URL",))
    rows = {row["name"]: row for row in env.listing(host).data["variables"]}
    assert (rows["JWT_SECRET"]["state"], rows["JWT_SECRET"]["secret"]) == ("set", True)
    assert (rows["DATABASE_URL"]["state"], rows["DATABASE_URL"]["required"]) == ("missing", True)
    assert "canary" not in str(rows)
    assert "canary" not in host.redactor.text("canary-0123456789")


def test_a_check_is_red_when_a_required_variable_is_missing(tmp_path):
    found = env.check(app_at(tmp_path / "site", required_env=("DATABASE_URL",)))
    assert (found.status, found.exit_code) == ("failed", 7)
    assert any("DATABASE_URL" in row["text"] for row in found.data["findings"])
    assert "canary" not in str(found.data)


def test_hosts_are_compared_by_digests_that_are_not_in_the_result(tmp_path):
    one, two = app_at(tmp_path / "one"), app_at(tmp_path / "two")
    (tmp_path / "one/.env").write_text("SAME=1\nPORT=1\n")
    (tmp_path / "two/.env").write_text("SAME=1\nPORT=2\n")
    results = {"one": env.diff(one), "two": env.diff(two), "away": TaskResult("unreachable", {}, 3)}
    found = env.across(results)
    assert "fingerprints" in results["one"].data
    assert "fingerprints" not in found["one"].data
    compared = {row["name"]: row["hosts"] for row in found["one"].data["between_hosts"]}
    assert compared == {"PORT": {"one": "A", "two": "B"}}
    assert found["away"] is results["away"]
    assert "between_hosts" not in env.across({"one": results["one"]})["one"].data
