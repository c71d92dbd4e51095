"""What a person may name as --ref, and what not."""

from __future__ import annotations

import pytest

from tests.e2e.world import World

HOSTILE = (
    "--upload-pack=touch pwned",
    "-f",
    "main..other",
    "main; touch pwned",
    "HEAD@{1}",
    "a\nb",
)


def test_tags_and_full_and_short_revisions_can_be_deployed(world: World):
    tagged = world.release()
    world.box.origin.tag(f"v-{tagged[:7]}")
    full, short = world.release(), world.release()
    for kind in ("heads", "tags"):  # to an origin that takes such names
        world.box.origin.git("push", "-q", "origin", f"{tagged}:refs/{kind}/{full}")
    wanted = {f"refs/tags/v-{tagged[:7]}": tagged, full: full, short[:10]: short}
    for ref, revision in wanted.items():
        row = world.run("deploy", "--skip-backup", "--ref", ref).row
        assert row["revision"] == revision
        assert world.serves(revision)


def test_a_name_of_two_things_is_refused_with_both(world: World):
    name = f"two-{world.release()[:7]}"
    world.box.origin.tag(name)
    world.box.origin.git("push", "-q", "origin", f"HEAD:refs/heads/{name}")
    row = world.run("deploy", "--ref", name, "--dry-run", code=1).row
    assert (row["code"], f"refs/heads/{name} or refs/tags/{name}" in row["error"]) == (
        "ref-ambiguous",
        True,
    )


def test_a_branch_that_was_rewritten_is_deployed_as_it_is_now(world: World):
    world.release()
    world.run("deploy", "--skip-backup")
    revision = world.box.origin.force_push({"NEWS": "another past\n"}, "Rewritten")
    assert world.run("deploy", "--dry-run").row["plan"]["rewritten"] is True
    world.run("deploy", "--skip-backup")
    assert world.serves(revision)
    assert world.git("branch", "--show-current") == "main"


def test_an_unknown_ref_is_answered_with_the_known_names(world: World):
    name = f"known-{world.release()[:7]}"
    world.box.origin.tag(name)
    error = world.run("deploy", "--ref", "nowhere", code=1).error
    assert all(word in error for word in ("nowhere", "main", name))


def test_a_name_that_a_shell_would_run_is_only_an_unknown_name(world: World):
    world.run("deploy", "--ref", "$(touch${IFS}pwned)`touch${IFS}pwned`", code=1)
    assert not list(world.box.root.rglob("pwned"))


@pytest.mark.quick
@pytest.mark.parametrize("ref", HOSTILE)
def test_what_git_could_not_have_as_a_name_is_refused(world: World, ref: str):
    assert "cannot be a branch" in world.run("deploy", f"--ref={ref}", code=2).error
    assert not list(world.project.glob("pwned"))
