"""Every archive made is one that tar, bsdtar and Python read, and says what the tree was."""

import gzip
import os
import shutil
import socket
import subprocess
import tarfile

import pytest

from tests.support.file_trees import awkward, snapshot, write
from tests.support.project_dir import PARTS, Project, need, tools

KINDS = ("node", "igzip", "pigz", "copied", "linked", "mixed")
C = {"PATH": os.environ["PATH"], "LC_ALL": "C"}


def by_tar(archive, to):
    return _read(["tar", "-tzf", archive], ["tar", "-xpzf", archive, "-C", to])


def by_bsdtar(archive, to):
    need("bsdtar")
    return _read(["bsdtar", "-tf", archive], ["bsdtar", "-xpf", archive, "-C", to])


def _read(listing, extraction):
    subprocess.run(extraction, env=C, check=True)
    told = subprocess.run(listing, env=C, check=True, capture_output=True)
    assert told.stderr == b""
    # its names are escaped, each tool in its own way: the extraction tells


def by_python(archive, to):
    with tarfile.open(archive, encoding="utf-8", errors="surrogateescape") as tar:
        names = [os.fsencode(name) for name in tar.getnames()]
        trust = {"filter": "fully_trusted"} if hasattr(tarfile, "data_filter") else {}
        tar.extractall(to, **trust)  # noqa: S202 - of our own making
    return names


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return a function that makes an archive of a kind, each once: project and manifest."""
    known = {}

    def make(kind):
        if kind not in known:
            known[kind] = _make(kind, tmp_path_factory.mktemp(kind))
        return known[kind]

    return make


def _make(kind, place):
    program = {"igzip": ["igzip"], "pigz": ["pigz"]}.get(kind, [])
    need(*program)
    project = Project(place, tools(place / "bin", *program)).fill()
    awkward(project.root)
    told = project.backup()
    if kind in {"copied", "mixed"}:
        (project.root / ".env").write_text("SECRET=2\n")
    if kind == "mixed":
        project.path = tools(place / "other", "pigz")
    if kind in {"copied", "linked", "mixed"}:
        told = project.backup()
    return project, told


@pytest.mark.parametrize("reader", [by_tar, by_bsdtar, by_python])
@pytest.mark.parametrize("kind", KINDS)
def test_other_tools_list_and_extract_what_was_archived(made, tmp_path, kind, reader):
    project, told = made(kind)
    names = reader(project.archive(told["name"]), tmp_path)
    tree = snapshot(project.root, *PARTS)
    without = "0o120" if reader is by_python else "-"  # Python gives a link no time
    assert _settled(snapshot(tmp_path), without) == _settled(tree, without)
    assert names is None or sorted(names) == sorted(tree)
    assert told["entries"] == len(tree)


def _settled(tree, kind="-"):
    """Return the tree without the one time that no header holds, and those of a kind."""
    timeless = {name for name, one in tree.items() if one[0].startswith(kind)} | {b"dist/future"}
    return {name: (*one[:3], name in timeless or one[3]) for name, one in tree.items()}


@pytest.mark.parametrize("wanted", [PARTS, ("dist",), ("node_modules", ".env")])
@pytest.mark.parametrize("kind", KINDS)
def test_our_own_restore_gives_the_same_tree(made, kind, wanted):
    project, told = made(kind)
    done = project.restore(told["name"], wanted=wanted)
    assert done.code == 0, done.out
    there = _settled(snapshot(project.restored, *wanted))
    assert there == _settled(snapshot(project.root, *wanted))
    assert sorted(one.name for one in project.restored.iterdir()) == sorted(wanted)


@pytest.mark.parametrize("kind", KINDS)
def test_an_archive_is_proven_and_says_how_it_was_made(made, kind):
    project, told = made(kind)
    assert project.verify(told["name"])[told["name"]]["ok"]
    assert told["verdict"] == "good"
    assert told["consistent"]
    assert told.get("same_as") == (None if kind != "linked" else project.listed()[1]["name"])
    reused = {"copied": PARTS[:3], "mixed": PARTS[:3], "linked": PARTS}
    assert told["reused"] == list(reused.get(kind, ()))
    with gzip.open(project.archive(told["name"])) as file:
        assert len(file.read()) == told["plain_bytes"] + 1024


def test_the_compressor_on_the_path_is_the_one_that_is_used(made):
    sizes = {kind: made(kind)[1]["bytes"] for kind in ("node", "igzip", "pigz")}
    assert len(set(sizes.values())) == 3


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_what_is_written_is_private_whatever_the_umask(tmp_path, umask):
    project = Project(tmp_path).fill()
    told = project.backup(umask=umask)
    files = [project.archive(told["name"]), project.backups / f"{told['name']}.json"]
    assert [oct(file.stat().st_mode & 0o7777) for file in files] == ["0o600", "0o600"]
    assert oct(project.backups.stat().st_mode & 0o7777) == "0o700"
    assert project.restore(told["name"], umask=umask).code == 0
    assert snapshot(project.restored, *PARTS) == snapshot(project.root, *PARTS)


def test_sockets_and_pipes_are_left_out_and_told_of(tmp_path):
    project = Project(tmp_path).fill()
    before = snapshot(project.root, "dist")
    os.mkfifo(project.root / "dist/pipe")
    with socket.socket(socket.AF_UNIX) as one:
        with_fd = os.open(project.root / "dist", os.O_RDONLY)
        one.bind(f"/proc/self/fd/{with_fd}/s\u00f6cket")
        os.close(with_fd)
        done = project.run("backup/create")
    assert done.result["skipped"] == ["dist/pipe", "dist/s\u00f6cket"]
    assert "not backed up, as they are sockets or pipes: dist/pipe, dist/s\u00f6cket" in done.out
    assert project.restore(done.result["name"]).code == 0
    assert set(snapshot(project.restored, "dist")) == set(before)


@pytest.mark.parametrize("mode", [0o4755, 0o2755, 0o6711])
def test_a_setuid_file_comes_out_without_the_bit(tmp_path, mode):
    project = Project(tmp_path).fill()
    write(os.fsencode(project.root / "dist/tool"), b"x", mode)
    told = project.backup()
    by_tar(project.archive(told["name"]), tmp_path)
    assert project.restore(told["name"]).code == 0
    for place in (tmp_path, project.restored):
        assert oct((place / "dist/tool").stat().st_mode & 0o7777) == oct(mode & 0o777)


def test_the_manual_way_works_in_a_copy_of_the_project(made, tmp_path):
    project, told = made("copied")
    copy = tmp_path / "copy"
    shutil.copytree(project.root / "backups", copy / "backups")
    argv = ["tar", "-xzf", f"backups/{told['name']}.tar.gz"]
    done = subprocess.run(argv, cwd=copy, capture_output=True, umask=0o022, check=False)
    assert (done.returncode, done.stderr.count(b"\n")) == (0, 1)
    assert b"in the future" in done.stderr
    plain = {name: one[1:3] for name, one in snapshot(project.root, *PARTS).items()}
    assert {name: one[1:3] for name, one in snapshot(copy, *PARTS).items()} == plain


LIARS = {
    "dies": "kill -9 $$",
    "dies late": "head -c 100000 | gzip -1; kill -9 $$",
    "fails": "gzip -1; exit 1",
    "reads nothing": "exit 0",
    "half": "gzip -1 >half.$$; head -c $(($(stat -c %s half.$$) / 2)) half.$$; rm half.$$",
    "half in": "head -c 300 | gzip -1",
    "garbage": "cat >/dev/null; head -c 5000 /dev/urandom",
    "as it is": "cat",
    "loses a member": "cat >whole.$$; tail -c +513 whole.$$ | gzip -1; rm whole.$$",
}


@pytest.mark.parametrize("compressor", ["igzip", "pigz"])
@pytest.mark.parametrize("lie", LIARS)
def test_a_compressor_that_dies_or_lies_is_replaced_by_nodes_own(tmp_path, compressor, lie):
    project = Project(tmp_path, tools(tmp_path / "bin", **{compressor: LIARS[lie]})).fill()
    write(os.fsencode(project.root / "dist/noise"), os.urandom(300_000))
    told = project.backup()
    assert told["consistent"]
    assert project.verify()[told["name"]]["ok"]
    assert project.restore(told["name"]).code == 0
    assert snapshot(project.restored) == snapshot(project.root, *PARTS)


def test_a_compressor_that_breaks_in_the_second_pass_is_replaced_too(tmp_path):
    """The first pass is repeated because a file grew, and then the compressor dies."""
    text = "n=$(cat turns 2>/dev/null); echo 1$n >turns; [ -z $n ] || exit 3"
    fake = f'{text}; echo x >>"project/dist/index.js"; exec gzip -1'
    project = Project(tmp_path, tools(tmp_path / "bin", pigz=fake)).fill()
    write(os.fsencode(project.root / "dist/noise"))
    os.truncate(project.root / "dist/noise", 64 << 20)
    told = project.backup()
    assert project.verify()[told["name"]]["ok"]
    assert told["consistent"]
