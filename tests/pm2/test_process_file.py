"""Process files in every form that PM2 takes, read with PM2's own reader and without it."""

import json
import os
import shutil
import subprocess

import pytest

from sandbox.shelf import pm2_folder
from tests.support.project_dir import Project, tools

APPS = '{ apps: [{ name: "web", script: "a b.js", env_production: { NODE_ENV: "production" } }] }'
WANTED = [{"name": "web", "script": "a b.js", "env_production": {"NODE_ENV": "production"}}]
YAML = """\
apps:
  - name: web
    script: a b.js
    env_production:
      NODE_ENV: production
"""
FORMS = {
    "ecosystem.config.cjs": f"module.exports = {APPS};",
    "ecosystem.config.js": f"module.exports = {APPS};",
    "pm2.config.cjs": f"console.log('loaded'); module.exports = {APPS};",
    "ecosystem.json": APPS,  # keys without quotes: PM2 reads it as JavaScript
    "process.json": f"// a comment\n{APPS}",
    "package.json": json.dumps({"pm2": WANTED}),
    "ecosystem.config.yaml": YAML,
    "process.yml": YAML,
}


@pytest.fixture(params=["pm2", "without"])
def project(tmp_path, request):
    """Return a project on a host with PM2, or before PM2 was installed."""
    path = tools(tmp_path / "bin")
    if request.param == "pm2":
        (path / "pm2").symlink_to(pm2_folder() / "pm2")
    return Project(tmp_path, path=path)


def read(project, file, early="false", **files):
    """Return what is read of the file; what it is refused for otherwise."""
    for name, text in files.items():
        (project.root / name).write_text(text)
    call = f"readProcessFile(params.project_dir, {json.dumps(file)}, {{ early: {early} }})"
    told = "console.log(JSON.stringify(error.refusal ? [error.refusal, error.facts] : `${error}`))"
    text = f"try {{ console.log(JSON.stringify({call})) }} catch (error) {{ {told} }}"
    done = project.run("pm2/process_file", after=text, pm2_env="production")
    return json.loads(done.out.rstrip().rpartition("\n")[2])


@pytest.mark.parametrize("file", FORMS)
def test_a_file_is_read_as_pm2_reads_it(project, file):
    if file.endswith(("yaml", "yml")) and not (project.path / "pm2").exists():
        assert read(project, file, early="true", **{file: FORMS[file]}) is None
        return
    assert read(project, file, **{file: FORMS[file]}) == {"apps": WANTED, "deploy_env": {}}


def test_the_variables_of_a_deploy_section_come_along(project):
    text = "module.exports = { apps: { script: 'x' }, deploy: { production: { env: { A: '1' } } } }"
    found = read(project, "ecosystem.config.cjs", **{"ecosystem.config.cjs": text})
    assert found == {"apps": [{"script": "x"}], "deploy_env": {"A": "1"}}


MODULE = {"package.json": '{"type": "module"}'}
REFUSED = [
    ("ecosystem.config.js", f"export default {APPS};\n", MODULE, "ecosystem-is-module"),
    ("ecosystem.config.mjs", f"export default {APPS};\n", {}, "ecosystem-is-module"),
    ("ecosystem.config.cjs", f"export default {APPS};\n", {}, "ecosystem-exports"),
    ("pm2.config.js", f"module.exports = {APPS};\n", MODULE, "ecosystem-in-module"),
    ("ecosystem.config.mjs", f"import 'fs';\nexport default {APPS};", {}, "ecosystem-imports"),
    ("ecosystem.config.cjs", "module.exports = {", {}, "ecosystem-not-loaded"),
    ("ecosystem.config.json", "{", {}, "ecosystem-not-loaded"),
]


@pytest.mark.parametrize(("file", "text", "more", "code"), REFUSED)
def test_a_file_that_pm2_cannot_load_is_refused_before_an_install(project, file, text, more, code):
    found = read(project, file, early="true", **{file: text, **more})
    assert found[0] == code, found


CURES = {
    "ecosystem-is-module": "sed 's/^export default/module.exports =/' {file} >{to} && rm {file}",
    "ecosystem-exports": "sed -i 's/^export default/module.exports =/' {file}",
    "ecosystem-in-module": "mv {file} {to}",
}


@pytest.mark.parametrize(
    ("file", "text", "more", "code"), [row for row in REFUSED if row[3] in CURES]
)
def test_what_the_hint_says_makes_it_one_that_pm2_loads(project, file, text, more, code):
    """The hint of the refusal, with `git mv` and `git rm` as `mv` and `rm`."""
    facts = read(project, file, **{file: text, **more})[1]
    subprocess.run(["sh", "-c", CURES[code].format(**facts)], cwd=project.root, check=True)
    assert read(project, facts["to"])["apps"] == WANTED


def test_what_an_install_may_bring_is_waited_for(project):
    text = f"require('dotenv').config(); module.exports = {APPS};"
    assert read(project, "ecosystem.config.cjs", "true", **{"ecosystem.config.cjs": text}) is None
    assert read(project, "ecosystem.config.cjs")[0] == "ecosystem-not-loaded"


def test_what_pm2_refuses_is_refused(tmp_path):
    project = Project(tmp_path, path=f"{pm2_folder()}:{os.environ['PATH']}")
    text = (
        "module.exports = { apps: [{ name: 'web', script: 'x.js', max_memory_restart: 'much' }] }"
    )
    code, facts = read(project, "ecosystem.config.cjs", **{"ecosystem.config.cjs": text})
    assert code == "ecosystem-not-loaded"
    assert "max_memory_restart" in facts["why"]
    assert shutil.which("pm2", path=project.path)
