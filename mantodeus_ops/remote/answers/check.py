"""What a host answers to a checklist."""

from typing import Annotated, NotRequired, TypedDict

from mantodeus_ops.remote.answers.decode import matching
from mantodeus_ops.remote.answers.typed import Mode

access_kind = matching("pm2|socket|env|ssh|folder|ours")


class Page(TypedDict):
    """What an address of the app answered."""

    url: str
    error: str
    status: float
    seconds: float


class Reboot(TypedDict):
    """Whether something starts PM2 after a reboot."""

    known: bool
    present: bool


class AccessFacts(TypedDict):
    """A place, and what other accounts may do there."""

    what: Annotated[str, access_kind]
    path: str
    mode: Mode
    alone: bool


class CheckFacts(TypedDict):
    """What only a checklist asks."""

    errors: list[str]
    page: Page
    critical: list[Page]
    reboot: Reboot
    backups_present: bool
    node_files: NotRequired[dict[str, str]]
    packages: NotRequired[dict[str, str]]
    access: NotRequired[list[AccessFacts]]
