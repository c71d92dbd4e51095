"""Checks refs that were typed, and builds the git commands of a deploy."""

from __future__ import annotations

import re

from mantodeus_ops.errors import PreflightError, UsageError
from mantodeus_ops.git.git import git_command
from mantodeus_ops.remote.answers.facts import Facts
from mantodeus_ops.remote.shell import Command
from mantodeus_ops.text.format import short

FETCH_SECONDS = 600
WORKTREE_SECONDS = 300
# git check-ref-format(1): characters that no ref may hold.
_NEVER = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(/|$)|^[-./]|[/.]$|^@$")
_FULL = re.compile(r"[0-9a-fA-F]{40}|[0-9a-fA-F]{64}")
_SPELLED = re.compile(r"(?:refs/)?(?:heads|tags)/")


def check_ref(ref: str) -> str:
    """Return the ref; raise UsageError when it cannot be a branch, tag or revision to deploy.

    Refused are invalid names, `HEAD`, and branches whose names look like a revision.
    """
    spelled = _SPELLED.match(ref)
    name = ref[spelled.end() :] if spelled else ref
    other = name == "HEAD" or (spelled and is_full(name))
    if other or any(not text or _NEVER.search(text) for text in (ref, name)):
        raise UsageError(
            f"{ref!r} cannot be a branch, a tag or a revision", "fab -H NAME deploy --ref main"
        )
    return ref


def is_full(ref: str) -> bool:
    """Return whether this is a full revision, and so never a name."""
    return bool(_FULL.fullmatch(ref))


def branch_ref(branch: str) -> str:
    """Return the full name of a branch, which no tag or revision shares."""
    return f"refs/heads/{branch}"


def refuse_another(ref: str, revision: str) -> None:
    """Raise PreflightError when a full revision was requested and git resolved another one."""
    if is_full(ref) and revision != ref.lower():
        text = f"{short(ref)} was requested, but git found {short(revision)}; nothing was deployed"
        raise PreflightError(text, f"git rev-parse --verify {ref}^{{commit}}")


def exact_ref(revision: str) -> str:
    """Return git's unambiguous name of a revision: a branch of the same name would win."""
    return f"{revision}^0"


def fetch(project: str) -> Command:
    """Return the command that fetches all branches and tags, also rewritten ones."""
    specs = ("+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*")
    words = ("fetch", "--prune", "--no-tags", "--force", "origin", *specs)
    return git_command(words, project, FETCH_SECONDS, remote=True)


def add_worktree(project: str, revision: str) -> Command:
    """Return the command that checks the revision out into the staging directory."""
    where = (".deploy/staging", exact_ref(revision))
    words = ("worktree", "add", "--quiet", "--force", "--detach", *where)
    return git_command(words, project, WORKTREE_SECONDS)


def fill_submodules(project: str) -> Command:
    """Return the command that fills the submodules of the stage (git/scripts/submodules.js)."""
    words = ("submodule", "update", "--init", "--recursive")
    return git_command(words, f"{project}/.deploy/staging", FETCH_SECONDS, remote=True)


def checkout_back(branch: str, revision: str) -> tuple[str, ...]:
    """Return git's arguments that reset the work tree to a branch, or to none, at the revision."""
    is_branch = branch and not (branch == "HEAD" or is_full(branch) or _NEVER.search(branch))
    return checkout("branch" if is_branch else "revision", branch, revision)


def checkout(kind: str, name: str, revision: str) -> tuple[str, ...]:
    """Return git's arguments that set the work tree to the revision, on a branch or detached."""
    if kind == "branch":
        where: tuple[str, ...] = ("--no-track", "-B", name)
    else:
        where = ("--detach",)
    return ("checkout", "--quiet", "--force", *where, exact_ref(revision))


def live_revision(facts: Facts) -> str:
    """Return the live revision: that of the checkout, which may have been moved by hand.

    When git could not reset the work tree in a rollback, it is the revision recorded then.
    """
    live, head = facts["live"] or {}, str(facts["git"].get("head", ""))
    noted = str(live.get("revision") or head)
    return noted if not head or live.get("head") == head else head
