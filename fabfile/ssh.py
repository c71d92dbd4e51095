"""Create, install, compare, rotate and audit SSH keys; nothing is trusted unchecked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mantodeus_ops.cli.task import task
from mantodeus_ops.results import TaskResult

if TYPE_CHECKING:
    from mantodeus_ops.remote.host import Host

_COMMENT = {"comment": "The comment of the public key; by default your account and machine."}
_NONE = {"no-passphrase": "Ask for no passphrase: the file alone is enough to log in."}
_FINGERPRINT = {"fingerprint": "The SHA256 fingerprint that the key must have, as compared."}
_INSTALL = {
    "key": "The file of another public key to install, such as a colleague's.",
    "login": "A private key that the host already accepts; by default the host's.",
}


@task(view="ssh_check", default=True)
def check(host: Host) -> TaskResult:
    """Log in anew: show the server, and what a deploy needs and lacks.

    fab -H manager ssh.check
    """
    from mantodeus_ops.ssh import check as check_flow

    return check_flow.check(host)


@task(view="ssh_key", changes=True, options=_COMMENT | _NONE)
def keygen(host: Host, comment: str = "", no_passphrase: bool = False) -> TaskResult:
    """Make the ed25519 key that the inventory names; never overwrite one.

    fab -H manager ssh.keygen
    """
    from mantodeus_ops.ssh import keys

    return keys.keygen(host, comment=comment, no_passphrase=no_passphrase)


@task(view="ssh_key", changes=True, options=_INSTALL)
def install(host: Host, key: str = "", login: str = "") -> TaskResult:
    """Install the public key, using a working login or a one-time password prompt.

    fab -H manager ssh.install
    fab -H manager ssh.install --key colleague.pub  # the key of another person
    fab -H manager ssh.install --login ~/.ssh/old_key
    """
    from mantodeus_ops.ssh import keys

    return keys.install(host, key=key, login=login)


@task(view="ssh_trust", changes=True, options=_FINGERPRINT)
def trust(host: Host, fingerprint: str = "") -> TaskResult:
    """Show the host's key for you to compare, and pin it.

    fab -H manager ssh.trust
    fab -H manager ssh.trust --fingerprint SHA256:xkJc0bVQpB5M2vYz
    """
    from mantodeus_ops.ssh import trust as trust_flow

    return trust_flow.trust(host, fingerprint=fingerprint)


@task(view="ssh_key", changes=True, options=_COMMENT | _NONE)
def rotate(host: Host, comment: str = "", no_passphrase: bool = False) -> TaskResult:
    """Replace the key: the new one works before the old one is removed; resumable.

    fab -H web ssh.rotate  # on every host that shares the key
    """
    from mantodeus_ops.ssh import rotate as rotate_flow

    return rotate_flow.rotate(host, comment=comment, no_passphrase=no_passphrase)


@task(view="ssh_audit")
def audit(host: Host) -> TaskResult:
    """Audit SSH keys and settings on both machines; exit code 7 on findings.

    fab -H web ssh.audit
    """
    from mantodeus_ops.ssh import audit as audit_flow

    return audit_flow.audit(host)
