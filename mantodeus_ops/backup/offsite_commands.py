"""Command lines of restic and rclone for offsite copies."""

from __future__ import annotations

from mantodeus_ops.remote.shell import Argv

TAG = "mantodeus-ops"


def parse_destination(target: str) -> tuple[str, str]:
    """Return the engine and its name of the destination."""
    engine, _, location = target.partition(":")
    return engine, location


def copy_commands(target: str, *, host: str, backup_dir: str, name: str) -> tuple[Argv, ...]:
    """Return the commands that copy and verify a backup, run in project_dir.

    restic verifies data as it stores them.
    """
    engine, location = parse_destination(target)
    files = tuple(f"{name}.{end}" for end in ("tar.gz", "json"))
    sources = tuple(f"{backup_dir}/{file}" for file in files)
    if engine == "restic":
        options = ("--repo", location, "backup", "--json", "--tag", TAG, "--host", host)
        return (("restic", *options, *sources),)
    destination = location.rstrip("/") if not location.endswith(":/") else location
    joint = "" if destination.endswith((":", "/")) else "/"
    copies = zip(sources, files, strict=True)
    only = tuple(word for file in files for word in ("--include", f"/{file}"))
    return (
        *(("rclone", "copyto", source, f"{destination}{joint}{file}") for source, file in copies),
        ("rclone", "check", "--one-way", *only, backup_dir, destination),
    )


def check_command(target: str) -> str:
    """Return a command that checks the destination on the host."""
    engine, location = parse_destination(target)
    return f"restic --repo {location} snapshots" if engine == "restic" else f"rclone lsd {location}"
