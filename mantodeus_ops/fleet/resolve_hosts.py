"""Finds the hosts that -H means, which may depend on what the hosts themselves say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mantodeus_ops.errors import OpsError
from mantodeus_ops.events import NullListener
from mantodeus_ops.fleet.host_selector import Selection, states_of
from mantodeus_ops.fleet.thread_pool import run_concurrently
from mantodeus_ops.inventory.parse import HostSpec, Inventory
from mantodeus_ops.remote.answers.programs import HOST_STATE
from mantodeus_ops.remote.connect import ConnectionPool, reconnect_seconds
from mantodeus_ops.remote.options import Options
from mantodeus_ops.results import TaskResult, failure, mistake

_PATIENCE = 60  # seconds; a remote is given up after three


@dataclass(frozen=True, slots=True)
class ResolvedHosts:
    """The hosts to go to, and those that gave no answer when they were asked how they are."""

    specs: tuple[HostSpec, ...]
    lost: Mapping[str, TaskResult] = field(default_factory=dict)


def resolve_hosts(
    selection: Selection, inventory: Inventory, connections: ConnectionPool
) -> ResolvedHosts:
    """Return the hosts that were meant; their own history decides, asked side by side."""
    answers = dict(
        run_concurrently(
            [inventory.hosts[name] for name in selection.asked()],
            lambda spec: (spec.name, _query_states(spec, selection, connections)),
            stop=connections.stop,
            close=connections.close,
        )
    )
    states = {
        host: answer for host, answer in answers.items() if not isinstance(answer, TaskResult)
    }
    lost = {host: answer for host, answer in answers.items() if isinstance(answer, TaskResult)}
    return ResolvedHosts(tuple(inventory.hosts[name] for name in selection.chosen(states)), lost)


def _query_states(
    spec: HostSpec, selection: Selection, connections: ConnectionPool
) -> frozenset[str] | TaskResult:
    """Return in which states the host is, or why that is not known."""
    host = connections.host(spec, Options(reconnect_seconds=reconnect_seconds()), NullListener())
    try:
        standing = host.query(HOST_STATE, timeout=_PATIENCE, want=list(selection.states))
        return states_of(standing, selection.states)
    except OpsError as error:
        return failure(error)
    except Exception as error:  # noqa: BLE001 - one host takes no other along
        return mistake(error)
    finally:
        connections.leave(spec)
