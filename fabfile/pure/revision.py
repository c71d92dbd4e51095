"""Refs as people type them, and the git commands that a deploy runs."""

from __future__ import annotations

import re

from .errors import UsageError
from .shell import Command

FETCH_SECONDS = 600
WORKTREE_SECONDS = 300
# A hook of the checkout is somebody's code; a remote that sends nothing would hold us for ever.
_GIT = (
    "git",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "http.lowSpeedLimit=1000",
    "-c",
    "http.lowSpeedTime=20",
)
GIT_ENV = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "false",
    "GIT_SSH_COMMAND": "ssh -o BatchMode=yes -o ConnectTimeout=15",
}
# git check-ref-format(1): what no ref may hold.
_NEVER = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(/|$)|^[-./]|[/.]$|^@$")


def checked_ref(ref: str) -> str:
    """Return the ref; raise UsageError when git could not have a ref of this name."""
    if not ref or _NEVER.search(ref):
        raise UsageError(
            f"{ref!r} cannot be a branch, a tag or a revision", "fab -H NAME deploy --ref main"
        )
    return ref


def fetch(project: str) -> Command:
    """Return the command that brings every branch and tag of the remote, also rewritten ones."""
    specs = ("+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*")
    argv = (*_GIT, "fetch", "--prune", "--no-tags", "--force", "origin", *specs)
    return Command(argv, project, GIT_ENV, FETCH_SECONDS)


def add_worktree(project: str, revision: str) -> Command:
    """Return the command that puts the revision into the staging directory."""
    argv = (*_GIT, "worktree", "add", "--quiet", "--force", "--detach", ".deploy/staging", revision)
    return Command(argv, project, {}, WORKTREE_SECONDS)


def checkout_back(branch: str, revision: str) -> tuple[str, ...]:
    """Return git's words that set the work tree back to a branch, or to none, at the revision."""
    return checkout("branch" if branch else "revision", branch, revision)


def checkout(kind: str, ref: str, revision: str) -> tuple[str, ...]:
    """Return git's words that set the work tree to the revision: on the branch, or on none."""
    where = ("-B", ref) if kind == "branch" else ("--detach",)
    return (
        ("checkout", "--quiet", "--force", "--no-track", *where, revision)
        if kind == "branch"
        else ("checkout", "--quiet", "--force", *where, revision)
    )
