"""What a host answers of a revision, and of the change that makes it live."""

from typing import Annotated, NotRequired, TypedDict

from mantodeus_ops.remote.answers.decode import bulk
from mantodeus_ops.remote.answers.facts import RightQuestion
from mantodeus_ops.remote.answers.typed import FITTING


class DirectDependency(TypedDict):
    """A dependency that a package.json of the revision names."""

    member: str
    name: str
    spec: str
    locked: str
    specifier: str


class YarnSettings(TypedDict):
    """How yarn 2 and later install the revision: `program` is the yarn that git holds."""

    berry: bool
    pnp: bool
    program: str


class InstallInputs(TypedDict):
    """What an install of the revision reads; `place` is the directory of the lockfile."""

    place: str
    package_json: Annotated[str, bulk]
    yarn: YarnSettings
    read: str
    settings: str
    whole: str
    own_scripts: bool
    dependency_scripts: bool
    managers: dict[str, str]
    direct: list[DirectDependency]


class LfsFiles(TypedDict):
    """How many files of a revision are in Git LFS, and whether the host's git can bring them."""

    pointers: int
    program: bool
    filter: bool


class RefTarget(TypedDict):
    """The revision that a ref means."""

    kind: str
    name: str
    revision: str
    head: str
    subject: str
    install: InstallInputs
    commits: list[str]
    in_the_way: list[str]
    node_files: NotRequired[dict[str, str]]
    lfs: NotRequired[LfsFiles]
    submodules: NotRequired[int]
    ecosystems: list[str]
    rewritten: bool
    root_present: bool
    named_ecosystem: bool
    env_tracked: bool
    package_json: Annotated[str, bulk]
    env_example: Annotated[str, bulk]
    env_example_live: Annotated[str, bulk]
    bytes: dict[str, int]
    lockfiles: dict[str, str]
    tree_bytes: int


class Pm2Entry(TypedDict):
    """The app as PM2 starts it."""

    digest: str


class RecordedStage(TypedDict):
    """What was written down of the stage."""

    entry: Pm2Entry
    made: list[str]
    installed: list[str]


class SavedPatch(TypedDict):
    """Where the edits on the host are kept."""

    file: str


class StepRecord(TypedDict):
    """A step of a run as it ended."""

    name: str
    status: str
    seconds: float


class ReplacedFiles(TypedDict):
    """Files that the app wrote into an output, and where they are now."""

    count: int
    files: list[str]
    place: str


class ActivationResult(TypedDict, total=False):
    """What a change left: the version that is live, and how it came to that."""

    status: str
    task: str
    revision: str
    previous_revision: str
    error: str
    rollback_error: str
    ill_before: str
    right: RightQuestion | None
    dossier: str
    errors: list[str]
    rollback_errors: list[str]
    seconds: float
    first: bool
    steps: Annotated[list[StepRecord], FITTING]
    written: ReplacedFiles
