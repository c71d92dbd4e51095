"""What a host answers of its backups, and of what changes have moved aside."""

from typing import Annotated, NotRequired, TypedDict

from mantodeus_ops.json_types import JsonObject
from mantodeus_ops.remote.answers.decode import small
from mantodeus_ops.remote.answers.typed import FITTING


class LiveRecord(TypedDict, total=False):
    """What was written down of the version that was made live."""

    revision: str
    ref: object
    head: object
    entry: object
    modules: str
    staged: object
    started_by: object
    swapped: object
    made: object
    restored: object
    installed: object
    at: object


class BackupManifest(TypedDict):
    """A backup as its manifest tells of it; older versions of this tool wrote down less."""

    name: str
    verdict: str
    content: str
    revision: str
    sequence: float
    at: float
    bytes: int
    paths: list[str]
    absent: list[str]
    sha256: NotRequired[str]
    branch: NotRequired[str]
    reason: NotRequired[str]
    abi: NotRequired[str]
    same_as: NotRequired[str]
    state: NotRequired[str]
    seconds: NotRequired[float]
    since: NotRequired[float]
    entries: NotRequired[int]
    plain_bytes: NotRequired[int]
    skipped: NotRequired[list[str]]
    shut: NotRequired[list[str]]
    reused: NotRequired[list[str]]
    left: NotRequired[object]
    damaged: NotRequired[object]


class NothingSaved(TypedDict, total=False):
    """What a job says that found nothing to back up: an empty name."""

    name: str


MadeBackup = BackupManifest | NothingSaved


class StateRecord(TypedDict):
    """The state that a change replaced."""

    swaps: list[str]
    had: list[str]
    head: NotRequired[str | None]
    branch: NotRequired[str | None]
    content: NotRequired[str]
    verdict: NotRequired[str]
    state: NotRequired[str | None]
    sequence: NotRequired[float | None]
    live: NotRequired[LiveRecord | None]
    entry: NotRequired[object]
    undo: NotRequired[object]


class SetAside(TypedDict):
    """What a change moved aside, and has not been removed since."""

    run: str
    state: StateRecord
    names: list[str]
    env_same: NotRequired[object]


class ComparedBackup(BackupManifest):
    """A backup, and what differs in it from what is live."""

    differs: list[str]
    same: list[str]
    subject: NotRequired[str]
    same_revision: NotRequired[object]
    same_start: NotRequired[object]


class BackupStates(TypedDict):
    """All backups beside what is live."""

    backups: list[ComparedBackup]
    content: str
    state: str
    now: float
    partial: list[str]


class RestoreCheck(TypedDict):
    """Where each part of a state is, and what it needs to come back."""

    sources: dict[str, str]
    archive: str
    refusal: NotRequired[JsonObject | None]
    live: NotRequired[LiveRecord | None]
    made_here: bool
    revision_known: bool
    env: Annotated[str, small] | None
    bytes: int
    entries: int
    free: float
    inodes: float
    hint: NotRequired[str]


class BackupList(TypedDict):
    """The backups after a change of the records."""

    backups: list[BackupManifest]


class LocatedBackup(TypedDict):
    """A backup to fetch: its manifest and where its archive is."""

    manifest: JsonObject
    file: str


class Upload(TypedDict):
    """How far an upload is, and where it goes."""

    there: bool
    have: int
    file: str


class ImportedBackup(TypedDict):
    """The backup that an uploaded archive became."""

    name: str
    paths: list[str]
    absent: list[str]


class Proof(TypedDict):
    """Whether a backup is whole."""

    name: str
    reason: str
    ok: bool
    entries: NotRequired[int]
    bytes: NotRequired[int]
    seconds: NotRequired[float]


class Proofs(TypedDict):
    """Whether each of several backups is whole."""

    results: list[Proof]


class OffsiteCopy(TypedDict, total=False):
    """What an engine tells of a copy off the host."""

    snapshot: str


FittingAside = Annotated[list[SetAside], FITTING]
