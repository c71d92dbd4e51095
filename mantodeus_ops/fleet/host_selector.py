"""Parses -H: names, globs and states of hosts, and exclusions.

`web*` selects every host and group whose name matches, `!web3` excludes one, `@failed` and
`@behind` select by a state that is queried from the hosts, `web@failed` queries only these hosts.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from mantodeus_ops.errors import InventoryError, PreflightError
from mantodeus_ops.inventory.parse import Inventory, Names
from mantodeus_ops.remote.answers.facts import HostState
from mantodeus_ops.text.failure_reason import reason_in
from mantodeus_ops.text.suggest import clauses, nearest

_STATES = ("failed", "behind")
_UNDONE = frozenset({"failed", "rolled_back", "interrupted"})
_GLOB = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class SelectorTerm:
    """A term of a selection: hosts, the state they must be in, and whether it excludes them."""

    hosts: Names
    state: str = ""
    away: bool = False


@dataclass(frozen=True, slots=True)
class Selection:
    """The parsed terms; states are still to be queried from the hosts."""

    terms: tuple[SelectorTerm, ...]

    @property
    def states(self) -> Names:
        """Return the states that the terms name."""
        return tuple(dict.fromkeys(term.state for term in self.terms if term.state))

    def asked(self) -> Names:
        """Return the hosts to query, because their state decides, in the order first mentioned."""
        excluded = self._away()
        sure = {host for term in self._takes(away=False) if not term.state for host in term.hosts}
        by_state = {host for term in self.terms if term.state for host in term.hosts}
        unsure = {host for term in self._takes(away=True) if term.state for host in term.hosts}
        return tuple(
            host
            for host in self._mentioned()
            if host in by_state and host not in excluded and (host not in sure or host in unsure)
        )

    def chosen(self, states: Mapping[str, Collection[str]]) -> Names:
        """Return the selected hosts, each once, in the order first mentioned.

        `states` has the states of each queried host; a host that it lacks is left out.
        """
        lost = set(self.asked()) - states.keys()
        excluded = self._away() | {
            host
            for term in self._takes(away=True)
            for host in term.hosts
            if term.state in states.get(host, ())
        }
        hosts = (
            host
            for term in self._takes(away=False)
            for host in term.hosts
            if not term.state or term.state in states.get(host, ())
        )
        return tuple(host for host in dict.fromkeys(hosts) if host not in excluded | lost)

    def _takes(self, *, away: bool) -> tuple[SelectorTerm, ...]:
        return tuple(term for term in self.terms if term.away == away)

    def _mentioned(self) -> Names:
        return tuple(dict.fromkeys(host for term in self._takes(away=False) for host in term.hosts))

    def _away(self) -> set[str]:
        return {host for term in self._takes(away=True) if not term.state for host in term.hosts}


def read_selection(inventory: Inventory, text: str) -> Selection:
    """Parse the comma-separated terms; raise InventoryError for one that matches nothing."""
    words = [word for word in text.split(",") if word]
    terms = tuple(_term(inventory, word) for word in words)
    if terms and all(term.away for term in terms):
        message = "no host is selected: a term that begins with ! only excludes hosts"
        everything = ",".join(["*", *words])
        raise InventoryError(message, f"fab -H {shlex.quote(everything)} status")
    return Selection(terms)


def states_of(standing: HostState, states: Iterable[str]) -> frozenset[str]:
    """Return which of these states a host with this answer is in; raise PreflightError."""
    judges = {"failed": _has_failed, "behind": _is_behind}
    return frozenset(state for state in states if judges[state](standing))


def _has_failed(standing: HostState) -> bool:
    last = standing["last"] or {}
    return bool(standing["cut_off"]) or last.get("status") in _UNDONE


def _is_behind(standing: HostState) -> bool:
    remote = standing["remote"]
    if remote is None:
        return False
    if not remote.get("head"):
        why = reason_in(remote.get("error") or "no output")
        raise PreflightError(clauses("it is not known whether the host is behind", why), "status")
    # A revision that the host's git does not have is newer than its last fetch.
    return not remote.get("same") and remote.get("behind") != 0


def _term(inventory: Inventory, word: str) -> SelectorTerm:
    away, name = word.startswith("!"), word.removeprefix("!")
    before, at, state = name.rpartition("@")
    if not at or state not in _STATES:
        if name.startswith("@"):
            raise _no_state(name)
        return SelectorTerm(_hosts(inventory, name), away=away)
    return SelectorTerm(_hosts(inventory, before or "*"), state, away)


def _hosts(inventory: Inventory, name: str) -> Names:
    names = (*inventory.groups, *inventory.hosts)
    if name in names or not _GLOB.search(name):
        return tuple(spec.name for spec in inventory.select([name]))
    fitting = [candidate for candidate in names if fnmatchcase(candidate, name)]
    if not fitting:
        raise _no_fit(inventory, name)
    hosts = {spec.name for spec in inventory.select(fitting)}
    return tuple(host for host in inventory.hosts if host in hosts)


def _no_fit(inventory: Inventory, name: str) -> InventoryError:
    entry = nearest(_GLOB.sub("", name), (*inventory.hosts, *inventory.groups))
    message = f"no host or group matches {name!r}; the nearest name is {entry!r}"
    return InventoryError(message, f"fab -H {shlex.quote(entry)} status")


def _no_state(name: str) -> InventoryError:
    right = nearest(name.removeprefix("@"), _STATES)
    state_names = ", ".join(f"@{state}" for state in _STATES)
    message = f"unknown state {name!r}; the nearest is '@{right}'; there are {state_names}"
    return InventoryError(message, f"fab -H @{right} status")
