"""What a change of an `.env` is not applied through, and what is written down of it."""

import json

import pytest

from mantodeus_ops.dotenv.edit import set_variable
from mantodeus_ops.env.apply import apply_env_change
from mantodeus_ops.errors import OpsError
from tests.support.backup_transfers import app_at


def test_a_file_that_somebody_changed_meanwhile_is_left_and_that_is_written_down(tmp_path):
    host = app_at(tmp_path / "site")
    file = tmp_path / "site/.env"

    def edit(change):
        """Say what is to be written, while another program writes."""
        file.write_text("THEIRS=1\n")
        return set_variable(change.file.text, "A", "1")

    with pytest.raises(OpsError, match=r"\.env was changed in the meantime") as refused_:
        apply_env_change(host, "env.set", ["A"], edit, restart=False)
    assert file.read_text() == "THEIRS=1\n"
    line = json.loads((tmp_path / "site/.deploy/history.jsonl").read_text())
    assert {key: line[key] for key in ("task", "ref", "status", "error")} == {
        "task": "env.set",
        "ref": "A",
        "status": "failed",
        "error": refused_.value.message,
    }
    assert [one["name"] for one in line["steps"]] == ["backup"]
    assert (tmp_path / "site/backups" / f"{line['backup']}.json").exists()
