"""Which commit a name means: a whole revision is no name, and no name means two things."""

from __future__ import annotations

import pytest

from mantodeus_ops.git.git_commands import add_worktree, checkout
from mantodeus_ops.remote.answers.refusals import host_error
from tests.support.git_repositories import Cloned, commit, git, twins

DRY = pytest.mark.parametrize("dry", [False, True])


@pytest.fixture
def cloned(tmp_path):
    """Return a clone whose remote is one commit further than it was."""
    found = Cloned(tmp_path)
    found.next = found.push("Second")
    return found


def refusal(told):
    """Return what a person is told of an answer that refuses."""
    return host_error(told, {"project": "/srv/app", "host": "here"})


def named(cloned, ref, *, dry=False):
    """Return kind and revision of what a name means, or the words with which it is refused."""
    cloned.fetch()
    told = cloned.target(ref, dry=dry)
    return (told["kind"], told["revision"]) if "revision" in told else refusal(told)


@DRY
@pytest.mark.parametrize("kind", ["heads", "tags"])
def test_a_whole_revision_is_that_revision_whatever_is_named_like_it(cloned, dry, kind):
    cloned.name(f"refs/{kind}/{cloned.next}", cloned.first)
    assert named(cloned, cloned.next, dry=dry) == ("revision", cloned.next)
    assert named(cloned, cloned.next.upper(), dry=dry) == ("revision", cloned.next)


@DRY
@pytest.mark.parametrize("ref", ["ab" * 20, "ab" * 32])
def test_a_name_that_looks_like_a_revision_that_there_is_not_leads_nowhere(cloned, dry, ref):
    cloned.name(f"refs/heads/{ref}", cloned.first)
    cloned.name(f"refs/tags/{ref}", cloned.first)
    assert named(cloned, ref, dry=dry).code in {"ref-not-found", "ref-no-revision"}


def test_a_tag_is_no_revision(cloned):
    git(cloned.work, "tag", "-a", "-m", "x", "v1")
    git(cloned.work, "push", "-q", "origin", "v1")
    assert named(cloned, git(cloned.work, "rev-parse", "v1")).code == "ref-no-revision"
    assert named(cloned, "v1") == ("tag", cloned.next)


@DRY
def test_a_branch_and_a_tag_of_one_name_are_distinguished_by_their_spelling(cloned, dry):
    cloned.name("refs/heads/v1.0.0", cloned.next)
    cloned.name("refs/tags/v1.0.0", cloned.first)
    told = named(cloned, "v1.0.0", dry=dry)
    assert "refs/heads/v1.0.0 or refs/tags/v1.0.0" in told.message
    assert told.hint == "deploy --ref refs/heads/v1.0.0"
    assert named(cloned, "refs/heads/v1.0.0", dry=dry) == ("branch", cloned.next)
    assert named(cloned, "refs/tags/v1.0.0", dry=dry) == ("tag", cloned.first)


@DRY
def test_what_begins_like_a_folder_of_git_s_is_a_name_too(cloned, dry):
    assert named(cloned, "heads/main", dry=dry) == ("branch", cloned.next)
    cloned.name("refs/heads/heads/main", cloned.first)
    told = named(cloned, "heads/main", dry=dry)
    assert "refs/heads/heads/main or refs/heads/main" in told.message
    cloned.name("refs/heads/origin/main", cloned.first)
    assert named(cloned, "main", dry=dry) == ("branch", cloned.next)
    assert named(cloned, "origin/main", dry=dry) == ("branch", cloned.first)


@DRY
def test_a_short_revision_that_is_a_name_too_is_ambiguous(cloned, dry):
    short = cloned.next[:8]
    assert named(cloned, short, dry=dry) == ("revision", cloned.next)
    cloned.name(f"refs/heads/{short}", cloned.first)
    told = named(cloned, short, dry=dry)
    assert f"refs/heads/{short} or revision {cloned.next}" in told.message
    assert named(cloned, f"refs/heads/{short}", dry=dry) == ("branch", cloned.first)


def test_a_short_revision_of_two_commits_is_ambiguous(cloned):
    both = twins(cloned.work)
    for number, one in enumerate(both):
        cloned.name(f"refs/heads/b{number}", one)
    told = named(cloned, both[0][:7])
    assert all(f"revision {one}" in told.message for one in both)
    assert told.hint in {f"deploy --ref {one}" for one in both}


def test_a_remote_branch_head_does_not_move_the_branch_that_is_the_default(cloned):
    assert named(cloned, "main") == ("branch", cloned.next)
    cloned.name("refs/heads/HEAD", cloned.first)
    git(cloned.root, "remote", "set-head", "origin", "main")  # as each clone has it
    assert named(cloned, "main") == ("branch", cloned.next)


def test_the_names_of_a_remote_are_shown_without_what_a_terminal_obeys(cloned):
    for name in ("a\u2028b", "x\x9b2Jy", "\u202eevil", "-x"):
        cloned.name(f"refs/heads/{name}", cloned.first)
    error = named(cloned, "nowhere").message
    assert "main" in error
    assert error.isprintable()


def test_a_local_branch_named_like_a_revision_does_not_stand_for_it(cloned):
    first = commit(cloned.root, "Here")
    git(cloned.root, "update-ref", f"refs/heads/{first}", cloned.first)
    staging = add_worktree(str(cloned.root), first)
    git(cloned.root, *staging.argv[1:])
    assert git(cloned.root / ".deploy/staging", "rev-parse", "HEAD") == first
    for kind in ("revision", "branch"):
        git(cloned.root, "checkout", "-q", "--detach", cloned.first)
        git(cloned.root, *checkout(kind, "other", first))
        assert git(cloned.root, "rev-parse", "HEAD") == first


def test_a_stage_that_is_at_another_revision_is_none(cloned):
    add = add_worktree(str(cloned.root), cloned.first)
    told = {"line": add.line(), "argv": list(add.argv), "seconds": 60}
    done = cloned.project.run("deploy/stage", commands=[told], revision="ab" * 20)
    assert done.code == 1
    assert any("not at" in line for line in done.said)


@DRY
def test_a_branch_whose_name_holds_what_ends_a_line_elsewhere_is_that_branch(cloned, dry):
    cloned.name("refs/heads/one\u2028two", cloned.next)
    assert named(cloned, "one\u2028two", dry=dry) == ("branch", cloned.next)
