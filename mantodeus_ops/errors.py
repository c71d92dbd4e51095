"""Every way a task can fail, as one tree.

OpsError                      1  failed; the live app is as it was, or the message says what changed
├── UsageError                2  what was typed cannot be done
│   ├── InventoryError        2  the inventory cannot be used
│   └── RootRefusedError      2  an account is root, here or on the host
├── UnreachableError          3  no line to the host
│   ├── LoginRefusedError     3  the host let us in no further than its door
│   │   └── IdentityError     3  our own key cannot be used as it is; the host was not asked
│   ├── SecondProofError      3  the host took our key or password, and wants more
│   ├── AlgorithmError        3  the host knows no algorithm that is safe
│   ├── HostKeyError          3  the host's key is not the pinned one
│   └── ConnectionLostError         3  the line dropped and could not be mended
├── LockHeldError             4  another run is changing this app
├── RolledBackError           5  deployed, unhealthy, rolled back: the previous version is live
├── RollbackFailedError       6  the rollback failed too: a person is needed
├── PreflightError            1  a look at the host found a reason not to begin
├── StepFailedError           1  a step of a task ended with an error
└── HostError                 1  the host failed, or answered what cannot be used
    └── AnswerError           1  what it sent is not what our program there prints
"""

from __future__ import annotations


class OpsError(Exception):
    """A failure with a sentence for a person and, as hint, a command to type."""

    exit_code = 1
    status = "failed"
    code = "failed"  # what happened, for programs: it stays the same when the sentence does not

    def __init__(self, message: str, hint: str = "", *, code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code or self.code
        self.details: dict[str, object] = {}
        self.recorded = False  # whether the host has written this failure into its history

    def data(self) -> dict[str, object]:
        """Return what JSON output adds for this failure."""
        return self.details


class UsageError(OpsError):
    """What was typed cannot be done."""

    exit_code = 2
    code = "usage"


class InventoryError(UsageError):
    """The inventory cannot be used; the message names file, table and key."""

    code = "inventory-invalid"


class RootRefusedError(UsageError):
    """An account is root, at one of the two ends."""

    code = "root-refused"


class UnreachableError(OpsError):
    """There is no line to the host."""

    exit_code = 3
    status = "unreachable"
    code = "unreachable"


class LoginRefusedError(UnreachableError):
    """The host refused the login, or the identity cannot be used."""

    code = "login-refused"


class IdentityError(LoginRefusedError):
    """The identity cannot be used as it is; nothing was sent to the host."""

    code = "identity-unusable"


class SecondProofError(UnreachableError):
    """The host took our key or password as the first of several proofs."""

    code = "second-proof-wanted"


class AlgorithmError(UnreachableError):
    """The host answers, and offers no algorithm of some kind that is safe."""

    status = "incompatible"
    code = "no-safe-algorithm"


class HostKeyError(UnreachableError):
    """The host's key is unknown or not the pinned one."""

    code = "host-key-refused"


class ConnectionLostError(UnreachableError):
    """The line dropped in the middle and could not be mended."""

    code = "line-lost"


class LockHeldError(OpsError):
    """Another run is changing this app."""

    exit_code = 4
    code = "lock-held"


class RolledBackError(OpsError):
    """The new version was unhealthy; the previous one is live and healthy again."""

    exit_code = 5
    status = "rolled_back"
    code = "rolled-back"


class RollbackFailedError(OpsError):
    """The rollback failed too; a person is needed."""

    exit_code = 6
    code = "rollback-failed"


class PreflightError(OpsError):
    """A look at the host found a reason not to begin; nothing was changed."""

    code = "preflight-refused"


class StepFailedError(OpsError):
    """A step of a task ended with an error; `ended` is what its program on the host ended with."""

    code = "step-failed"

    def __init__(self, message: str, hint: str = "", *, code: str = "", ended: int = 1) -> None:
        super().__init__(message, hint, code=code)
        self.ended = ended


class HostError(OpsError):
    """The host failed, or answered what cannot be used."""

    code = "host-failed"


class AnswerError(HostError):
    """What a host sent is not what our program there prints: of another kind, or too large."""

    code = "unexpected-answer"

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(f"{host} sent an unexpected answer: {reason}", "ssh.check")
