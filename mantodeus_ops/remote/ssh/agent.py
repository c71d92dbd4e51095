"""The keys of a running ssh-agent, for an identity that is not to be read from a file."""

from __future__ import annotations

from typing import Any

import paramiko
from paramiko.ssh_exception import SSHException

from mantodeus_ops.errors import IdentityError
from mantodeus_ops.remote.ssh.fingerprint import sha256


class AgentKey(paramiko.AgentKey):
    """A key that an agent holds, and may still not let be used: that is an error of our side."""

    def sign_ssh_data(self, data: Any, algorithm: str | None = None) -> Any:
        """Return the signature that the agent makes; raise IdentityError."""
        try:
            return super().sign_ssh_data(data, algorithm)
        except (SSHException, OSError, EOFError):
            message = "the agent holds the key but did not sign with it"
            hint = "ssh-add -T KEY.pub  # tries the same: the key may want your consent"
            raise IdentityError(f"{message}: {sha256(self.asbytes())}", hint) from None


def agent_keys() -> tuple[AgentKey, ...]:
    """Return the keys that the agent at SSH_AUTH_SOCK holds; none when there is no agent."""
    try:
        keys = paramiko.Agent().get_keys()
    except (OSError, SSHException, EOFError):
        return ()
    return tuple(AgentKey(key.agent, key.blob, key.comment) for key in keys)


def agent_key(blob: bytes) -> AgentKey | None:
    """Return the agent's key with this public half; None when it holds no such key."""
    return next((key for key in agent_keys() if key.asbytes() == blob), None)
