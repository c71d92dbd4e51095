import hashlib
import stat

import pytest

from mantodeus_ops.errors import OpsError
from mantodeus_ops.remote.local_files import (
    PartialFile,
    digest_of,
    local_file_errors,
    private_folder,
    read_chunks,
    write_private,
)


def mode(path):
    """Return the permissions of a file or folder."""
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_is_resumed_and_gets_its_name_at_the_end(tmp_path):
    file = tmp_path / "backup.tar.gz"
    with PartialFile(file) as part:
        part.add(b"one ")
    assert not file.exists()
    with PartialFile(file) as part:
        assert part.size == 4
        part.add(b"two")
        assert part.digest() == hashlib.sha256(b"one two").hexdigest()
        part.keep()
    assert (file.read_bytes(), mode(file)) == (b"one two", 0o600)
    assert list(tmp_path.iterdir()) == [file]


def test_two_do_not_write_one_file(tmp_path):
    with PartialFile(tmp_path / "file") as first:
        with pytest.raises(OpsError, match="another process"):
            PartialFile(tmp_path / "file")
        first.drop()
    with PartialFile(tmp_path / "file") as second:
        assert second.size == 0


def test_a_link_in_the_place_of_a_partial_file_is_not_followed(tmp_path):
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "file.part").symlink_to(tmp_path / "mine")
    with pytest.raises(OpsError), local_file_errors(tmp_path):
        PartialFile(tmp_path / "file")
    assert (tmp_path / "mine").read_text() == "mine"


def test_text_replaces_a_file_whole_and_private(tmp_path):
    file = tmp_path / "a/b/file"
    write_private(file, "a long text")
    write_private(file, "short")
    assert file.read_text() == "short"
    assert [mode(path) for path in (file, file.parent, file.parent.parent)] == [
        0o600,
        0o700,
        0o700,
    ]


def test_a_folder_that_is_there_keeps_its_mode(tmp_path):
    tmp_path.chmod(0o755)
    private_folder(tmp_path / "new")
    assert (mode(tmp_path), mode(tmp_path / "new")) == (0o755, 0o700)


def test_the_digest_of_a_file_that_is_not_there_is_empty(tmp_path):
    (tmp_path / "file").write_bytes(b"x")
    assert digest_of(tmp_path / "file") == hashlib.sha256(b"x").hexdigest()
    assert not digest_of(tmp_path / "none")


def test_pieces_begin_where_they_are_asked_to(tmp_path):
    content = bytes(range(256)) * 5000
    (tmp_path / "file").write_bytes(content)
    assert b"".join(read_chunks(tmp_path / "file", 100)) == content[100:]
    assert list(read_chunks(tmp_path / "file", len(content))) == []


def test_an_error_with_files_here_names_the_file(tmp_path):
    with pytest.raises(OpsError) as caught, local_file_errors(tmp_path):
        (tmp_path / "none").read_text()
    assert str(tmp_path / "none") in caught.value.message
