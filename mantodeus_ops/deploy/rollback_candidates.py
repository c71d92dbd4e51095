"""Finds the state that a rollback goes to, tells of it, and checks it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypedDict

from mantodeus_ops.backup.job import about_live, paths, verdict
from mantodeus_ops.deploy.rollback_summary import describe_rollback
from mantodeus_ops.deploy.rollback_target import (
    RollbackTarget,
    blocking_problems,
    env_changes,
    named_target,
    rollback_candidates,
)
from mantodeus_ops.errors import PreflightError
from mantodeus_ops.json_types import JsonObject
from mantodeus_ops.redaction.redactor import secrets_of
from mantodeus_ops.remote.answers.backup import BackupStates, RestoreCheck
from mantodeus_ops.remote.answers.facts import Facts
from mantodeus_ops.remote.answers.programs import LIST_STATES, RESTORE_CHECK
from mantodeus_ops.remote.host import Host
from mantodeus_ops.transaction.confirm import confirm


@dataclass(frozen=True, slots=True)
class RollbackOptions:
    """What a person asked of a rollback."""

    backup: str = ""
    keep_env: bool = False
    undo: bool = False


@dataclass(frozen=True, slots=True)
class RollbackCandidate:
    """The state that was chosen, and where each part of it is."""

    target: RollbackTarget
    found: RestoreCheck
    sources: dict[str, str]

    @property
    def unpacked(self) -> list[str]:
        """Return the parts that come out of the archive."""
        return [name for name, source in self.sources.items() if source == "restore"]

    @property
    def swaps(self) -> list[str]:
        """Return what trades places with what is live, what the state did not have included."""
        gone = set(self.target.absent) - set(self.target.same)
        return [*self.sources, *(name for name in self.target.absent if name in gone)]


class RollbackParams(TypedDict):
    """What the activation is told."""

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
    """Return the backups, each with what differs in it from what is live, to the last byte."""
    return host.query(LIST_STATES, timeout=900, paths=paths(host), exact=True)


def is_live(wish: RollbackOptions, facts: Facts, seen: BackupStates) -> bool:
    """Return whether the state that was asked for is live and healthy already."""
    if not wish.backup or verdict(facts) != "good":
        return False
    target = named_target(wish.backup, seen, facts["previous"])
    edited = set(facts["git"].get("dirty", ())) - {*target.paths, *target.absent}
    return bool(target.identity) and target.identity == seen["state"] and not edited


def choices(
    host: Host, wish: RollbackOptions, facts: Facts, seen: BackupStates
) -> Iterator[RollbackCandidate]:
    """Yield the states to try, the best first; raise PreflightError when the last will not do."""
    kept = facts["previous"]
    if wish.backup:
        yield _checked(host, wish, facts, named_target(wish.backup, seen, kept))
        return
    staying = host.app.env_file if wish.keep_env else ""
    targets = rollback_candidates(seen, kept, undo=wish.undo, staying=staying)
    for place, target in enumerate(targets, 1):
        try:
            choice = _checked(host, wish, facts, target)
        except PreflightError as error:
            if place == len(targets):
                raise
            host.info(f"{error.message}; trying the next one")
        else:
            yield choice


def _checked(
    host: Host, wish: RollbackOptions, facts: Facts, target: RollbackTarget
) -> RollbackCandidate:
    if wish.keep_env:
        # What stays as it is must not go away either, with a state that has no .env.
        target = replace(target, same=(*target.same, host.app.env_file))
    found = _look_at(host, target)
    if refusal := found.get("refusal"):
        why = host.error(refusal)
        found["archive"], found["hint"] = why.message, why.hint
    then = found["env"]
    host.add_secrets(secrets_of(then or ""))
    about = about_live(facts)
    live = (about["revision"], about["verdict"])
    changes = _env_changes(host, wish, facts, target, then)
    for line in describe_rollback(target, changes, now=facts["now"], live=live):
        host.info(line)
    for objection in blocking_problems(target, found, facts):
        raise objection
    _ask_about_node(host, target, facts["abi"])
    return RollbackCandidate(target, found, _sources(host, wish, found["sources"]))


def _env_changes(
    host: Host, wish: RollbackOptions, facts: Facts, target: RollbackTarget, then: str | None
) -> dict[str, list[str]] | None:
    name = host.app.env_file
    if wish.keep_env or name not in {*target.paths, *target.absent}:
        return {}
    gone = "" if name in target.absent else then
    return env_changes(facts["env"].get("text") or "", gone)


def _sources(host: Host, wish: RollbackOptions, found: Mapping[str, str]) -> dict[str, str]:
    """Return where each part comes from that has to come; one that is the same stays."""
    kept = {host.app.env_file} if wish.keep_env else set()
    return {name: source for name, source in found.items() if name not in kept and source != "same"}


def _look_at(host: Host, target: RollbackTarget) -> RestoreCheck:
    return host.query(
        RESTORE_CHECK,
        timeout=300,
        name=target.name,
        previous=target.previous,
        names=list(target.paths),
        same=list(target.same),
        revision=target.revision,
    )


def _ask_about_node(host: Host, target: RollbackTarget, here: str) -> None:
    if target.abi and target.abi != here and not host.dry_run:
        text = f"{target.shown} was made under node ABI {target.abi}, this host runs {here}"
        confirm(host, f"{text}: native modules may not load. Go on?")
