"""The settings of a host and its app, and the table of all inventory keys."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from mantodeus_ops.dotenv.edit import VARIABLE
from mantodeus_ops.errors import InventoryError
from mantodeus_ops.inventory import health_settings as health
from mantodeus_ops.inventory import validators as read
from mantodeus_ops.inventory.app_root import below_root
from mantodeus_ops.inventory.asset_settings import DAY, age
from mantodeus_ops.inventory.destinations import notify_url, offsite
from mantodeus_ops.inventory.health_settings import HealthPolicy
from mantodeus_ops.inventory.webhook_settings import Webhook, bind_address, webhook_path
from mantodeus_ops.text.suggest import nearest

Table = dict[str, Any]

GIGABYTE = 10**9
SSH_PORT = 22
STAGES = ("before_build", "after_build", "before_commit", "after_commit", "on_failure")


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """A Node.js app in one folder of a host; paths are relative to project_dir.

    `root` is the folder of the app in it, where it is built and started.
    """

    project_dir: PurePosixPath
    name: str
    health_url: str
    root: str = ""
    repository: str = ""
    branch: str = "main"
    health: HealthPolicy = field(default_factory=HealthPolicy)
    public_url: str = ""
    critical_urls: tuple[str, ...] = ()
    backup_dir: str = "backups"
    backup_paths: tuple[str, ...] = ()
    keep_backups: int = 5
    offsite: str = ""
    offsite_env: str = ""
    build_outputs: tuple[str, ...] = ()
    shared_paths: tuple[str, ...] = ()
    stage_files: tuple[str, ...] = ()
    assets: tuple[str, ...] = ()
    keep_assets: float = 7.0 * DAY
    install_command: str = ""
    build_command: str = ""
    start_command: str = ""
    ecosystem: str = ""
    pm2_name: str = ""
    pm2_env: str = "production"
    pm2: str = ""
    path: tuple[str, ...] = ()
    env_file: str = ".env"
    env_example: str = ".env.example"
    required_env: tuple[str, ...] = ()
    min_free_disk: int = GIGABYTE
    boot_test: bool = True
    hooks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notify_urls: tuple[str, ...] = ()
    webhook: Webhook = field(default_factory=Webhook)
    batch: str = "1"

    @property
    def process_name(self) -> str:
        """Return the name under which PM2 has the app."""
        return self.pm2_name.replace("{name}", self.name) or self.name

    @property
    def good_health(self) -> str:
        """Return the word for an app that is well; one without HTTP was not asked."""
        return "healthy" if self.health_url else "not asked"

    @property
    def good_state(self) -> str:
        """Return the words for a version that is live and well."""
        return "live and healthy" if self.health_url else "live and stays up"


@dataclass(frozen=True, slots=True)
class HostSpec:
    """An entry of the inventory: how to reach a host, and its app."""

    name: str
    address: str
    port: int = SSH_PORT
    user: str = ""
    identity_file: str = ""
    gateway: str = ""
    known_hosts: str = ""
    app: App = field(kw_only=True)

    @property
    def is_local(self) -> bool:
        """Return whether this entry is reached without SSH."""
        return self.address == "local"

    def ssh_command(self, *command: str) -> str:
        """Return the plain ssh command that runs a command on the host."""
        port = () if self.port == SSH_PORT else ("-p", str(self.port))
        login = f"{self.user}@{self.address}" if self.user else self.address
        return shlex.join(("ssh", *port, login, *command))


LOGIN = r"[A-Za-z0-9_][A-Za-z0-9._@+-]*"
APP = r"(?!(?:all|[0-9]+)$)[A-Za-z0-9._][A-Za-z0-9._-]*"
APP_MEANING = "letters, digits, dots, _ and -, but not `all` or a number, which PM2 takes for ids"
PM2_NAME = r"(?!(?:all|[0-9]+)$)(?!-)(?:[A-Za-z0-9._-]|\{name\})+"
PM2_NAME_MEANING = f"a name of {APP_MEANING}; {{name}} stands for the name in the file"
PM2_ENV = r"[A-Za-z0-9_-]+"
BRANCH = r"(?!.*(?:\.\.|//|/\.|@\{|\.lock(?:/|$)))[^\s~^:?*\[\\/.-][^\s~^:?*\[\\]*(?<![/.])"
KEYS: Mapping[str, read.Reader[object]] = {
    "address": read.address,
    "port": read.whole_number(1, 65535),
    "user": read.optional(read.matching(LOGIN, "the name of an account")),
    "identity_file": read.line,
    "gateway": read.line,
    "known_hosts": read.line,
    "project_dir": read.absolute,
    "app": read.matching(APP, APP_MEANING),
    "root": read.optional(read.relative_path),
    "repository": read.optional(read.repository),
    "branch": read.matching(BRANCH, "the name of a branch"),
    "health_url": health.health_url,
    "health.wait": read.seconds,
    "health.retries": read.whole_number(0, 1000),
    "health.delay": read.seconds,
    "health.timeout": read.seconds,
    "health.body": read.optional(health.body_rule),
    "health.headers": health.headers,
    "health.json": health.json_rule,
    "public_url": read.optional(read.url),
    "critical_urls": read.list_of(read.health_url),
    "backup_dir": read.relative_path,
    "backup_paths": read.disjoint_paths,
    "keep_backups": read.whole_number(1, 10_000),
    "offsite": read.optional(offsite),
    "offsite_env": read.optional(read.relative_path),
    "build_outputs": read.disjoint_paths,
    "shared_paths": read.disjoint_paths,
    "stage_files": read.disjoint_paths,
    "assets": read.disjoint_paths,
    "keep_assets": age,
    "install_command": read.script,
    "build_command": read.script,
    "start_command": read.script,
    "ecosystem": read.optional(read.relative_path),
    "pm2_name": read.optional(read.matching(PM2_NAME, PM2_NAME_MEANING)),
    "pm2_env": read.optional(read.matching(PM2_ENV, 'an environment such as "production"')),
    "pm2": read.line,
    "path": read.folders,
    "env_file": read.relative_path,
    "env_example": read.relative_path,
    "required_env": read.list_of(read.matching(VARIABLE, "the name of a variable")),
    "min_free_disk": read.size,
    "boot_test": read.flag,
    **{f"hooks.{stage}": read.commands for stage in STAGES},
    "notify_urls": read.list_of(notify_url),
    "webhook.port": read.whole_number(1, 65535),
    "webhook.bind": bind_address,
    "webhook.path": webhook_path,
    "webhook.url": read.optional(read.url),
    "webhook.repository_id": read.whole_number(0, 2**63 - 1),
    "batch": read.batch,
}
TABLES = frozenset(key.partition(".")[0] for key in KEYS if "." in key)
REACH = ("address", "port", "user", "identity_file", "gateway", "known_hosts")
REQUIRED = ("address", "project_dir", "app", "health_url")


def read_settings(title: str, raw: Table, keys: Mapping[str, read.Reader[object]]) -> Table:
    """Return the values of a table by dotted key, for nested tables and dotted keys alike."""
    flat: Table = {}
    for key, value in raw.items():
        with at(title, key):
            below = read.exact_type(value, dict) if key in TABLES else None
        flat |= {key: value} if below is None else {f"{key}.{name}": below[name] for name in below}
    return read_table(title, flat, keys)


def read_table(title: str, raw: Table, keys: Mapping[str, read.Reader[object]]) -> Table:
    """Return the validated values of a table; raise InventoryError at the first invalid one."""
    return {key: read_value(title, key, value, keys) for key, value in raw.items()}


def read_value(
    title: str, key: str, value: object, keys: Mapping[str, read.Reader[read.T]]
) -> read.T:
    """Return the validated value of this key."""
    with at(title, key if key.isprintable() else repr(key)):
        if key in keys:
            return keys[key](value)
        dotted = "; a name with dots must be quoted" if title and isinstance(value, dict) else ""
        raise InventoryError(f"unknown key; the nearest is {nearest(key, keys)!r}{dotted}")


@contextmanager
def at(*path: str) -> Iterator[None]:
    """Prefix errors of validators in this block with the table and key."""
    try:
        yield
    except InventoryError as error:
        raise InventoryError(f"{' '.join(filter(None, path))}: {error.message}") from None


def shown(name: str) -> str:
    """Return a name as TOML spells it in the header of a table."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else repr(name)


def host_spec(name: str, settings: Table) -> HostSpec:
    """Return the host that these settings describe; required keys must be present."""
    reach = {key: value for key, value in settings.items() if key in REACH}
    return HostSpec(name, **reach, app=_app(settings))


def _app(settings: Table) -> App:
    below = {table: _below(table, settings) for table in TABLES}
    plain: Table = below_root(
        {key: value for key, value in settings.items() if "." not in key and key not in REACH}
    )
    return App(
        name=plain.pop("app"),
        health=HealthPolicy(**below["health"]),
        hooks={stage: commands for stage, commands in below["hooks"].items() if commands},
        webhook=Webhook(**below["webhook"]),
        **plain,
    )


def _below(table: str, settings: Table) -> Table:
    prefix = f"{table}."
    return {key.removeprefix(prefix): settings[key] for key in settings if key.startswith(prefix)}
