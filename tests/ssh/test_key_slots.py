"""The three places of a key that is being replaced, with a cut after each move."""

import fcntl
import os
import threading

import pytest

from mantodeus_ops.errors import OpsError
from mantodeus_ops.ssh.key_files import generate, public_key_path, read_public_key
from mantodeus_ops.ssh.key_slots import KeySlots


@pytest.fixture
def slots(tmp_path):
    """Return the slots of a key that has a successor."""
    found = KeySlots(tmp_path / "id")
    generate(found.private, "", "before")
    generate(found.new, "", "after")
    return found


def test_the_new_key_takes_the_place_and_the_old_one_stays_beside_it(slots):
    before, after = (read_public_key(path).blob for path in (slots.private, slots.new))
    assert (slots.is_begun(), slots.is_promoted()) == (True, False)
    slots.promote()
    assert (slots.is_begun(), slots.is_promoted()) == (False, True)
    assert (read_public_key(slots.private).blob, slots.old_blob()) == (after, before)
    assert read_public_key(slots.private).comment == "after"
    assert not public_key_path(slots.new).exists()
    slots.delete_old()
    assert (slots.is_begun(), slots.is_promoted()) == (False, False)


def test_a_move_that_was_cut_off_is_repeated(slots):
    after = read_public_key(slots.new).blob
    slots.old.hardlink_to(slots.private)
    slots.promote()
    assert read_public_key(slots.private).blob == after


def test_another_key_in_the_old_place_is_not_replaced(slots):
    generate(slots.old, "", "another")
    held = slots.old.read_bytes()
    with pytest.raises(OpsError) as caught:
        slots.promote()
    assert (slots.old.read_bytes(), slots.is_begun()) == (held, True)
    assert str(slots.old) in caught.value.hint


def test_the_public_half_is_written_after_a_cut(slots):
    after = read_public_key(slots.new).blob
    slots.new.replace(slots.private)
    slots.write_public_key()
    found = public_key_path(slots.private).read_text()
    assert found.endswith(" after\n")
    assert read_public_key(slots.private).blob == after


def test_threads_replace_keys_in_turn(slots):
    entered = threading.Event()

    def second():
        with KeySlots(slots.private.with_name("other")).exclusive():
            entered.set()

    with slots.exclusive():
        thread = threading.Thread(target=second, daemon=True)
        thread.start()
        assert not entered.wait(0.2)
    assert entered.wait(20)
    thread.join(20)


def test_a_second_process_is_refused(slots):
    handle = os.open(slots.private.parent, os.O_RDONLY)  # a lock is one of an open file
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        with pytest.raises(OpsError, match="another run"), slots.exclusive():
            pass
    finally:
        os.close(handle)
    with slots.exclusive():
        pass
