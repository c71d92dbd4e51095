"""The page that `--help` prints of a task."""

import pytest
from fabric import Config, Executor
from fabric.main import Fab

from fabfile import ns


@pytest.mark.parametrize("name", sorted(ns.task_names))
def test_the_page_of_a_task_has_its_form_examples_and_options_in_80_columns(name, capsys):
    program = Fab(namespace=ns, executor_class=Executor, config_class=Config)
    program.run(["fab", "--help", name], exit=False)
    page = capsys.readouterr().out
    assert max(map(len, page.splitlines())) <= 80
    form, rest = page.split("\n\n", 1)
    text, examples, options = rest.split("\n\n", 2)
    assert form.startswith(f"fab -H NAME {name}")
    assert form.endswith(" [options]")
    assert " ".join(text.split()) == (ns[name].__doc__ or "").partition("\n")[0]
    assert examples.startswith("Examples\n  ")
    assert "fab -H " in examples
    assert "--json" in options
