"""What a host's own words say of the limit that a command ran into."""

from __future__ import annotations

NO_INODES = "ops:no-inodes"  # as job.sh says it

# What to look for, what that is, and what to look at: the first that is found counts.
_CAUSES = (
    (NO_INODES, "the disk has no inode left for another file", "df -i"),
    ("No space left on device", "the disk is full", "df -h; df -i"),
    ("Disk quota exceeded", "the disk quota is used up", "quota -s"),
    ("Read-only file system", "the disk is read-only", "findmnt"),
    ("Input/output error", "the disk has an error", "dmesg | tail"),
    ("Too many open files in system", "the host may open no more files", "sysctl fs.file-nr"),
    ("Too many open files", "a process may open no more files", "ulimit -n"),
    ("Resource temporarily unavailable", "the account may start no more processes", "ulimit -u"),
    ("Cannot allocate memory", "there is not enough memory", "free -m"),
    ("Permission denied", "the account has no right to a file", ""),
)


def cause_of(said: str) -> tuple[str, str]:
    """Return which limit of the host these words tell of, and a command to look at it; or empty."""
    for words, cause, hint in _CAUSES:
        if words in said:
            return cause, hint
    return "", ""
