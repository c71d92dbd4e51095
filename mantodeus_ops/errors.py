"""The error tree: one class per kind of failure.

OpsError                      1  failed; the live app is unchanged, or the message says what changed
├── UsageError                2  the command line is invalid
│   ├── InventoryError        2  the inventory is invalid
│   └── RootRefusedError      2  the local or the remote account is root
├── UnreachableError          3  no connection to the host
│   ├── LoginRefusedError     3  the host refused the login
│   │   └── IdentityError     3  the local key cannot be used; no login was tried
│   ├── SecondProofError      3  the host requires a second factor
│   ├── AlgorithmError        3  the host offers no safe algorithm
│   ├── HostKeyError          3  the host's key is not the pinned one
│   └── ConnectionLostError   3  the connection was lost and not restored
├── LockHeldError             4  another run is changing this app
├── RolledBackError           5  deployed, unhealthy, rolled back; the previous version is live
├── RollbackFailedError       6  the rollback failed too; fix the app by hand
├── PreflightError            1  the preflight found a reason not to start
├── StepFailedError           1  a step of a task failed
└── HostError                 1  the host failed, or sent an unusable answer
    └── AnswerError           1  the answer does not have the expected form
"""

from __future__ import annotations


class OpsError(Exception):
    """A failure: a sentence for people, a stable code, and a command to type as its hint."""

    exit_code = 1
    status = "failed"
    code = "failed"  # for programs: stable when the wording of the message changes

    def __init__(self, message: str, hint: str = "", *, code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code or self.code
        self.details: dict[str, object] = {}
        self.recorded = False  # whether the host's history holds this failure

    def data(self) -> dict[str, object]:
        """Return the JSON fields that this failure adds."""
        return self.details


class UsageError(OpsError):
    """The command line is invalid."""

    exit_code = 2
    code = "usage"


class InventoryError(UsageError):
    """The inventory is invalid; the message names file, table and key."""

    code = "inventory-invalid"


class RootRefusedError(UsageError):
    """The local or the remote account is root."""

    code = "root-refused"


class UnreachableError(OpsError):
    """There is no connection to the host."""

    exit_code = 3
    status = "unreachable"
    code = "unreachable"


class LoginRefusedError(UnreachableError):
    """The host refused the login, or the identity cannot be used."""

    code = "login-refused"


class IdentityError(LoginRefusedError):
    """The local key cannot be used; nothing was sent to the host."""

    code = "identity-unusable"


class SecondProofError(UnreachableError):
    """The host accepted the key or password, but requires a second factor."""

    code = "second-proof-wanted"


class AlgorithmError(UnreachableError):
    """The host offers no safe algorithm of some kind."""

    status = "incompatible"
    code = "no-safe-algorithm"


class HostKeyError(UnreachableError):
    """The host's key is unknown or not the pinned one."""

    code = "host-key-refused"


class ConnectionLostError(UnreachableError):
    """The connection was lost during a task and could not be restored."""

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
    """The rollback failed too; the app must be fixed by hand."""

    exit_code = 6
    code = "rollback-failed"


class PreflightError(OpsError):
    """The preflight found a reason not to start; nothing was changed."""

    code = "preflight-refused"


class StepFailedError(OpsError):
    """A step of a task failed; `ended` is the exit code of its program on the host."""

    code = "step-failed"

    def __init__(self, message: str, hint: str = "", *, code: str = "", ended: int = 1) -> None:
        super().__init__(message, hint, code=code)
        self.ended = ended


class HostError(OpsError):
    """The host failed, or sent an unusable answer."""

    code = "host-failed"


class AnswerError(HostError):
    """The answer of a host program has another form than expected, or is too large."""

    code = "unexpected-answer"

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(f"{host} sent an unexpected answer: {reason}", "ssh.check")
