"""The entry that PM2 gets of a stage: names, environment, scripts, digests."""

import json

import pytest

from tests.support.project_dir import Project

WEB = {"name": "web", "script": "dist/index.js"}
WORKER = {"name": "worker", "script": "dist/worker.js"}
BUILT = ("dist/index.js", "dist/worker.js", "dist/main.js")


@pytest.fixture
def project(tmp_path):
    """Return a project whose stage was built."""
    found = Project(tmp_path)
    for name in BUILT:
        file = found.root / ".deploy/staging" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("//\n")
    return found


def entry(project, apps=None, call="stagedEntry().entry", **params):
    """Return the entry of these apps, or why there is none."""
    told = {"app": "web", "pm2_env": "production", "pm2_name": "", "ecosystem": ""}
    if apps is not None:
        told["ecosystem"] = "ecosystem.config.json"
        file = project.root / ".deploy/staging/ecosystem.config.json"
        file.write_text(json.dumps({"apps": apps}))
    caught = "error.refusal ? [error.refusal, error.facts] : String(error)"
    text = f"try {{ tell({call}) }} catch (error) {{ tell({caught}) }}"
    tell = "const tell = (value) => console.log(JSON.stringify(value));\n"
    done = project.run("pm2/ecosystem", after=tell + text, **{**told, **params})
    return json.loads(done.out.rstrip().rpartition("\n")[2])


def test_the_file_itself_is_started_where_it_has_the_name(project):
    found = entry(project, [WEB, WORKER])
    assert (found["file"], found.get("source")) == ("ecosystem.config.json", None)
    assert [app["name"] for app in found["apps"]] == ["web", "worker"]
    assert "env" not in found


def test_its_environment_is_given_where_the_file_has_something_for_it(project):
    with_env = {**WEB, "env": {"A": "1"}, "env_production": {"B": "2"}}
    found = entry(project, [with_env])
    assert (found["env"], sorted(found["sets"])) == ("production", ["A", "B"])
    other = entry(project, [with_env], pm2_env="staging")
    assert ("env" in other, other["sets"]) == (False, ["A"])
    assert found["digest"] != other["digest"]


@pytest.mark.parametrize(
    ("apps", "params", "names"),
    [
        ([WEB, WORKER], {"pm2_name": "{name}-two", "app": "web-two"}, ["web-two", "worker-two"]),
        ([WEB], {"pm2_name": "shop", "app": "shop"}, ["shop"]),
        ([{**WEB, "append_env_to_name": True}], {"app": "web-production"}, ["web-production"]),
        ([{"script": "dist/web.js"}], {"pm2_name": "a-{name}", "app": "a-web"}, ["a-web"]),
    ],
)
def test_another_name_in_pm2_is_given_by_a_file_of_this_tool(project, apps, params, names):
    found = entry(project, apps, **params)
    assert (found["file"], found["source"]) == (
        ".deploy/ecosystem.config.cjs",
        "ecosystem.config.json",
    )
    assert [app["name"] for app in found["apps"]] == names == list(found["names"].values())


@pytest.mark.parametrize(
    ("apps", "params", "code"),
    [
        ([WEB, WORKER], {"pm2_name": "shop", "app": "shop"}, "pm2-name-for-several"),
        ([WORKER], {}, "ecosystem-app-missing"),
        ([WEB, WEB], {}, "ecosystem-app-missing"),
    ],
)
def test_a_file_without_the_app_is_refused(project, apps, params, code):
    assert entry(project, apps, **params)[0] == code


def test_a_script_without_its_extension_is_what_node_loads(project):
    spec = {"script": "dist/main", "interpreter": "node", "args": ["dist/main"]}
    found = entry(project, spec=spec)
    [app] = found["generated"]["apps"]
    assert (app["script"], app["args"]) == ("dist/main.js", ["dist/main"])
    plain = entry(project, spec={"script": "npm", "args": ["start"], "interpreter": "none"})
    assert plain["generated"]["apps"][0]["script"] == "npm"


def test_what_pm2_would_not_find_is_named_for_every_app(project):
    call = "missingScripts(stagedEntry().specs)"
    gone = {"name": "worker", "script": "dist/main"}
    assert entry(project, [WEB, WORKER], call) == []
    assert entry(project, [WEB, gone], call) == [{"app": "worker", "script": "dist/main"}]
    live = {"name": "web", "script": f"{project.root}/dist/index.js", "cwd": str(project.root)}
    assert entry(project, [live], call) == []


def test_the_boot_test_runs_what_lies_in_the_stage(project):
    live = {
        **WEB,
        "script": f"{project.root}/dist/index.js",
        "args": [f"{project.root}/dist/main.js", "--port"],
        "env": {"A": 1},
    }
    found = entry(project, [live], "bootEntry()")
    stage = str((project.root / ".deploy/staging").resolve())
    assert found["argv"] == ["node", f"{stage}/dist/index.js", f"{stage}/dist/main.js", "--port"]
    assert found["cwd"] == stage
    assert found["env"] == {"NODE_APP_INSTANCE": "0", "A": "1"}
