"""The docstring of errors.py shows the tree of errors as it is."""

import re

from mantodeus_ops import errors


def test_every_failure_has_the_exit_code_that_the_tree_of_errors_says():
    lines = re.findall(r"^[│├└─ ]*(\w+Error) +(\d)  \S", errors.__doc__, re.MULTILINE)
    told = {name: int(code) for name, code in lines}
    classes = {
        name: kind.exit_code
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, errors.OpsError)
    }
    assert told == classes


def test_the_tree_of_errors_is_the_tree_of_classes():
    parents, stack = {}, []
    for line in errors.__doc__.splitlines():
        if found := re.match(r"([│├└─ ]*)(\w+Error) ", line):
            stack = [*stack[: len(found[1]) // 4], found[2]]
            parents[found[2]] = stack[-2] if len(stack) > 1 else "Exception"
    assert {name: getattr(errors, name).__base__.__name__ for name in parents} == parents
