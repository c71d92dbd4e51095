"""Refs as people type them, and the git commands that a deploy runs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mantodeus_ops.app.git import git_command
from mantodeus_ops.errors import PreflightError, UsageError
from mantodeus_ops.remote.shell import Command
from mantodeus_ops.text.format import short

FETCH_SECONDS = 600
WORKTREE_SECONDS = 300
# git check-ref-format(1): what no ref may hold.
_NEVER = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(/|$)|^[-./]|[/.]$|^@$")
_FULL = re.compile(r"[0-9a-fA-F]{40}|[0-9a-fA-F]{64}")
_SPELLED = re.compile(r"(?:refs/)?(?:heads|tags)/")


def checked_ref(ref: str) -> str:
    """Return the ref; raise UsageError when it can be no branch, tag or revision to deploy.

    That is what git could not have, `HEAD`, and a branch that is named as a revision is.
    """
    spelled = _SPELLED.match(ref)
    name = ref[spelled.end() :] if spelled else ref
    other = name == "HEAD" or (spelled and is_full(name))
    if other or any(not one or _NEVER.search(one) for one in (ref, name)):
        raise UsageError(
            f"{ref!r} cannot be a branch, a tag or a revision", "fab -H NAME deploy --ref main"
        )
    return ref


def is_full(ref: str) -> bool:
    """Return whether this is a whole revision, which is never a name."""
    return bool(_FULL.fullmatch(ref))


def branch_ref(branch: str) -> str:
    """Return the spelling of a branch that no tag or revision shares."""
    return f"refs/heads/{branch}"


def refuse_another(ref: str, revision: str) -> None:
    """Raise PreflightError when a whole revision was asked for and another one was found."""
    if is_full(ref) and revision != ref.lower():
        text = f"{short(ref)} was asked for, but git found {short(revision)}: nothing was deployed"
        raise PreflightError(text, f"git rev-parse --verify {ref}^{{commit}}")


def exactly(revision: str) -> str:
    """Return what git takes for this revision only: a branch of that name would win otherwise."""
    return f"{revision}^0"


def fetch(project: str) -> Command:
    """Return the command that brings every branch and tag of the remote, also rewritten ones."""
    specs = ("+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*")
    words = ("fetch", "--prune", "--no-tags", "--force", "origin", *specs)
    return git_command(words, project, FETCH_SECONDS, remote=True)


def add_worktree(project: str, revision: str) -> Command:
    """Return the command that puts the revision into the staging directory."""
    where = (".deploy/staging", exactly(revision))
    words = ("worktree", "add", "--quiet", "--force", "--detach", *where)
    return git_command(words, project, WORKTREE_SECONDS)


def checkout_back(branch: str, revision: str) -> tuple[str, ...]:
    """Return git's words that set the work tree back to a branch, or to none, at the revision."""
    known = branch and not (branch == "HEAD" or is_full(branch) or _NEVER.search(branch))
    return checkout("branch" if known else "revision", branch, revision)


def checkout(kind: str, name: str, revision: str) -> tuple[str, ...]:
    """Return git's words that set the work tree to the revision: on the branch, or on none."""
    if kind == "branch":
        where: tuple[str, ...] = ("--no-track", "-B", name)
    else:
        where = ("--detach",)
    return ("checkout", "--quiet", "--force", *where, exactly(revision))


def live_revision(facts: Mapping[str, Any]) -> str:
    """Return the revision that is live: the checkout's, as a person may have moved it.

    Where git could not let the work tree follow a rollback, it is the one that was noted then.
    """
    live, head = facts["live"] or {}, str(facts["git"].get("head", ""))
    noted = str(live.get("revision") or head)
    return noted if not head or live.get("head") == head else head
