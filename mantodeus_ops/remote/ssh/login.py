"""Proves to a host who we are, once; the outcome is a type, never a text."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from paramiko.ssh_exception import AuthenticationException, BadAuthenticationType

from mantodeus_ops.errors import LoginRefusedError, SecondProofError
from mantodeus_ops.remote.ssh.identity import load_identity
from mantodeus_ops.remote.ssh.target import SshTarget
from mantodeus_ops.text.sanitize import one_line

SECONDS = 20

Attempt = Callable[[Any, str], Sequence[str]]  # transport, user: what the host still wants


@dataclass(frozen=True, slots=True)
class Proof:
    """One proof, and how it is shown: paramiko's client asks it to authenticate."""

    what: str  # key, password
    attempt: Attempt

    def at(self, way: SshTarget, user: str) -> Strategy:
        """Return what logs this user in at the end of the way."""
        return Strategy(self, way, user)


@dataclass(frozen=True, slots=True)
class Strategy:
    """The login of one user at one host, in the form that paramiko's `auth_strategy` has."""

    proof: Proof
    way: SshTarget
    user: str

    def authenticate(self, transport: Any) -> None:
        """Log in; raise LoginRefusedError or SecondProofError, or what ended the connection."""
        began = time.monotonic()
        try:
            wanted = self.proof.attempt(transport, self.user)
        except BadAuthenticationType as error:
            raise self._not_taken(error.allowed_types) from None
        except AuthenticationException:
            if not transport.is_active() or time.monotonic() - began >= SECONDS:
                raise
            raise self._unknown() from None
        if not transport.is_authenticated():
            raise self._second(wanted)

    @property
    def _typed(self) -> str:
        return f"ssh -p {self.way.spec.port} {self.user}@{self.way.spec.address}"

    def _refused(self, reason: str, hint: str) -> LoginRefusedError:
        where = f"{self.way.label} refused the login of {self.user}"
        return LoginRefusedError(f"{where}: {reason}", hint)

    def _unknown(self) -> LoginRefusedError:
        reason = f"the account does not exist, or it does not know this {self.proof.what}"
        return self._refused(reason, f"fab -H {self.way.spec.name} ssh.install")

    def _not_taken(self, takes: Sequence[str]) -> LoginRefusedError:
        if self.proof.what == "password" and "keyboard-interactive" in takes:
            return self._unknown()  # paramiko has tried it in a dialog too
        names = methods(takes)
        only = f"only {names}, to begin with" if names else "and names nothing that it takes"
        sent = "; no password was sent" if self.proof.what == "key" else ""
        reason = f"it takes no {self.proof.what}s, {only}{sent}"
        return self._refused(reason, f"{self._typed}  # and have keys allowed there")

    def _second(self, wanted: Sequence[str]) -> SecondProofError:
        more = methods(wanted) or "something that it does not name"
        took = f"took the {self.proof.what} of {self.user}"
        message = f"{self.way.label} {took}, and wants {more} as well"
        hint = f"{self._typed}  # and have AuthenticationMethods set to publickey there"
        return SecondProofError(f"{message}; that was not sent", hint)


def methods(names: Sequence[str]) -> str:
    """Return the methods of RFC 4252 that a server named, for a sentence; it may name none."""
    return ", ".join(word for name in names if (word := one_line(name)))


def by_identity(way: SshTarget) -> Proof:
    """Return the proof by the key that the inventory names; raise IdentityError."""
    key = load_identity(way)
    return Proof("key", lambda transport, user: transport.auth_publickey(user, key))


def by_password(password: str) -> Callable[[SshTarget], Proof]:
    """Return the proof by a password, which goes to the host only after its key was proven."""
    proof = Proof("password", lambda transport, user: transport.auth_password(user, password))
    return lambda _: proof
