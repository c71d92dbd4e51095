"""Files to a host and from it: byte for byte, or an error that names the file."""

import os

import pytest

from mantodeus_ops.errors import HostError
from mantodeus_ops.remote.local_files import PartialFile
from mantodeus_ops.remote.transfer import download, upload
from tests.support.backup_transfers import CutCopy
from tests.support.fake_host import host_at

DATA = os.urandom(300_000)
SIZE = len(DATA)


def fetched(host, file, to, total=SIZE):
    """Download a file; return the offset of the last start."""
    with PartialFile(to) as part:
        offset = download(host, str(file), part, total)
        part.keep()
    return offset


def test_a_file_comes_and_goes_byte_for_byte_with_its_progress(tmp_path):
    host, source = host_at(tmp_path), tmp_path / "source"
    source.write_bytes(DATA)
    assert fetched(host, source, tmp_path / "to") == 0
    assert (tmp_path / "to").read_bytes() == DATA
    assert host.events.progress == (len(DATA), len(DATA))
    there = tmp_path / "there"
    there.touch()
    assert upload(host, source, str(there), len(DATA), lambda: 0) == 0
    assert there.read_bytes() == DATA
    assert host.events.progress == (len(DATA), len(DATA))


def test_both_go_on_at_the_byte_where_the_line_was_cut(tmp_path):
    source, there = tmp_path / "source", tmp_path / "there"
    source.write_bytes(DATA)
    host = host_at(tmp_path, line=CutCopy(70_000, 1))
    assert 0 < fetched(host, source, tmp_path / "to") < len(DATA)
    assert (tmp_path / "to").read_bytes() == DATA
    there.touch()
    host = host_at(tmp_path, line=CutCopy(70_000))
    have = lambda: there.stat().st_size  # noqa: E731 - what the host says it has
    upload(host, source, str(there), len(DATA), have)
    assert there.read_bytes() == DATA


def test_what_the_host_has_already_is_not_sent(tmp_path):
    host = host_at(tmp_path)
    assert upload(host, tmp_path / "not read", "/none", 5, lambda: 5) == 5


@pytest.mark.parametrize(
    ("size", "reason"),
    [(len(DATA) - 1, "is longer than its manifest says"), (len(DATA) + 1, "it ends too early")],
)
def test_a_file_of_another_size_is_refused(tmp_path, size, reason):
    (tmp_path / "source").write_bytes(DATA)
    with pytest.raises(HostError, match=reason):
        fetched(host_at(tmp_path), tmp_path / "source", tmp_path / "to", size)
    assert not (tmp_path / "to").exists()


def test_a_file_that_cannot_be_opened_is_named_with_the_reason(tmp_path):
    host, source = host_at(tmp_path), tmp_path / "source"
    source.write_bytes(DATA)
    with pytest.raises(HostError, match=r"none on here cannot be read: .*No such file"):
        fetched(host, tmp_path / "none", tmp_path / "to")
    with pytest.raises(HostError, match=r"file on here cannot be written: .*No such file") as no:
        upload(host, source, str(tmp_path / "none/file"), len(DATA), lambda: 0)
    assert no.value.hint == "df -h"
