import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from mantodeus_ops.errors import PreflightError, UsageError
from mantodeus_ops.git.git import GIT, GIT_ENV, parse_tip
from mantodeus_ops.git.git_commands import (
    add_worktree,
    branch_ref,
    check_ref,
    checkout,
    checkout_back,
    fetch,
    live_revision,
    refuse_another,
)
from mantodeus_ops.remote.shell import Command

SHA = "0123456789abcdef0123456789abcdef01234567"
PIECES = some.sampled_from(["a", "/", ".", "..", "-", "@", "@{", ".lock", "~", "^", "é", "\\", " "])


@pytest.mark.parametrize(
    "ref",
    [
        *("main", "v1.2.3", "feature/a-b", SHA, SHA[:7], "é", "a@b", "x.locked", "@x", "a'b", "$x"),
        *("refs/heads/main", "refs/tags/v1.0.0", "refs/tags/refs/tags/x", "heads/main", "HEADS"),
    ],
)
def test_a_name_that_git_could_have_is_returned_as_it_is(ref):
    assert check_ref(ref) == ref


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
        "HEAD",
        "refs/heads/",
        "refs/heads/HEAD",
        "refs/heads/-x",
        "refs/tags/.x",
        f"refs/heads/{SHA}",
        f"heads/{SHA}",
        f"tags/{SHA}",
        f"refs/tags/{SHA.upper()}",
        f"refs/heads/{'ab' * 32}",
    ],
)
def test_any_other_name_is_refused_before_git_sees_it(ref):
    with pytest.raises(UsageError, match="cannot be a branch") as caught:
        check_ref(ref)
    assert caught.value.message == f"{ref!r} cannot be a branch, a tag or a revision"
    assert caught.value.hint == "fab -H NAME deploy --ref main"


@settings(max_examples=40)
@given(some.lists(PIECES, min_size=1, max_size=5).map("".join))
def test_what_is_let_through_is_a_name_for_git_too(ref):
    try:
        check_ref(ref)
    except UsageError:
        return
    argv = ["git", "check-ref-format", "--branch", ref]
    assert subprocess.run(argv, capture_output=True, check=False).returncode == 0


def test_a_fetch_brings_rewritten_branches_and_tags_and_asks_nobody():
    branches, tags = "+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"
    words = ("fetch", "--prune", "--no-tags", "--force", "origin", branches, tags)
    shown = ("git", *words)
    assert fetch("/srv/app") == Command((*GIT, *words), "/srv/app", GIT_ENV, 600, shown)
    assert fetch("/srv/app").line() == " ".join(shown[:6]) + f" '{branches}' '{tags}'"


def test_a_work_tree_is_put_into_staging_on_no_branch_and_runs_no_hook():
    where = (".deploy/staging", f"{SHA}^0")
    words = ("worktree", "add", "--quiet", "--force", "--detach", *where)
    assert add_worktree("/srv/app", SHA) == Command(
        (*GIT, *words), "/srv/app", {}, 300, ("git", *words)
    )


def test_git_asks_nobody_runs_no_hook_and_gives_a_silent_remote_up_after_20_seconds():
    settings = {"core.hooksPath=/dev/null", "http.lowSpeedLimit=1000", "http.lowSpeedTime=20"}
    assert settings <= set(GIT)
    assert (GIT_ENV["GIT_TERMINAL_PROMPT"], GIT_ENV["GIT_ASKPASS"]) == ("0", "false")
    assert "-o BatchMode=yes -o ConnectTimeout=15" in GIT_ENV["GIT_SSH_COMMAND"]


OTHER = "f" * 40
MAIN, ODD = "refs/heads/main", "refs/heads/refs/heads/main"


@pytest.mark.parametrize(
    ("printed", "tip"),
    [
        ("", ""),
        (f"{SHA}\t{MAIN}\n", SHA),
        (f"{OTHER}\t{ODD}\n{SHA}\t{MAIN}\n", SHA),
        (f"{OTHER}\t{ODD}\n", ""),
        (f"{OTHER}\trefs/tags/{MAIN}\n{SHA}\t{MAIN}", SHA),
        (f"{OTHER}\t{MAIN}\u2028{SHA}\t{MAIN}\n", ""),
    ],
)
def test_the_tip_of_a_branch_is_that_of_exactly_this_name(printed, tip):
    assert parse_tip(printed, MAIN) == tip


@pytest.mark.parametrize("ref", [SHA, SHA.upper(), "ab" * 32])
def test_a_revision_that_was_asked_for_is_the_one_that_was_found_or_nothing_is_done(ref):
    refuse_another(ref, ref.lower())
    with pytest.raises(PreflightError, match="nothing was deployed"):
        refuse_another(ref, OTHER)


@pytest.mark.parametrize("ref", ["main", SHA[:12], "refs/tags/v1"])
def test_a_name_leads_to_any_revision(ref):
    refuse_another(ref, OTHER)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("branch", ("checkout", "--quiet", "--force", "--no-track", "-B", "main", f"{SHA}^0")),
        ("tag", ("checkout", "--quiet", "--force", "--detach", f"{SHA}^0")),
        ("revision", ("checkout", "--quiet", "--force", "--detach", f"{SHA}^0")),
    ],
)
def test_the_work_tree_is_on_the_branch_that_was_asked_for_or_on_none(kind, words):
    assert checkout(kind, "main", SHA) == words


def test_the_work_tree_goes_back_to_the_branch_that_it_was_on_or_to_none():
    assert checkout_back("main", SHA) == checkout("branch", "main", SHA)
    assert checkout_back("", SHA) == checkout("revision", "", SHA)


@pytest.mark.parametrize("branch", ["-x", "HEAD", SHA, "a b", "--orphan"])
def test_a_backup_from_elsewhere_names_no_branch_that_git_would_take_for_something_else(branch):
    assert checkout_back(branch, SHA) == checkout_back("", SHA)


def test_the_full_name_of_a_branch_is_that_of_no_tag():
    assert branch_ref("v1.2") == "refs/heads/v1.2"


@pytest.mark.parametrize(
    ("live", "head", "revision"),
    [
        (None, "", ""),
        (None, SHA, SHA),
        ({"revision": OTHER, "head": SHA}, SHA, OTHER),
        ({"revision": OTHER, "head": OTHER}, SHA, SHA),  # the checkout was moved by hand
        ({"revision": OTHER, "head": SHA}, "", OTHER),
        ({"head": SHA}, SHA, SHA),
    ],
)
def test_the_live_revision_is_the_recorded_one_unless_the_checkout_was_moved(live, head, revision):
    assert live_revision({"live": live, "git": {"head": head}}) == revision
