"""A last line without its end is a line by itself: what is said after it begins a new one."""

import pytest

from tests.support.project_dir import Project

RUN = """
runFiltered(['sh', '-c', params.what], { cwd: project }, 10).then(({ said }) => {
  print(`ours ${said.length}`);
  process.exit(0);
});
"""


@pytest.mark.parametrize(
    ("what", "log"),
    [
        ("printf theirs", "theirs\nours 7\n"),
        ("printf 'theirs\\n'", "theirs\nours 7\n"),
        ("printf 'a\\nb'", "a\nb\nours 4\n"),
        ("true", "ours 0\n"),
    ],
)
def test_what_others_print_ends_before_our_sentence(tmp_path, what, log):
    project = Project(tmp_path)
    project.fill()
    assert project.run("redaction/output_filter", after=RUN, what=what).out == log
