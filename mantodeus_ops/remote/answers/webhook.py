"""What a host answers of the receiver of deliveries, and of its books."""

from typing import NotRequired, TypedDict

from mantodeus_ops.remote.answers.pm2 import Worker


class ReceiverConfig(TypedDict):
    """How the receiver was installed."""

    alive: bool
    root: NotRequired[str]
    python: NotRequired[str]
    pid: NotRequired[object]
    code: NotRequired[object]
    by: NotRequired[object]


class InstalledReceiver(TypedDict):
    """What was installed."""

    digest: NotRequired[str]


class Listener(TypedDict):
    """Which process listens on the receiver's port."""

    stranger: NotRequired[str]
    ours: NotRequired[bool]


class Reached(TypedDict):
    """How the receiver answered."""

    status: float
    seconds: float
    error: NotRequired[str]


class Supervisor(TypedDict):
    """The shell that restarts the receiver without PM2."""

    alive: bool


class ReceiverFacts(TypedDict):
    """What is so of the receiver: what is installed, what listens, what answers."""

    config: ReceiverConfig | None
    inventory: str
    installed: InstalledReceiver | None
    listener: Listener
    health: Reached
    pm2: Worker | None
    supervisor: Supervisor
    cron: bool


class StartedReceiver(TypedDict):
    """The receiver that was started."""

    pid: int


class PingAnswer(TypedDict, total=False):
    """What a ping was answered."""

    status: int
    body: str
    error: str
    kind: str
    location: str


class DeliveryFacts(TypedDict):
    """A delivery in the books."""

    id: str
    event: str
    after: str
    pusher: str
    state: str
    outcome: str
    at: float
    seconds: float | None


class Books(TypedDict):
    """What the receiver has written down."""

    states: dict[str, int]
    refused: dict[str, int]
    waiting: list[DeliveryFacts]
    failed: list[DeliveryFacts]
    recent: list[DeliveryFacts]
    running: DeliveryFacts | None
    last: DeliveryFacts | None
    last_push: DeliveryFacts | None


NO_BOOKS: Books = {
    "states": {},
    "refused": {},
    "waiting": [],
    "failed": [],
    "recent": [],
    "running": None,
    "last": None,
    "last_push": None,
}


class BooksAnswer(TypedDict, total=False):
    """The books, or that there are none yet."""

    facts: Books
    missing: bool


class DeliveriesAnswer(TypedDict, total=False):
    """The newest deliveries, or that there are no books yet."""

    deliveries: list[DeliveryFacts]
    missing: bool


class Redelivered(TypedDict):
    """The delivery that waits again."""

    delivery: DeliveryFacts


class NoDeliveries(TypedDict):
    """There never was a delivery."""

    missing: bool
