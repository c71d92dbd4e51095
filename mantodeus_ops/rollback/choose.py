"""Finds the state to roll back to, describes it, and checks it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypedDict

from mantodeus_ops.backup.job import about_live, paths, verdict
from mantodeus_ops.errors import PreflightError
from mantodeus_ops.json_types import JsonObject
from mantodeus_ops.redaction.redactor import secrets_of
from mantodeus_ops.remote.answers.backup import BackupStates, RestoreCheck
from mantodeus_ops.remote.answers.facts import Facts
from mantodeus_ops.remote.answers.programs import LIST_STATES, RESTORE_CHECK
from mantodeus_ops.remote.host import Host
from mantodeus_ops.rollback.candidates import (
    RollbackTarget,
    env_changes,
    made_only_live,
    named_target,
    rollback_candidates,
)
from mantodeus_ops.rollback.checks import blocking_problems
from mantodeus_ops.rollback.summary import describe_rollback
from mantodeus_ops.transaction.confirm import confirm


@dataclass(frozen=True, slots=True)
class RollbackOptions:
    """The options of a rollback."""

    backup: str = ""
    keep_env: bool = False
    undo: bool = False


@dataclass(frozen=True, slots=True)
class RollbackCandidate:
    """A state to roll back to, and the source of each part."""

    target: RollbackTarget
    found: RestoreCheck
    sources: dict[str, str]
    removed: tuple[str, ...] = ()

    @property
    def unpacked(self) -> list[str]:
        """Return the parts that are unpacked from the archive."""
        return [name for name, source in self.sources.items() if source == "restore"]

    @property
    def swaps(self) -> list[str]:
        """Return the paths that are swapped, including those that the state lacks."""
        absent = [name for name in self.target.absent if name not in self.target.same]
        return [*self.sources, *absent, *self.removed]


class RollbackParams(TypedDict):
    """The parameters of the activation."""

    sources: dict[str, str]
    swaps: list[str]
    checkout: list[str] | None
    entry: object
    live: JsonObject
    revision: str
    previous_revision: str
    head: str
    head_branch: str
    backup: str
    target: str
    left: str
    left_content: str
    left_verdict: str
    undo: bool


def states(host: Host) -> BackupStates:
    """Return the backups with their exact differences from the live state."""
    return host.query(LIST_STATES, timeout=900, paths=paths(host), exact=True)


def is_live(options: RollbackOptions, facts: Facts, host_states: BackupStates) -> bool:
    """Return whether the requested state is live and healthy."""
    if not options.backup or verdict(facts) != "good":
        return False
    target = named_target(options.backup, host_states, facts["previous"])
    edited = set(facts["git"].get("dirty", ())) - {*target.paths, *target.absent}
    return bool(target.identity) and target.identity == host_states["state"] and not edited


def choices(
    host: Host, options: RollbackOptions, facts: Facts, host_states: BackupStates
) -> Iterator[RollbackCandidate]:
    """Yield the states to try, best first; raise PreflightError when the last is unusable."""
    previous = facts["previous"]
    if options.backup:
        yield _check(host, options, facts, named_target(options.backup, host_states, previous))
        return
    staying = host.app.env_file if options.keep_env else ""
    targets = rollback_candidates(
        host_states, previous, undo=options.undo, staying=staying, env_file=host.app.env_file
    )
    for position, target in enumerate(targets, 1):
        try:
            choice = _check(host, options, facts, target)
        except PreflightError as error:
            if position == len(targets):
                raise
            host.info(f"{error.message}; trying the next one")
        else:
            yield choice


def _check(
    host: Host, options: RollbackOptions, facts: Facts, target: RollbackTarget
) -> RollbackCandidate:
    if options.keep_env:
        # A kept .env must not be removed by a state without one.
        target = replace(target, same=(*target.same, host.app.env_file))
    inspected = _inspect(host, target)
    if refusal := inspected.get("refusal"):
        why = host.error(refusal)
        inspected["archive"], inspected["hint"] = why.message, why.hint
    then = inspected["env"]
    host.add_secrets(secrets_of(then or ""))
    about = about_live(facts)
    live = (about["revision"], about["verdict"])
    changes = _env_changes(host, options, facts, target, then)
    for line in describe_rollback(target, changes, now=facts["now"], live=live):
        host.info(line)
    for objection in blocking_problems(target, inspected, facts):
        raise objection
    _ask_about_node(host, target, facts["abi"])
    sources = _sources(host, options, inspected["sources"])
    recorded = target.state.get("live") or inspected.get("live")
    removed = made_only_live(target, recorded, facts["made"])
    return RollbackCandidate(target, inspected, sources, removed)


def _env_changes(
    host: Host, options: RollbackOptions, facts: Facts, target: RollbackTarget, then: str | None
) -> dict[str, list[str]] | None:
    name = host.app.env_file
    if options.keep_env or name not in {*target.paths, *target.absent}:
        return {}
    env_text = "" if name in target.absent else then
    return env_changes(facts["env"].get("text") or "", env_text)


def _sources(host: Host, options: RollbackOptions, sources: Mapping[str, str]) -> dict[str, str]:
    """Return the source of each part that must be restored; unchanged parts stay."""
    excluded = set(host.app.shared_paths) | ({host.app.env_file} if options.keep_env else set())
    return {
        name: source
        for name, source in sources.items()
        if name not in excluded and source != "same"
    }


def _inspect(host: Host, target: RollbackTarget) -> RestoreCheck:
    return host.query(
        RESTORE_CHECK,
        timeout=300,
        name=target.name,
        previous=target.previous,
        names=list(target.paths),
        same=list(target.same),
        revision=target.revision,
    )


def _ask_about_node(host: Host, target: RollbackTarget, abi: str) -> None:
    if target.abi and target.abi != abi and not host.dry_run:
        text = f"{target.shown} was built for node ABI {target.abi}, but this host runs {abi}"
        confirm(host, f"{text}: native modules may not load. Continue?")
