"""What a host answers of itself, its app and its lock."""

from typing import Annotated, NotRequired, TypedDict, cast

from mantodeus_ops.json_types import JsonObject
from mantodeus_ops.remote.answers.backup import (
    BackupManifest,
    FittingAside,
    LiveRecord,
)
from mantodeus_ops.remote.answers.check import CheckFacts
from mantodeus_ops.remote.answers.decode import matching, small
from mantodeus_ops.remote.answers.lock import LockRecord, Signed
from mantodeus_ops.remote.answers.pm2 import Pm2
from mantodeus_ops.remote.answers.typed import FITTING, Mode, reader_of


class Disk(TypedDict):
    """The room on the disk of the project."""

    free: float
    total: float
    inodes_free: float


class RemoteState(TypedDict):
    """Where the app's branch is at the remote."""

    same: NotRequired[bool]
    error: NotRequired[str]
    head: NotRequired[str]
    behind: NotRequired[int | None]


class RightQuestion(TypedDict):
    """Where an app is healthy that the inventory asks at the wrong address."""

    port: NotRequired[int]
    path: NotRequired[Annotated[str, matching("/[a-z/]{0,40}")]]
    forwarded: NotRequired[bool]


class Health(TypedDict):
    """How the app answered; `asked` is false of an app without HTTP."""

    healthy: bool
    asked: NotRequired[bool]
    misasked: NotRequired[bool]
    right: NotRequired[RightQuestion | None]
    daemon: NotRequired[bool]
    reason: NotRequired[str]
    body: NotRequired[str]
    status: NotRequired[float]
    seconds: NotRequired[float]
    errors: NotRequired[list[str]]


class HistoryEntry(Signed, total=False):
    """A line of the history; one of an older version may lack what is written today."""

    task: str
    status: str
    revision: str
    previous_revision: str
    backup: str
    who: str
    ref: str
    error: str
    reason: str
    at: float
    seconds: float


class Place(TypedDict):
    """A place that is a link, or on another file system than the project."""

    name: str
    link: str
    broken: bool
    elsewhere: bool


class WrittenFiles(TypedDict):
    """Files in a live output that are no part of its version."""

    name: str
    count: int
    files: list[str]


class ProjectFacts(TypedDict):
    """The directories of the app."""

    present: bool
    writable: bool
    backups_writable: bool


class EnvState(TypedDict):
    """The app's `.env`."""

    present: bool
    mode: NotRequired[Mode]
    digest: NotRequired[str]
    error: NotRequired[str]
    text: NotRequired[Annotated[str, small]]


class GitState(TypedDict):
    """The work tree; `enclosing` is the clone of which the project is a `folder`."""

    present: bool
    enclosing: NotRequired[str]
    folder: NotRequired[str]
    error: NotRequired[str]
    head: NotRequired[str]
    branch: NotRequired[str]
    dirty: NotRequired[list[str]]
    moved: NotRequired[object]


class Crash(TypedDict):
    """How the app ended by itself."""

    how: str


class Crashes(TypedDict):
    """How often the app ended by itself lately."""

    count: int
    last: Crash | None


class JobState(TypedDict):
    """A job that was started on the host."""

    id: str
    alive: bool


class _OpenRun(TypedDict, total=False):
    task: str
    who: str
    step: str


class OpenRun(TypedDict):
    """A run that was interrupted."""

    task: str
    who: str
    step: str


def _open_run(value: object) -> OpenRun:
    """Return what is known of a run that was interrupted; its journal may be damaged."""
    unknown = {"task": "run", "who": "an unknown account", "step": "an unknown step"}
    return cast("OpenRun", {**unknown, **reader_of(_OpenRun)(value)})


class OtherNode(TypedDict):
    """A version of node that a version manager keeps on the host."""

    version: str
    folder: str


class NodeFacts(TypedDict):
    """The node that programs of the host find, that of PM2's daemon, and others."""

    version: str
    lts: str
    pm2: str
    others: list[OtherNode]


class Facts(TypedDict):
    """Everything that a task decides by."""

    user: str
    abi: str
    found: str
    now: float
    tools: dict[str, bool]
    project: ProjectFacts
    made: list[str]
    whole: bool
    backup_paths: list[str]
    installed: list[str] | None
    env: EnvState
    disk: Disk
    git: GitState
    pm2: Pm2
    health: Health | None
    remote: RemoteState | None
    crashes: Crashes
    check: CheckFacts | None
    live: LiveRecord | None
    lock: LockRecord
    open_run: Annotated[OpenRun, _open_run] | None
    history: Annotated[list[HistoryEntry], FITTING]
    backups: list[BackupManifest]
    previous: FittingAside
    jobs: list[JobState]
    rejected: JsonObject
    runtime: NotRequired[NodeFacts]
    places: NotRequired[list[Place]]
    written: NotRequired[list[WrittenFiles]]
    staged: NotRequired[object]


class LastChange(TypedDict, total=False):
    """How the last change ended."""

    task: str
    status: str


class HostState(TypedDict):
    """What a selection of hosts by their state asks."""

    live: str
    last: LastChange | None
    cut_off: bool
    remote: RemoteState | None


class DiskItem(TypedDict):
    """What may be deleted."""

    kind: Annotated[str, matching("log|file|tree|assets|cache")]
    what: str
    bytes: int
    why: NotRequired[str]


class DiskUsage(TypedDict):
    """What may be deleted to make room."""

    items: list[DiskItem]
    backups: list[BackupManifest]
    disk: Disk


class FreedLocks(TypedDict):
    """How many stale locks of git were removed."""

    freed: float
