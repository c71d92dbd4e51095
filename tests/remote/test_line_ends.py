"""Only a newline ends a line: what ends one elsewhere is a part of it, in every answer."""

import pytest

from mantodeus_ops.remote.answers.programs import FACTS, RESOLVE_REF
from tests.support.fake_host import host_at
from tests.support.git_repositories import git, origin

ENDS = "".join(map(chr, (0x0B, 0x0C, 0x1C, 0x1D, 0x1E, 0x85, 0x2028, 0x2029)))
TARGET = {"ref": "main", "dry": False, "measure": [], "ecosystem": ""}


@pytest.fixture
def clone(tmp_path):
    """Return a host with a clone whose last commit and whose .env are full of them."""
    repository = origin(tmp_path / "origin", package_json="{}")
    git(tmp_path / "origin", "commit", "-q", "--allow-empty", "-m", f"a{ENDS}b")
    git(tmp_path, "clone", "-q", repository, "site")
    (tmp_path / "site/.env").write_text(f"A='a{ENDS}b'\n")
    return host_at(tmp_path / "site")


def test_a_subject_is_reported_to_the_letter(clone):
    found = clone.query(RESOLVE_REF, **TARGET)
    assert found["subject"] == f"a{ENDS}b"


def test_what_is_in_env_is_read_to_the_letter(clone):
    assert clone.query(FACTS, want=["env"])["env"]["text"] == f"A='a{ENDS}b'\n"


def test_a_reason_that_holds_them_is_one_line(clone):
    found = clone.query(FACTS, want=["health"])
    answer = {"code": "pm2-not-listed", "facts": {"why": f"a{ENDS}b"}}
    assert "\u2028" not in clone.error(answer).message
    assert found["health"]["healthy"] is False
