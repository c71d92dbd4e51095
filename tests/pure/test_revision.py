import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from fabfile.pure.errors import UsageError
from fabfile.pure.revision import add_worktree, checked_ref, checkout, checkout_back, fetch
from fabfile.pure.shell import Command

GIT = fetch("/srv/app").argv[:7]
SHA = "0123456789abcdef0123456789abcdef01234567"
PIECES = some.sampled_from(["a", "/", ".", "..", "-", "@", "@{", ".lock", "~", "^", "é", "\\", " "])


@pytest.mark.parametrize(
    "ref",
    ["main", "v1.2.3", "feature/a-b", SHA, SHA[:7], "é", "a@b", "x.locked", "@x", "a'b", "$x"],
)
def test_a_name_that_git_could_have_is_returned_as_it_is(ref):
    assert checked_ref(ref) == ref


@pytest.mark.parametrize(
    "ref",
    [
        "",
        "-x",
        "--upload-pack=touch /tmp/x",
        "--",
        "main~1",
        "main^",
        "a:b",
        "a..b",
        "a b",
        "a\nb",
        "main\n",
        "\tmain",
        "a\0b",
        "@",
        "@{u}",
        "a@{1}",
        "*",
        "a?",
        "[a",
        "a\\b",
        "/a",
        "a/",
        "a//b",
        ".a",
        "a/.b",
        "a.",
        "a.lock",
        "a.lock/b",
        "\x7f",
    ],
)
def test_any_other_name_is_refused_before_git_sees_it(ref):
    with pytest.raises(UsageError, match="cannot be a branch") as caught:
        checked_ref(ref)
    assert caught.value.message == f"{ref!r} cannot be a branch, a tag or a revision"
    assert caught.value.hint == "fab -H NAME deploy --ref main"


@settings(max_examples=40)
@given(some.lists(PIECES, min_size=1, max_size=5).map("".join))
def test_what_is_let_through_is_a_name_for_git_too(ref):
    try:
        checked_ref(ref)
    except UsageError:
        return
    argv = ["git", "check-ref-format", "--branch", ref]
    assert subprocess.run(argv, capture_output=True, check=False).returncode == 0


def test_a_fetch_brings_rewritten_branches_and_tags_and_asks_nobody():
    branches, tags = "+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"
    words = ("fetch", "--prune", "--no-tags", "--force", "origin", branches, tags)
    asks_nobody = {
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "false",
        "GIT_SSH_COMMAND": "ssh -o BatchMode=yes -o ConnectTimeout=15",
    }
    assert fetch("/srv/app") == Command((*GIT, *words), "/srv/app", asks_nobody, 600)


def test_a_work_tree_is_put_into_staging_on_no_branch_and_runs_no_hook():
    words = ("worktree", "add", "--quiet", "--force", "--detach", ".deploy/staging", SHA)
    assert add_worktree("/srv/app", SHA) == Command((*GIT, *words), "/srv/app", {}, 300)


def test_git_runs_no_hook_and_gives_a_silent_remote_up_after_20_seconds():
    assert GIT == (
        "git",
        "-c",
        "core.hooksPath=/dev/null",
        "-c",
        "http.lowSpeedLimit=1000",
        "-c",
        "http.lowSpeedTime=20",
    )


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("branch", ("checkout", "--quiet", "--force", "--no-track", "-B", "main", SHA)),
        ("tag", ("checkout", "--quiet", "--force", "--detach", SHA)),
        ("revision", ("checkout", "--quiet", "--force", "--detach", SHA)),
    ],
)
def test_the_work_tree_is_on_the_branch_that_was_asked_for_or_on_none(kind, words):
    assert checkout(kind, "main", SHA) == words


def test_the_work_tree_goes_back_to_the_branch_that_it_was_on_or_to_none():
    assert checkout_back("main", SHA) == checkout("branch", "main", SHA)
    assert checkout_back("", SHA) == checkout("revision", "", SHA)
