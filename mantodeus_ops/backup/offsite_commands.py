"""Copies of backups off the host: where to, and the engine's command lines."""

from __future__ import annotations

from mantodeus_ops.remote.shell import Argv

TAG = "mantodeus-ops"


def engine_and_place(target: str) -> tuple[str, str]:
    """Return the engine, and what it calls the place."""
    engine, _, place = target.partition(":")
    return engine, place


def copy_commands(target: str, *, host: str, backup_dir: str, name: str) -> tuple[Argv, ...]:
    """Return the command lines that copy a backup, run in project_dir, the last one proving it.

    restic proves what it stores as it stores it.
    """
    engine, place = engine_and_place(target)
    files = tuple(f"{name}.{end}" for end in ("tar.gz", "json"))
    here = tuple(f"{backup_dir}/{file}" for file in files)
    if engine == "restic":
        options = ("--repo", place, "backup", "--json", "--tag", TAG, "--host", host)
        return (("restic", *options, *here),)
    there = place.rstrip("/") if not place.endswith(":/") else place
    joint = "" if there.endswith((":", "/")) else "/"
    copies = zip(here, files, strict=True)
    only = tuple(word for file in files for word in ("--include", f"/{file}"))
    return (
        *(("rclone", "copyto", source, f"{there}{joint}{file}") for source, file in copies),
        ("rclone", "check", "--one-way", *only, backup_dir, there),
    )


def first_steps(target: str) -> str:
    """Return what a person types on the host to see whether the engine finds its place."""
    engine, place = engine_and_place(target)
    return f"restic --repo {place} snapshots" if engine == "restic" else f"rclone lsd {place}"
