"""Recognizes system limits, such as a full disk, in the output of a command."""

from __future__ import annotations

NO_INODES = "ops:no-inodes"  # printed by job.sh

# Text to search for, cause, and a command to inspect it; the first match counts.
_CAUSES = (
    (NO_INODES, "the disk has no free inode left", "df -i"),
    ("No space left on device", "the disk is full", "df -h; df -i"),
    ("Disk quota exceeded", "the disk quota is used up", "quota -s"),
    ("Read-only file system", "the disk is read-only", "findmnt"),
    ("Input/output error", "the disk has an error", "dmesg | tail"),
    (
        "Too many open files in system",
        "the limit on open files of the host is reached",
        "sysctl fs.file-nr",
    ),
    ("Too many open files", "the limit on open files of a process is reached", "ulimit -n"),
    (
        "Resource temporarily unavailable",
        "the limit on processes of the account is reached",
        "ulimit -u",
    ),
    ("Cannot allocate memory", "there is not enough memory", "free -m"),
    ("Permission denied", "the account has no permission for a file", ""),
)


def cause_of(output: str) -> tuple[str, str]:
    """Return the limit named in this output and a command to inspect it, or empty strings."""
    for words, cause, hint in _CAUSES:
        if words in output:
            return cause, hint
    return "", ""
