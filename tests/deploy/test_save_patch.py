"""What somebody edited on the host is saved so that it comes back, whatever git is set up to do."""

from __future__ import annotations

import json
import os
import shutil

import pytest

from mantodeus_ops.deploy.stage import save_patch
from tests.support.backup_transfers import host_of
from tests.support.fake_host import tree_of
from tests.support.git_repositories import Cloned, git, hostile_home
from tests.support.project_dir import REFUSED

FILES = {
    "page.js": "one\ntwo\nthree\n",
    "latin.txt": b"caf\xe9\n",
    "lines.txt": "a\nb\n",
    "tool.sh": "#!/bin/sh\n",
    "pages/[id].js": "id\n",
    "gone.txt": "gone\n",
    "place": "a file\n",
    "picture": bytes(range(256)),
    ".gitattributes": "*.txt text=auto\n",
}


def edited(root):
    """Change the files in every way that people do; return the names."""
    (root / "page.js").write_text("one\ntwo  \nthree and more\n")
    (root / "latin.txt").write_bytes(b"caf\xe9 cr\xe8me\n")
    (root / "lines.txt").write_bytes(b"a\r\nc\r\n")
    (root / "tool.sh").chmod(0o755)
    (root / "pages/[id].js").write_text("other\n")
    (root / "gone.txt").unlink()
    (root / "place").unlink()
    (root / "place").mkdir()
    (root / "place/inside.txt").write_text("inside\n")
    (root / "picture").write_bytes(bytes(reversed(range(256))))
    (root / "in the way é.txt").write_text("by hand\n")
    (root / "link").symlink_to("page.js")
    known = [name for name in FILES if name != ".gitattributes"]
    return [*known, "in the way é.txt", "link"]


def contents(root):
    """Return every file, as it is to the byte."""
    found = {}
    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(root))
        if path.is_file() and not name.startswith((".git/", ".deploy/")):
            what = str(path.readlink()) if path.is_symlink() else path.read_bytes()
            found[name] = (what, path.lstat().st_mode & 0o100)
    return found


@pytest.fixture
def cloned(tmp_path):
    """Return a clone on a host whose account has set git up in every way."""
    found = Cloned(tmp_path, **FILES)
    found.project.home, found.mark = hostile_home(tmp_path)
    return found


def saved(cloned, names):
    """Return the patch that was saved of these files."""
    done = cloned.project.run("deploy/save_patch", names=names, run="r1")
    assert done.code == 0, done.out
    assert [one.name for one in (cloned.root / ".deploy/patches").iterdir()] == ["r1.patch"]
    return cloned.root / json.loads(done.out)["file"]


def test_all_that_was_edited_comes_back_to_the_byte(cloned):
    names = edited(cloned.root)
    index = (cloned.root / ".git/index").read_bytes()
    wanted = contents(cloned.root)
    patch = saved(cloned, names)
    assert (cloned.root / ".git/index").read_bytes() == index
    git(cloned.root, "reset", "-q", "--hard")
    git(cloned.root, "clean", "-qfd")
    assert contents(cloned.root) != wanted
    git(cloned.root, "apply", patch)
    assert contents(cloned.root) == wanted
    assert not cloned.mark.exists()


def test_an_edit_of_text_is_saved_as_text_with_the_usual_prefixes(cloned):
    (cloned.root / "page.js").write_text("one\n2\nthree\n")
    lines = saved(cloned, ["page.js"]).read_text().split("\n")
    assert [line for line in lines if line[:1] in "+-" and line] == [
        "--- a/page.js",
        "+++ b/page.js",
        "-two",
        "+2",
    ]


def test_a_file_that_was_added_and_taken_away_again_is_nothing_to_lose(cloned):
    (cloned.root / "new.js").write_text("new\n")
    git(cloned.root, "add", "new.js")
    (cloned.root / "new.js").unlink()
    assert saved(cloned, ["new.js"]).read_bytes() == b""


def test_a_filter_that_cannot_be_run_does_not_lose_the_edit(cloned):
    (cloned.root / ".git/info/attributes").write_text("page.js filter=none\n")
    git(cloned.root, "config", "filter.none.clean", "false")
    git(cloned.root, "config", "filter.none.required", "true")
    (cloned.root / "page.js").write_text("edited\n")
    assert "+edited\n" in saved(cloned, ["page.js"]).read_text()


@pytest.mark.parametrize("writes", ["", "diff --git a/page.js b/page.js"])
def test_a_patch_that_does_not_hold_the_edit_is_refused_and_the_edit_stays(cloned, writes):
    fakes = cloned.project.place / "fakes"
    fakes.mkdir()
    text = f"""#!/bin/bash
for word; do [[ $word == --output=* ]] && {{ echo -n "{writes}" >"${{word#*=}}"; exit 0; }}; done
exec {shutil.which("git")} "$@"
"""
    (fakes / "git").write_text(text)
    (fakes / "git").chmod(0o755)
    cloned.project.path = f"{fakes}:{os.environ['PATH']}"
    (cloned.root / "page.js").write_text("edited\n")
    done = cloned.project.run("deploy/save_patch", names=["page.js"], run="r1")
    assert done.code == REFUSED
    assert (cloned.root / "page.js").read_text() == "edited\n"
    assert list((cloned.root / ".deploy/patches").iterdir()) == []


def test_nothing_is_saved_of_a_tree_that_nobody_edited(tmp_path):
    before = tree_of(tmp_path)
    assert save_patch(host_of(tmp_path), "run", ()) == 0
    assert tree_of(tmp_path) == before
