"""What speaks against a rollback, as tables."""

import pytest

from mantodeus_ops.rollback.candidates import (
    RollbackTarget,
    no_candidate_error,
)
from mantodeus_ops.rollback.checks import blocking_problems

FACTS = {"project": {"writable": True}, "pm2": {"available": True}}
FOUND = {"archive": "", "bytes": 0, "entries": 0, "free": 10**9, "inodes": 10**6}
NO_OTHER = "there is no good state except the live one"


def backup(sequence, verdict):
    """Return a backup of a state of its own."""
    return {"name": f"b{sequence}", "sequence": sequence, "verdict": verdict}


@pytest.mark.parametrize(
    ("found", "facts", "said", "hint"),
    [
        ({"archive": "it has 3 bytes"}, {}, "b: it has 3 bytes", "backup.verify"),
        (
            {},
            {"project": {"writable": False}},
            "the project directory is not writable",
            "ls -ld .",
        ),
        ({}, {"pm2": {"error": "no list"}}, "PM2 does not answer: no list", "pm2 ping"),
        ({}, {"pm2": {"available": False}}, "PM2 does not answer: not found", "pm2 ping"),
        (
            {"bytes": 2 * 10**9},
            {},
            "unpacking needs 2.1 GB, but 1.0 GB are free",
            "backup.prune",
        ),
        (
            {"bytes": 1000, "entries": 2_000_000, "free": 10**12},
            {},
            "unpacking needs 2,000,000 files, but only 1,000,000 can be created",
            "backup.prune",
        ),
    ],
)
def test_what_speaks_against_it_is_said_before_anything_is_touched(found, facts, said, hint):
    (refused,) = blocking_problems(RollbackTarget("b"), FOUND | found, FACTS | facts)
    assert (refused.message, refused.hint) == (said, hint)


@pytest.mark.parametrize(
    ("target", "known", "blocks"),
    [
        ({}, False, True),
        ({}, True, False),
        ({"paths": ("dist",), "same": ("dist",)}, False, True),
        ({"paths": ("dist",)}, False, False),  # dist still changes
        ({"absent": (".env",)}, False, False),
        ({"revision": ""}, False, False),
    ],
)
def test_a_revision_that_git_lost_blocks_only_where_no_other_part_would_change(
    target, known, blocks
):
    found = blocking_problems(
        RollbackTarget("b", **{"revision": "a" * 40, **target}),
        FOUND | {"revision_known": known},
        FACTS,
    )
    assert [problem.hint for problem in found] == [f"git fetch origin {'a' * 40}"] * blocks


@pytest.mark.parametrize(
    ("found", "enough"),
    [
        ({"free": 1050 + 40960, "inodes": 10}, True),
        ({"free": 1050 + 40959, "inodes": 10}, False),
        ({"free": 10**9, "inodes": 9}, False),
        ({"bytes": 0, "free": 0, "inodes": 0}, True),
    ],
)
def test_unpacking_wants_a_twentieth_more_than_the_bytes_and_a_block_for_each_file(found, enough):
    found = {"bytes": 1000, "entries": 10, **found}
    assert (
        blocking_problems(RollbackTarget("b"), FOUND | found, FACTS | {"pm2": {}}) == []
    ) is enough


@pytest.mark.parametrize(
    ("backups", "undo", "said", "hint"),
    [
        (
            [backup(1, "good"), {**backup(2, "good"), "left": True}],
            False,
            "there is no older good state",
            "rollback --undo  # to the state before the last rollback",
        ),
        ([], True, "there is no rollback to undo", "deploy.history"),
        ([], False, NO_OTHER, "status"),
        (
            [backup(1, "bad"), backup(2, "unknown"), backup(3, "good")],
            False,
            f"{NO_OTHER}; 2 backups hold states that were never healthy",
            "backup.list  # then rollback --backup NAME",
        ),
    ],
)
def test_when_there_is_nothing_to_go_to_it_says_what_there_is(backups, undo, said, hint):
    refused = no_candidate_error({"backups": backups}, undo=undo)
    assert (refused.message, refused.hint) == (said, hint)
