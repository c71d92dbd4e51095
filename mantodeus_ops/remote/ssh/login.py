"""Logs in to a host with one key or password; failures are distinct error types."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from paramiko.ssh_exception import AuthenticationException, BadAuthenticationType
from paramiko.transport import Transport

from mantodeus_ops.errors import LoginRefusedError, SecondProofError
from mantodeus_ops.remote.ssh.identity import load_identity
from mantodeus_ops.remote.ssh.target import SshTarget
from mantodeus_ops.text.sanitize import one_line

SECONDS = 20

Attempt = Callable[
    [Transport, str], Sequence[str]
]  # (transport, user) -> methods that the host still requires


@dataclass(frozen=True, slots=True)
class Proof:
    """A key or password, and how to authenticate with it."""

    what: str  # key, password
    attempt: Attempt

    def at(self, target: SshTarget, user: str) -> Strategy:
        """Return the strategy that logs this user in to the target."""
        return Strategy(self, target, user)


@dataclass(frozen=True, slots=True)
class Strategy:
    """The login of a user at a host, as paramiko's `auth_strategy`."""

    proof: Proof
    target: SshTarget
    user: str

    def authenticate(self, transport: Transport) -> None:
        """Log in; raise LoginRefusedError, SecondProofError, or the error of the connection."""
        began = time.monotonic()
        try:
            methods_left = self.proof.attempt(transport, self.user)
        except BadAuthenticationType as error:
            raise self._not_taken(error.allowed_types) from None
        except AuthenticationException:
            if not transport.is_active() or time.monotonic() - began >= SECONDS:
                raise
            raise self._unknown() from None
        if not transport.is_authenticated():
            raise self._second(methods_left)

    @property
    def _typed(self) -> str:
        return f"ssh -p {self.target.spec.port} {self.user}@{self.target.spec.address}"

    def _refused(self, reason: str, hint: str) -> LoginRefusedError:
        where = f"{self.target.label} refused the login of {self.user}"
        return LoginRefusedError(f"{where}: {reason}", hint)

    def _unknown(self) -> LoginRefusedError:
        reason = f"the account does not exist, or this {self.proof.what} is not authorized"
        return self._refused(reason, f"fab -H {self.target.spec.name} ssh.install")

    def _not_taken(self, takes: Sequence[str]) -> LoginRefusedError:
        if self.proof.what == "password" and "keyboard-interactive" in takes:
            return self._unknown()  # paramiko also tried it in a dialog
        names = methods(takes)
        only = f"only {names}" if names else "and names no other method"
        sent = "; no password was sent" if self.proof.what == "key" else ""
        reason = f"it accepts no {self.proof.what}s, {only}{sent}"
        return self._refused(reason, f"{self._typed}  # then allow keys there")

    def _second(self, methods_left: Sequence[str]) -> SecondProofError:
        more = methods(methods_left) or "another method"
        took = f"accepted the {self.proof.what} of {self.user}"
        message = f"{self.target.label} {took}, but also requires {more}"
        hint = f"{self._typed}  # then set AuthenticationMethods to publickey there"
        return SecondProofError(f"{message}; no second factor was sent", hint)


def methods(names: Sequence[str]) -> str:
    """Return the methods (RFC 4252) that a server named, joined for a message; may be empty."""
    return ", ".join(word for name in names if (word := one_line(name)))


def by_identity(target: SshTarget) -> Proof:
    """Return the proof with the key that the inventory names; raise IdentityError."""
    key = load_identity(target)
    return Proof("key", lambda transport, user: transport.auth_publickey(user, key))


def by_password(password: str) -> Callable[[SshTarget], Proof]:
    """Return the proof with a password; it is sent only after the host key was verified."""
    proof = Proof("password", lambda transport, user: transport.auth_password(user, password))
    return lambda _: proof
