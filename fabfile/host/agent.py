"""The keys of a running ssh-agent, for an identity that is not to be read from a file."""

from __future__ import annotations

import paramiko
from paramiko.ssh_exception import SSHException


def agent_keys() -> tuple[paramiko.PKey, ...]:
    """Return the ed25519 keys that the agent at SSH_AUTH_SOCK holds; none when there is none."""
    try:
        keys = paramiko.Agent().get_keys()
    except (OSError, SSHException):
        return ()
    return tuple(key for key in keys if key.get_name() == "ssh-ed25519")


def agent_key(blob: bytes) -> paramiko.PKey | None:
    """Return the agent's key with this public half; None when it holds no such key."""
    return next((key for key in agent_keys() if key.asbytes() == blob), None)
