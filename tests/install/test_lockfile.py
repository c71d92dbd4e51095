import pytest

from mantodeus_ops.install.lockfile import missing_dependency


def asked(locked, spec="^2", member="", specifier=""):
    """Return one dependency that is asked for."""
    return {
        "member": member,
        "name": "y",
        "spec": spec,
        "locked": locked,
        "specifier": specifier,
    }


@pytest.mark.parametrize(
    ("direct", "words"),
    [
        ([], ""),
        ([asked("2.1.0"), asked("link"), asked("unknown")], ""),
        ([asked("2.1.0"), asked("")], "package.json asks for y ^2, which the lockfile does not"),
        ([asked("1.0.0")], "package.json asks for y ^2, and the lockfile has 1.0.0"),
        ([asked("", member="packages/a")], "packages/a/package.json asks for y ^2"),
        (
            [asked("2.1.0", specifier="^2.1")],
            "package.json asks for y ^2, and the lockfile was made",
        ),
        ([asked("2.1.0", specifier="^2")], ""),
        ([asked("unknown", spec="latest", specifier="^2")], ""),
        ([asked("", spec="link:../y"), asked("", spec="workspace:*")], ""),
    ],
)
def test_what_the_lockfile_has_not_is_named(direct, words):
    found = missing_dependency(direct)
    assert bool(found) == bool(words)
    assert words in found
