"""What a host answers of PM2 and the processes of the app."""

from typing import NotRequired, TypedDict


class Worker(TypedDict):
    """A process of the app under PM2."""

    status: str
    up_since: float
    since: float
    age: float
    restarts: float
    memory: float
    cpu: float
    pid: float


class AppState(TypedDict):
    """An app of the live version under PM2; one that rests is started by PM2 at its times."""

    name: str
    rests: bool
    status: str
    pid: float
    restarts: float
    memory: float
    mode: str


class Elsewhere(TypedDict):
    """An app of this name that PM2 runs in another folder."""

    name: str
    cwd: str


class Pm2(TypedDict):
    """PM2 and what it runs: the workers of the app, and every app of the live version."""

    daemon: bool
    available: NotRequired[bool]
    workers: list[Worker]
    apps: NotRequired[list[AppState]]
    elsewhere: NotRequired[Elsewhere | None]
    error: NotRequired[str]
