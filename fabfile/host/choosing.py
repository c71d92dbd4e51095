"""Finds the hosts that -H means, which may depend on what the hosts themselves say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..pure.errors import OpsError
from ..pure.events import Silence
from ..pure.inventory import HostSpec, Inventory
from ..pure.options import Options
from ..pure.outcome import Report, failure, mistake
from ..pure.selection import Selection, states_of
from .crowd import side_by_side
from .factory import Doors, reconnect_seconds

_PATIENCE = 60  # seconds; a remote is given up after three


@dataclass(frozen=True, slots=True)
class Chosen:
    """The hosts to go to, and those that gave no answer when they were asked how they are."""

    specs: tuple[HostSpec, ...]
    lost: Mapping[str, Report] = field(default_factory=dict)


def choose(selection: Selection, inventory: Inventory, doors: Doors) -> Chosen:
    """Return the hosts that were meant; their own history decides, asked side by side."""
    answers = dict(
        side_by_side(
            [inventory.hosts[name] for name in selection.asked()],
            lambda spec: (spec.name, _asked(spec, selection, doors)),
            stop=doors.stop,
            close=doors.close,
        )
    )
    known = {host: told for host, told in answers.items() if not isinstance(told, Report)}
    lost = {host: told for host, told in answers.items() if isinstance(told, Report)}
    return Chosen(tuple(inventory.hosts[name] for name in selection.chosen(known)), lost)


def _asked(spec: HostSpec, selection: Selection, doors: Doors) -> frozenset[str] | Report:
    """Return in which states the host is, or why that is not known."""
    host = doors.host(spec, Options(reconnect_seconds=reconnect_seconds()), Silence())
    try:
        standing = host.ask("standing", timeout=_PATIENCE, want=list(selection.states))
        return states_of(standing, selection.states)
    except OpsError as error:
        return failure(error)
    except Exception as error:  # noqa: BLE001 - one host takes no other along
        return mistake(error)
    finally:
        doors.leave(spec)
