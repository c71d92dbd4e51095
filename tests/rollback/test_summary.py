import pytest

from mantodeus_ops.rollback.candidates import RollbackTarget, env_changes
from mantodeus_ops.rollback.summary import describe_rollback

NEW, OLD = "b" * 40, "a" * 40
BACKUP = RollbackTarget(
    "backup-20251205-143000",
    revision=OLD,
    subject="Fix it",
    verdict="good",
    at=1_000.0,
    paths=("dist", "node_modules", ".env"),
    absent=("public",),
    same=("node_modules", ".env"),
)


def told(target=BACKUP, changes=None, live=(NEW, "bad")):
    """Return the story, two hours and five minutes after the backup was made."""
    return describe_rollback(target, changes or {}, now=8_500.0, live=live)


def test_a_story_says_from_what_to_what_how_old_and_which_parts_change():
    assert told() == [
        "from  bbbbbbbbbb, unhealthy",
        "to    aaaaaaaaaa Fix it, good, 2 h 5 min old (backup-20251205-143000)",
        "parts dist, public",
        ".env  does not change",
    ]


def test_a_story_names_what_changes_in_env_and_never_a_value():
    changes = env_changes("A=1\nB=2\nC=canary\n", "A=1\nB=canary\nD=canary\nE=4\n")
    assert told(changes=changes)[3:] == [
        ".env  comes back: D, E",
        ".env  goes away: C",
        ".env  old value: B",
    ]


def test_a_story_says_so_when_it_cannot_tell_what_changes():
    assert env_changes("A=1", None) is None
    assert describe_rollback(BACKUP, None, now=0.0, live=(NEW, "good"))[3:] == [
        ".env  is restored; the changed names are unknown"
    ]


@pytest.mark.parametrize(
    ("target", "live", "lines"),
    [
        (
            RollbackTarget("", previous="run", revision=OLD, verdict="unknown"),
            (NEW, "unknown"),
            ["from  bbbbbbbbbb, unknown", "to    aaaaaaaaaa, unknown (the previous version)"],
        ),
        (
            RollbackTarget("b", at=9_000.0, left=True, verdict="good"),
            ("", "good"),
            [
                "from  an unknown revision, healthy",
                "to    an unknown revision, good, 0.0 s old (b)",
                "      a rollback replaced that state before",
            ],
        ),
    ],
)
def test_a_story_of_a_state_that_is_known_less_well(target, live, lines):
    assert told(target, live=live)[:-1] == lines
