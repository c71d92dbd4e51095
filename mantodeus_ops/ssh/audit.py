"""The task ssh.audit: checks SSH keys and settings on both machines."""

from __future__ import annotations

from collections.abc import Iterable

from mantodeus_ops.findings import findings_report
from mantodeus_ops.remote.connect import ssh_target
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.ssh.algorithms import weak
from mantodeus_ops.remote.ssh.probe import ServerOffer, probe_server
from mantodeus_ops.remote.ssh.target import SshTarget
from mantodeus_ops.results import TaskResult
from mantodeus_ops.ssh import authorized_keys_file
from mantodeus_ops.ssh.access_rules import access_findings
from mantodeus_ops.ssh.audit_rules import RemoteAudit, check_local, check_remote, check_server
from mantodeus_ops.ssh.authorized_keys import entries
from mantodeus_ops.ssh.local_audit import known_keys, local_audit


def audit(host: Host) -> TaskResult:
    """Return the findings on this machine, the SSH server and the account.

    The exit code is 7 when there are any. Raise UnreachableError or a subclass.
    """
    target = ssh_target(host)
    server = probe_server(target)
    authorized = authorized_keys_file.read(host)
    remote = _remote_audit(authorized, target)
    reported = {place.path for place in remote.places}
    known_blobs = {entry.blob for text in known_keys(target) for entry in entries(text)}
    findings = [
        *check_server(server.offer, server.methods, host.name),
        *check_local(local_audit(target), host.name),
        *check_remote(remote, known_blobs),
        *access_findings(
            [entry for entry in authorized.access if entry.path not in reported], f"{remote.typed} "
        ),
    ]
    return findings_report(findings, _data(server, remote, known_blobs))


def _remote_audit(authorized: authorized_keys_file.Authorized, target: SshTarget) -> RemoteAudit:
    spec = target.spec
    return RemoteAudit(
        uid=authorized.uid,
        places=authorized.places,
        entries=entries(authorized.text),
        has_agent=authorized.has_agent,
        typed=f"ssh -p {spec.port} {spec.user}@{spec.address}",
    )


def _data(server: ServerOffer, remote: RemoteAudit, known: Iterable[bytes]) -> dict[str, object]:
    known_blobs = set(known)
    return {
        "methods": list(server.methods),
        "weak_algorithms": [
            {"kind": algorithm.kind, "name": algorithm.name, "broken": algorithm.broken}
            for algorithm in weak(server.offer)
        ],
        "authorized_keys": [
            {
                "line": algorithm.line,
                "fingerprint": algorithm.fingerprint,
                "key_type": algorithm.kind,
                "comment": algorithm.comment,
                "known": algorithm.blob in known_blobs,
            }
            for algorithm in remote.entries
        ],
    }
