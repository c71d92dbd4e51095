"""What is quoted of an app's log: where each error begins, and no stack, field or bracket."""

import json

import pytest

from tests.support.project_dir import Project

SAY = """
const file = path.join(project, 'err.log');
const workers = [{ err_log: file, out_log: '' }];
const began = { at: now(), ...logMarks(workers, {}) };
fs.appendFileSync(file, params.log);
reply(lastErrors({ workers }, began));
process.exit(0);
"""
FIELDS = """Error: connect ECONNREFUSED 127.0.0.1:5432
    at TCPConnectWrap.afterConnect (node:net:1595:16) {
  errno: -111,
  code: 'ECONNREFUSED'
}
"""


@pytest.mark.parametrize(
    ("log", "quoted"),
    [
        (FIELDS, ["Error: connect ECONNREFUSED 127.0.0.1:5432"]),
        ("one\ntwo\n\n" + FIELDS, ["one", "two", "Error: connect ECONNREFUSED 127.0.0.1:5432"]),
        ("  only\n  indented\n", ["  only", "  indented"]),
        ("a\u2028b\u0085c\n", ["a\u2028b\u0085c"]),
        ("".join(f"line {number}\n" for number in range(9)), [f"line {n}" for n in range(4, 9)]),
        ("\u00a0\n", ["\u00a0"]),
        ("", []),
    ],
)
def test_the_beginnings_of_the_last_errors_are_quoted(tmp_path, log, quoted):
    project = Project(tmp_path)
    (project.root / "err.log").write_text("of an earlier version\n")
    done = project.run("transaction/failure_report", after=SAY, log=log)
    assert json.loads(done.out) == quoted
