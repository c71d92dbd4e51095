import json

from tests.support.project_dir import ABOUT, Project


def test_what_was_made_for_a_state_is_recorded_with_it(tmp_path):
    project = Project(tmp_path).fill()
    made = project.backup(made=["dist"], about={**ABOUT, "live": {"revision": "a" * 40}})
    checked = {"previous": "", "names": [], "same": [], "revision": ""}
    done = project.run("backup/restore_check", name=made["name"], **checked)
    assert json.loads(done.said[-1])["live"]["made"] == ["dist"]
