"""A rolling deploy over twelve real apps, of which three cannot build."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox import Sandbox
from tests.e2e.little_fleet import LittleFleet
from tests.e2e.world import Answer

pytestmark = [pytest.mark.soak, pytest.mark.xdist_group("rolling")]
ILL = ["web7", "web8", "web9"]


@pytest.fixture(scope="module")
def twelve() -> Iterator[LittleFleet]:
    """Yield twelve hosts with one version live on all."""
    with Sandbox() as box:
        fleet = LittleFleet(box, 12)
        fleet.all("deploy.setup", "--batch", "4")
        yield fleet
        fleet.world.end()


@pytest.fixture
def fleet(twelve: LittleFleet) -> LittleFleet:
    """Return the twelve hosts, all on one version, whatever the test before left."""
    twelve.cannot_build([])
    twelve.release()
    twelve.all("deploy", "--batch", "4")
    assert len(set(twelve.pages())) == 1
    return twelve


def statuses(answer: Answer) -> list[str]:
    """Return what became of each host."""
    return [row["status"] for row in answer.rows]


@pytest.mark.parametrize(
    ("mode", "became", "is_new"),
    [
        ("stop", ["success"] * 6 + ["failed"] * 3 + ["not_begun"] * 3, [*"nnnnnnoooooo"]),
        ("continue", ["success"] * 6 + ["failed"] * 3 + ["success"] * 3, [*"nnnnnnooonnn"]),
        ("revert", ["reverted"] * 6 + ["failed"] * 3 + ["not_begun"] * 3, [*"oooooooooooo"]),
    ],
)
def test_the_third_of_four_batches_fails(
    fleet: LittleFleet, mode: str, became: list[str], is_new: list[str]
):
    old, new = fleet.pages()[0], fleet.release()
    env = [(fleet.place(name) / ".env").read_bytes() for name in fleet.names]
    fleet.cannot_build(ILL)
    answer = fleet.all("deploy", "--batch", "25%", "--on-failure", mode, code=1)
    assert statuses(answer) == became
    assert fleet.pages() == [{"o": old, "n": new}[word] for word in is_new]
    assert [(fleet.place(name) / ".env").read_bytes() for name in fleet.names] == env
    assert {row["exit_code"] for row in answer.rows if row["host"] in ILL} == {1}
    failed = fleet.on("web*@failed", "deploy.history", "--lines", "1").rows
    assert [row["host"] for row in failed] == ILL
    behind = fleet.on("web*@behind", "deploy.history", "--lines", "1").rows
    assert [row["host"] for row in behind] == [
        name for name, word in zip(fleet.names, is_new, strict=True) if word == "o"
    ]
    if mode == "revert":
        assert {row["revision"] for row in answer.rows[:6]} == {old}
        assert answer.rows[0]["error"].endswith("as web7, web8, web9 failed")
        heads = {(fleet.place(name) / ".git/HEAD").read_text() for name in fleet.names}
        assert len(heads) == 1


def test_a_canary_goes_first_and_a_rollback_goes_back_over_all_that_it_reached(
    fleet: LittleFleet,
):
    old, new = fleet.pages()[0], fleet.release()
    alone = fleet.all("deploy", "--canary", code=1)
    assert statuses(alone) == ["success", *["not_begun"] * 11]
    assert fleet.pages() == [new, *[old] * 11]
    rest = fleet.all("deploy", "--canary", "--yes", "--batch", "100%")
    assert statuses(rest) == ["unchanged", *["success"] * 11]
    fleet.box.hosts["web12"]["hooks"] = {"before_commit": ["echo not today; exit 7"]}
    fleet.box.write_inventory()
    back = fleet.all("rollback", "--batch", "6", "--on-failure", "revert", code=1)
    assert statuses(back) == [*["reverted"] * 11, "failed"]
    assert set(fleet.pages()) == {new}
