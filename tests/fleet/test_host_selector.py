import pytest

from mantodeus_ops.errors import InventoryError, PreflightError
from mantodeus_ops.fleet.host_selector import SelectorTerm, read_selection, states_of
from mantodeus_ops.inventory.parse import parse_inventory

FLEET = """
[defaults]
project_dir = "/srv/app"
app = "manager"
health_url = "http://localhost:1/"
address = "10.0.0.1"
[groups.web]
hosts = ["web2", "web1", "web3"]
[groups.data]
hosts = ["db1", "cache"]
[hosts.web1]
[hosts.web2]
[hosts.web3]
[hosts.db1]
[hosts.cache]
[hosts."odd[1]"]
"""
EVERY = ("web1", "web2", "web3", "db1", "cache", "odd[1]")


def selection(text):
    """Return what the text selects in a fleet of six hosts and two groups."""
    return read_selection(parse_inventory(FLEET, "hosts.toml"), text)


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("web1", ("web1",)),
        ("db1,web", ("db1", "web2", "web1", "web3")),
        ("web2,web,web2", ("web2", "web1", "web3")),
        ("web*", ("web1", "web2", "web3")),
        ("web?", ("web1", "web2", "web3")),
        ("web[13]", ("web1", "web3")),
        ("*", EVERY),
        ("d*", ("db1", "cache")),
        ("odd[1]", ("odd[1]",)),
        ("web,!web3", ("web2", "web1")),
        ("!web3,web", ("web2", "web1")),
        ("web,!web3,web3", ("web2", "web1")),
        ("*,!web", ("db1", "cache", "odd[1]")),
        ("*,!web*,!c*", ("db1", "odd[1]")),
        ("web1,!db1", ("web1",)),
        ("web1,!web1", ()),
        ("", ()),
        (",,", ()),
    ],
)
def test_names_globs_and_what_is_left_out(text, hosts):
    found = selection(text)
    assert (found.asked(), found.chosen({})) == ((), hosts)


BOTH = "there are @failed, @behind"
NOTHING = "no host is selected: a term that begins with ! only excludes hosts"
WELL = frozenset()
FAILED, BEHIND = frozenset({"failed"}), frozenset({"behind"})
KNOWN = dict.fromkeys(EVERY, WELL) | {
    "web3": FAILED,
    "db1": FAILED | BEHIND,
    "web2": BEHIND,
}


@pytest.mark.parametrize(
    ("text", "asked", "hosts"),
    [
        ("@failed", EVERY, ("web3", "db1")),
        ("@behind", EVERY, ("web2", "db1")),
        ("@failed,@behind", EVERY, ("web3", "db1", "web2")),
        ("web@failed", ("web2", "web1", "web3"), ("web3",)),
        ("web*@behind", ("web1", "web2", "web3"), ("web2",)),
        ("web1,@failed", ("web2", "web3", "db1", "cache", "odd[1]"), ("web1", "web3", "db1")),
        ("web,!@failed", ("web2", "web1", "web3"), ("web2", "web1")),
        ("web,!web3@failed", ("web3",), ("web2", "web1")),
        ("@failed,!web", ("db1", "cache", "odd[1]"), ("db1",)),
        ("@failed,!@behind", EVERY, ("web3",)),
        ("web1,!db*@failed", (), ("web1",)),
    ],
)
def test_a_state_is_asked_only_of_hosts_that_it_decides_about(text, asked, hosts):
    found = selection(text)
    assert found.asked() == asked
    assert found.chosen({host: KNOWN[host] for host in asked}) == hosts


def test_each_state_is_named_once():
    assert selection("web,db1").states == ()
    assert selection("web@failed,@behind,!web3@failed").states == ("failed", "behind")


def test_a_host_that_could_not_be_asked_is_not_taken_for_one_that_is_well():
    known = {host: KNOWN[host] for host in EVERY if host != "web1"}
    assert selection("*,!@failed").chosen(known) == ("web2", "cache", "odd[1]")


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("wep1", "unknown host or group 'wep1'; the nearest name is 'web1'", "fab -H web1 status"),
        ("web,!wep1", "the nearest name is 'web1'", "fab -H web1 status"),
        (
            "wep[1]*",
            "no host or group matches 'wep[1]*'; the nearest name is 'web1'",
            "fab -H web1",
        ),
        (
            "c??he?",
            "no host or group matches 'c??he?'; the nearest name is 'cache'",
            "fab -H cache",
        ),
        ("dat[x]", "no host or group matches 'dat[x]'; the nearest name is 'data'", "fab -H data"),
        ("@faild", f"unknown state '@faild'; the nearest is '@failed'; {BOTH}", "fab -H @failed"),
        ("@ahind", f"unknown state '@ahind'; the nearest is '@behind'; {BOTH}", "fab -H @behind"),
        ("!@nope", f"; {BOTH}", " status"),
        ("!web3", NOTHING, "fab -H '*,!web3' status"),
        ("!web3,,!db1", NOTHING, "fab -H '*,!web3,!db1' status"),
        ("me@web1:22", "an address has no pinned key", "fab -H web1 status"),
        ("wep1@failed", "the nearest name is 'web1'", "fab -H web1 status"),
    ],
)
def test_what_names_nobody_is_refused_with_what_is_nearest(text, message, hint):
    with pytest.raises(InventoryError) as refused:
        selection(text)
    assert message in refused.value.message
    assert hint in refused.value.hint


def test_a_word_of_a_selection_takes_hosts_in_every_state_unless_it_says_otherwise():
    assert SelectorTerm(("web1",)) == SelectorTerm(("web1",), "", away=False)
    with pytest.raises(
        InventoryError, match="unknown host or group 'me@web1': use a name of the inventory"
    ):
        selection("me@web1@failed")


def test_a_name_with_a_state_of_a_group_that_is_a_glob_is_taken_as_it_is_written():
    assert selection("odd[1]@failed").asked() == ("odd[1]",)


HEAD = "b" * 40


@pytest.mark.parametrize(
    ("standing", "states"),
    [
        ({}, set()),
        ({"last": {"status": "success"}}, set()),
        ({"last": {"status": "unchanged"}}, set()),
        ({"last": {"status": "failed"}}, {"failed"}),
        ({"last": {"status": "rolled_back"}}, {"failed"}),
        ({"last": {"status": "interrupted"}}, {"failed"}),
        ({"last": {"status": "success"}, "cut_off": True}, {"failed"}),
        ({"remote": {"head": HEAD, "behind": 3, "same": False}}, {"behind"}),
        ({"remote": {"head": HEAD, "behind": None, "same": False}}, {"behind"}),
        ({"remote": {"head": HEAD, "behind": 0, "same": False}}, set()),
        ({"remote": {"head": HEAD, "behind": 0, "same": True}}, set()),
    ],
)
def test_the_states_that_an_answer_of_a_host_amounts_to(standing, states):
    known = {"last": None, "cut_off": False, "remote": None} | standing
    assert states_of(known, ("failed", "behind")) == states


def test_a_remote_that_gave_no_answer_is_no_reason_to_call_a_host_up_to_date():
    standing = {"last": None, "cut_off": False, "remote": {"error": "no answer in 3 s"}}
    with pytest.raises(PreflightError) as refused:
        states_of(standing, ("behind",))
    assert refused.value.message == "it is not known whether the host is behind: no answer in 3 s"
    assert refused.value.hint == "status"
    assert states_of(standing, ("failed",)) == set()
