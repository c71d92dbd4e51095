"""What a host answers of the app's `.env`."""

from typing import Annotated, NotRequired, TypedDict

from mantodeus_ops.remote.answers.decode import base64, bulk
from mantodeus_ops.remote.answers.typed import Mode


class EnvFileFacts(TypedDict):
    """The file, and how it lies there."""

    file: str
    link: str
    digest: str
    present: bool
    regular: NotRequired[bool]
    mine: NotRequired[bool]
    tracked: NotRequired[bool]
    ignored: NotRequired[bool]
    bytes: Annotated[str, base64]
    mode: NotRequired[Mode]


class EnvProcess(TypedDict):
    """What the running process knows of it."""

    running: bool
    fresh: bool
    started: dict[str, str] | None
    pm2: dict[str, str]


class DatabaseProbe(TypedDict):
    """How a database answered."""

    name: str
    reach: str
    login: NotRequired[str]
    why: NotRequired[str]
    port: NotRequired[float]


class EnvProbes(TypedDict):
    """How each database answered, and whether the app serves the file."""

    databases: list[DatabaseProbe]
    served: bool


class EnvFacts(TypedDict):
    """The file, its example, and what runs with it."""

    file: EnvFileFacts
    example: Annotated[str, bulk] | None
    process: EnvProcess
    probes: EnvProbes | None
