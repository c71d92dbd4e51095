"""What a shell of the host says of a limit becomes its cause and what to look at."""

import pytest

from mantodeus_ops.remote.answers.limits import cause_of


@pytest.mark.parametrize(
    ("said", "word", "hint"),
    [
        ("bash: line 97: /x/pid: No space left on device", "full", "df -h"),
        ("printf: write error: No space left on device\nops:no-inodes\n", "inode", "df -i"),
        ("mkdir: cannot create directory 'x': Read-only file system", "read-only", "findmnt"),
        ("bash: fork: retry: Resource temporarily unavailable", "processes", "ulimit -u"),
        ("bash: fork: Cannot allocate memory", "memory", "free -m"),
        ("bash: /dev/null: Too many open files", "of a process", "ulimit -n"),
        ("bash: /x: Too many open files in system", "of the host", "file-nr"),
        ("tee: /x: Disk quota exceeded", "quota", "quota"),
        ("cat: /x: Input/output error", "error", "dmesg"),
    ],
)
def test_a_limit_is_told_by_its_words(said, word, hint):
    cause, look = cause_of(said)
    assert word in cause
    assert hint in look


@pytest.mark.parametrize("said", ["", "Killed", "npm ERR! code 1"])
def test_other_words_tell_of_no_limit(said):
    assert cause_of(said) == ("", "")
