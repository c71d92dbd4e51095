"""What must be true of an app whatever happened to it."""

from __future__ import annotations

from hypothesis.stateful import RuleBasedStateMachine, invariant

from tests.model.little_host import OUTPUTS, LittleHost
from tests.model.programs import DATA


class Promises(RuleBasedStateMachine):
    """What is held after each step of a history."""

    host: LittleHost
    keep: int
    proven: list[str]
    data: dict[str, str]

    @invariant()
    def few_states_are_kept_and_the_newest_good_one_is(self) -> None:
        """Hold what retention promises."""
        if not hasattr(self, "host"):
            return
        listed = {one["state"] for one in self.host.backups()}
        assert len(listed) <= self.keep + 1
        if self.proven:
            assert self.proven[-1] in listed

    @invariant()
    def the_revision_that_answers_is_the_one_that_is_said(self) -> None:
        """Hold what the tool says is live against the work tree and against what was built."""
        if not hasattr(self, "host"):
            return
        for name in self.host.made:
            assert (self.host.project / name).exists()
        others = set(OUTPUTS) - set(self.host.made)
        assert not [name for name in others if (self.host.project / name / "index.js").exists()]

    @invariant()
    def no_data_of_the_app_is_lost(self) -> None:
        """Hold what shared_paths promises: the data is there, and every version sees it."""
        if getattr(self, "host", None) is None or self.host.shape != "shared":
            return
        for name, text in self.data.items():
            assert (self.host.project / ".shared" / DATA / name).exists() or (
                self.host.project / DATA / name
            ).exists()
            if self.host.output == "dist":
                assert (self.host.project / DATA / name).read_text() == text
