"""Whatever tree an app is: what comes out of its backup is that tree, by every way there is."""

# ruff: noqa: PTH101, PTH102, PTH118, PTH123, PTH211 - names are bytes here, which Path does not take

import os
import stat

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.file_trees import snapshot
from tests.support.project_dir import Project, tools

NAMES = st.binary(min_size=1, max_size=120).filter(
    lambda name: name not in {b".", b".."} and not set(name) & set(b"/\0")
)
TIMES = st.integers(0, 2**33 - 1)
FILES = st.tuples(
    st.just("file"), st.binary(max_size=2000), st.sampled_from([0o400, 0o600, 0o644, 0o755]), TIMES
)
LINKS = st.tuples(
    st.just("link"), st.binary(min_size=1, max_size=400).filter(lambda to: b"\0" not in to)
)
FOLDERS = st.sampled_from([0o700, 0o755, 0o555, 0o1777, 0o2755])


def folder(inner):
    """Return folders of what `inner` gives."""
    return st.tuples(st.just("folder"), st.dictionaries(NAMES, inner, max_size=5), FOLDERS, TIMES)


FOLDER = folder(FILES | LINKS)
TREES = st.recursive(FOLDER, folder, max_leaves=6)
PARTS = st.fixed_dictionaries(
    {"dist": TREES.filter(lambda tree: tree[0] != "link")},  # a part that is a link is refused
    optional={"node_modules": FOLDER, "package-lock.json": FILES, ".env": FILES},
)


def make(path, tree):
    """Make what a tree says at a path."""
    kind, what, *more = tree
    if kind == "link":
        os.symlink(what, path)
        return
    if kind == "file":
        with open(path, "wb") as file:
            file.write(what)
    else:
        os.mkdir(path)
        for name, inner in what.items():
            make(os.path.join(path, name), inner)
    os.chmod(path, more[0])
    os.utime(path, (more[1], more[1]))


def opened(root):
    """Give the write bits back that a pytest needs to remove the tree."""
    for place, folders, _ in os.walk(os.fsencode(root)):
        for name in (*folders, b"."):
            path = os.path.join(place, name)
            if stat.S_ISDIR(os.lstat(path).st_mode):
                os.chmod(path, 0o700)


@pytest.mark.slow
@settings(max_examples=20, suppress_health_check=list(HealthCheck))
@given(parts=PARTS, program=st.sampled_from([(), ("igzip",), ("pigz",)]))
def test_any_tree_comes_out_as_it_went_in(tmp_path_factory, parts, program):
    place = tmp_path_factory.mktemp("tree")
    project = Project(place, tools(place / "bin", *program))
    for name, tree in parts.items():
        make(os.fsencode(project.root / name), tree)
    before = snapshot(project.root, *sorted(parts))
    told = project.backup()
    assert told["entries"] == len(before)
    done = project.restore(told["name"], wanted=sorted(parts))
    assert done.code == 0, done.out
    assert snapshot(project.restored, *sorted(parts)) == before
    assert project.backup()["content"] == told["content"]
    opened(project.root)
