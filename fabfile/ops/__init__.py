"""Ordered side effects on a Host: each op returns data, never prints.

An op's module is imported when a task first asks for it: listing the tasks needs none of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import (
        audit,
        backups,
        check,
        clean,
        control,
        deploy,
        env,
        env_change,
        keys,
        lock,
        logs,
        ping,
        poll,
        receiver,
        revert,
        rollback,
        rotate,
        serve,
        setup,
        status,
        survey,
        transfer,
        trust,
        watch,
        webhook,
        webhook_secret,
    )

__all__ = [
    "audit",
    "backups",
    "check",
    "clean",
    "control",
    "deploy",
    "env",
    "env_change",
    "keys",
    "lock",
    "logs",
    "ping",
    "poll",
    "receiver",
    "revert",
    "rollback",
    "rotate",
    "serve",
    "setup",
    "status",
    "survey",
    "transfer",
    "trust",
    "watch",
    "webhook",
    "webhook_secret",
]


def __getattr__(name: str) -> Any:
    """Return the op's module."""
    if name not in __all__:
        raise AttributeError(name)
    return import_module(f"{__name__}.{name}")
