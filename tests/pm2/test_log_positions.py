"""What an app wrote since it was started: by which bytes, whatever became of its log's name."""

from __future__ import annotations

import json

import pytest

from tests.support.project_dir import Project, need

# Each deed is what happens to the logs between the start and the failure.
OLD = "old: an error of an earlier release\\n"
NEW = "new: what this release died of\\n"
DEEDS = {
    "goes on": (f"fs.appendFileSync(errlog, '{NEW}')", "errlog"),
    "takes another name": (f"fs.writeFileSync(other, '{NEW}')", "other"),
    "takes a name that an earlier release had": (f"fs.appendFileSync(before, '{NEW}')", "before"),
    "is emptied": (f"fs.writeFileSync(errlog, '{NEW}')", "errlog"),
    "is emptied and grows beyond what it was": (
        f"fs.writeFileSync(errlog, '{NEW}'.repeat(40))",
        "errlog",
    ),
    "is turned": (
        f"fs.renameSync(errlog, errlog + '.1'); fs.writeFileSync(errlog, '{NEW}')",
        "errlog",
    ),
    "is in a folder of the entry": (f"fs.appendFileSync(named, '{NEW}')", "named"),
}
AFTER = """
process.env.PM2_HOME = params.home;
const place = (...names) => path.join(params.home, ...names);
fs.mkdirSync(place('logs'), { recursive: true });
fs.mkdirSync(place('elsewhere'));
const inLogs = (name) => place('logs', `app-error${name}.log`);
const [errlog, other, before] = ['-0', '', '-3'].map(inLogs);
const named = place('elsewhere', 'err.log');
for (const file of [errlog, before, named]) fs.writeFileSync(file, '%s');
const worker = (file) => ({ err_log: file, out_log: '' });
const began = { at: now(), ...logMarks([worker(errlog)], { logs: [named] }) };
%s;
reply({ errors: lastErrors({ workers: [worker(%s)] }, began) });
"""


@pytest.mark.parametrize("name", DEEDS)
def test_only_what_was_written_since_the_start_is_quoted(tmp_path, name):
    need("node")
    deed, which = DEEDS[name]
    after = AFTER % (OLD, deed, which)
    done = Project(tmp_path).run(
        "transaction/failure_report", after=after, home=str(tmp_path / "pm2")
    )
    errors = json.loads(done.out)["errors"]
    assert errors
    assert set(errors) == {NEW.removesuffix("\\n")}


@pytest.mark.parametrize("which", ["errlog", "before", "named"])
def test_an_app_that_wrote_nothing_since_its_start_is_quoted_with_nothing(tmp_path, which):
    need("node")
    after = AFTER % (OLD, "", which)
    done = Project(tmp_path).run(
        "transaction/failure_report", after=after, home=str(tmp_path / "pm2")
    )
    assert json.loads(done.out)["errors"] == []


def test_a_log_of_which_nothing_was_known_counts_when_it_is_younger_than_the_start(tmp_path):
    need("node")
    after = """
    const file = path.join(project, 'err.log');
    fs.writeFileSync(file, 'said\\n');
    const asked = (at) => sinceStart(file, { at, files: {}, folders: [] });
    reply({ before: asked(now() - 60), after: asked(now() + 60), unknown: sinceStart(file, null) });
    """
    seen = json.loads(Project(tmp_path).run("transaction/failure_report", after=after).out)
    assert seen == {"before": 0, "after": 5, "unknown": 0}


def test_a_watch_misses_no_line_of_a_log_that_was_emptied_meanwhile(tmp_path):
    need("node")
    after = """
    const errlog = path.join(project, 'err.log');
    fs.writeFileSync(errlog, 'one\\ntwo\\n');
    const seen = () => freshErrors([{ err_log: errlog }]);
    const first = seen();
    fs.appendFileSync(errlog, 'three\\nhal');
    const second = seen();
    fs.appendFileSync(errlog, 'f\\n');
    const third = seen();
    fs.writeFileSync(errlog, 'a line that is longer than all that was there before\\n');
    fs.writeSync(1, '\\x1e' + JSON.stringify([first, second, third, seen()]) + '\\n');
    process.exit(0);
    """
    done = Project(tmp_path).run("monitor/watch", after=after, app="x", seconds=0)
    lists = json.loads(done.out.split("\x1e")[1])
    assert lists == [
        [],
        ["three"],
        ["half"],
        ["a line that is longer than all that was there before"],
    ]
