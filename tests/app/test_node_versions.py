"""The nodes that version managers keep on a host, and the files that ask for one."""

import json

import pytest

from tests.support.project_dir import Project

KEPT = {
    ".nvm/versions/node/v22.12.0/bin": "v22.12.0",
    ".local/share/fnm/node-versions/v18.1.0/installation/bin": "v18.1.0",
    ".volta/tools/image/node/20.1.0/bin": "v20.1.0",
    ".asdf/installs/nodejs/16.1.0/bin": "v16.1.0",
    ".local/share/mise/installs/node/21.0.0/bin": "v21.0.0",
}


@pytest.fixture
def project(tmp_path):
    """Return a project in a home with nodes of every version manager."""
    found = Project(tmp_path)
    found.home = tmp_path / "home"
    for name in (*KEPT, ".nvm/versions/node/v0.1/bin", ".local/share/mise/installs/node/21/bin"):
        (found.home / name).mkdir(parents=True)
        (found.home / name / "node").touch()
    (found.home / ".nvm/versions/node/v23.0.0/bin").mkdir(parents=True)  # half removed
    return found


SHOW = "const show = (value) => console.log(JSON.stringify(value));\n"


def test_what_version_managers_keep_is_found(project):
    done = project.run("app/node_versions", after=f"{SHOW}nodeFacts().then(show)")
    facts = json.loads(done.out)
    found = {
        one["folder"].removeprefix(f"{project.home}/"): one["version"] for one in facts["others"]
    }
    assert {name: version for name, version in found.items() if name in KEPT} == KEPT
    assert not [name for name in found if "v23" in name or "v0.1" in name]
    assert facts["version"].startswith("v")
    assert facts["pm2"] == ""


def test_the_files_of_the_app_s_folder_come_before_those_of_the_clone(project):
    files = {".nvmrc": "18", "web/.nvmrc": "20", ".node-version": "16", "mise.toml": ""}
    text = f"show(nodeFiles('web', (name) => ({json.dumps(files)})[name] || ''))"
    done = project.run("app/node_versions", after=f"{SHOW}{text}")
    assert json.loads(done.out) == {"web/.nvmrc": "20", ".node-version": "16"}
