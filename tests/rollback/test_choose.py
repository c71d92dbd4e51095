"""Which states a rollback tries, in their order, and what is asked or said of each."""

import pytest

from mantodeus_ops.app.facts import gather_facts
from mantodeus_ops.errors import OpsError, PreflightError
from mantodeus_ops.rollback.choose import RollbackOptions, choices, states
from tests.support.rollback_states import again, archive, rewrite, with_states


def test_a_state_that_was_named_is_the_only_one_to_try(tmp_path):
    host, (older, newer) = with_states(tmp_path / "site", "older();\n", "newer();\n")
    facts, seen = gather_facts(host, "health", "env"), states(host)
    tried = {
        name: [one.target.name for one in choices(host, RollbackOptions(name), facts, seen)]
        for name in (older, "")
    }
    assert tried == {older: [older], "": [newer, older]}


def test_what_speaks_against_a_state_is_told_and_the_next_one_is_tried(tmp_path):
    host, (older, newer) = with_states(tmp_path / "site", "older();\n", "newer();\n", env=False)
    archive(host, newer).chmod(0)
    facts, seen = gather_facts(host, "health", "env"), states(host)
    assert [one.target.name for one in choices(host, RollbackOptions(), facts, seen)] == [older]
    told = [note for note in host.events.notes if "trying the next one" in note]
    assert [note.startswith(f"{newer}: ") for note in told] == [True]
    archive(host, older).chmod(0)
    with pytest.raises(PreflightError, match=f"^{older}: ") as refused:
        list(choices(host, RollbackOptions(), facts, seen))
    assert refused.value.hint.startswith("chmod u+rwX ")


def test_a_state_of_another_node_is_asked_about(tmp_path):
    host, (name,) = with_states(tmp_path / "site", "older();\n")
    rewrite(host, name, abi="1-linux-x64")
    facts, seen = gather_facts(host, "health", "env"), states(host)
    asked = f"{name} was built for node ABI 1-linux-x64, but this host runs {facts['abi']}: native"
    with pytest.raises(OpsError, match="There is no terminal to answer on") as refused:
        list(choices(host, RollbackOptions(), facts, seen))
    assert (asked in refused.value.message, refused.value.hint) == (True, "add --yes")
    for told in ({"yes": True}, {"dry_run": True}):
        found = choices(again(host, **told), RollbackOptions(), facts, seen)
        assert [one.target.name for one in found] == [name]
