"""Copies backups between host and local machine, with resuming and verification."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from mantodeus_ops.backup.job import paths, prune
from mantodeus_ops.backup.naming import backup_name
from mantodeus_ops.backup.transfer_rules import (
    LARGEST_MANIFEST,
    Archive,
    check_offer,
    name_of_file,
    parse_manifest,
)
from mantodeus_ops.errors import OpsError, UsageError
from mantodeus_ops.json_types import JsonObject
from mantodeus_ops.remote.answers.backup import ImportedBackup, Upload
from mantodeus_ops.remote.answers.programs import BEGIN_UPLOAD, IMPORT_ARCHIVE, LOCATE_BACKUP
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.jobs import program_job
from mantodeus_ops.remote.local_files import (
    PartialFile,
    digest_of,
    local_file_errors,
    write_private,
)
from mantodeus_ops.remote.shell import Command
from mantodeus_ops.remote.transfer import download, upload
from mantodeus_ops.results import TaskResult
from mantodeus_ops.transaction.lock import deploy_lock
from mantodeus_ops.transaction.recover import recover_and_gather_facts
from mantodeus_ops.transaction.steps import Steps
from mantodeus_ops.trusted_files import spelled_out


def pull(host: Host, name: str, to: str) -> TaskResult:
    """Download a backup, by default the newest; return its file and the resumed offset.

    An interrupted download is resumed. Raise OpsError when the bytes do not match the manifest.
    """
    answer = host.query(LOCATE_BACKUP, name=backup_name(name))
    archive = check_offer(answer["manifest"])
    folder = spelled_out(to or f"backups/{host.name}").absolute()
    file = folder / f"{archive.name}.tar.gz"
    data = {"backup": archive.name, "file": str(file), "bytes": archive.bytes}
    with local_file_errors(folder):
        status, resumed = _fetch(host, answer["file"], archive, file)
        _write_manifest(folder / f"{archive.name}.json", answer["manifest"])
    return TaskResult(status, {**data, "resumed_at": resumed, "sha256": archive.sha256})


def _fetch(host: Host, source: str, archive: Archive, file: Path) -> tuple[str, int]:
    digest = digest_of(file)
    if digest == archive.sha256:
        return "unchanged", 0
    if digest:
        message = f"{file} already exists with different content; nothing was changed"
        raise OpsError(message, host.command_for(f"backup.pull {archive.name} --to DIR"))
    with PartialFile(file) as part, Steps(host).step("pull"):
        if part.size > archive.bytes:
            part.empty()
        resumed = download(host, source, part, archive.bytes)
        if part.digest() != archive.sha256:
            part.drop()
            message = f"the download of {archive.name} does not match its manifest (sha256)"
            raise OpsError(f"{message}; it was deleted", host.command_for("backup.verify"))
        part.keep()
    return "success", resumed


def _write_manifest(file: Path, manifest: JsonObject) -> None:
    text = json.dumps(manifest)
    if not file.exists() or file.read_text(encoding="utf-8", errors="replace") != text:
        write_private(file, text)


@dataclass(frozen=True, slots=True)
class Offer:
    """A local archive and its manifest."""

    file: Path
    archive: Archive
    manifest: JsonObject = field(default_factory=dict)


class PushedBackup(ImportedBackup):
    """The backup that the host made of an archive, and the offset at which the upload resumed."""

    resumed_at: int


def push(host: Host, file: str) -> TaskResult:
    """Upload a backup to the host, as its oldest; return the host's new manifest.

    The host trusts nothing in the local manifest. Raise StepFailedError when the host refuses it.
    """
    offer = _read_offer(host, file)
    data: JsonObject = {"backup": offer.archive.name, "bytes": offer.archive.bytes}
    with deploy_lock(host, "push", ref=offer.archive.name) as lock:
        recover_and_gather_facts(host, lock)
        answer = _begin_upload(host, offer, dry=host.dry_run)
        if answer["there"]:
            return TaskResult("unchanged", data)
        if host.dry_run:
            _report_push(host, offer)
            return TaskResult("success", data)
        manifest = _send(host, offer, answer["file"])
        _report_limits(host, manifest)
    return TaskResult("success", {**data, **manifest})


def _read_offer(host: Host, file: str) -> Offer:
    name = name_of_file(file)
    archive = spelled_out(file).with_name(f"{name}.tar.gz")
    if not archive.is_file():
        raise UsageError(
            f"the file {archive} does not exist on this machine", f"ls {archive.parent}"
        )
    with local_file_errors(archive):
        manifest = _read_manifest(host, archive.with_name(f"{name}.json"))
        contents = Archive(name, archive.stat().st_size, digest_of(archive))
    if manifest.get("sha256", contents.sha256) != contents.sha256:
        message = f"{archive} is damaged: it does not match its manifest (sha256)"
        raise OpsError(message, host.command_for(f"backup.pull {name}"))
    return Offer(archive, contents, manifest)


def _read_manifest(host: Host, file: Path) -> JsonObject:
    if not file.is_file():
        return {}
    small = file.stat().st_size <= LARGEST_MANIFEST
    manifest = parse_manifest(file.read_text(encoding="utf-8", errors="replace")) if small else {}
    if not manifest:
        host.info(f"{file} is not a manifest; only the archive is sent")
    return manifest


def _begin_upload(host: Host, offer: Offer, *, dry: bool) -> Upload:
    archive = offer.archive
    ask = host.query if dry else host.call
    return ask(
        BEGIN_UPLOAD,
        timeout=900,
        dry=dry,
        name=archive.name,
        bytes=archive.bytes,
        sha256=archive.sha256,
    )


def _send(host: Host, offer: Offer, file: str) -> PushedBackup:
    archive, steps = offer.archive, Steps(host)
    with local_file_errors(offer.file), steps.step("push"):
        resumed = upload(
            host,
            offer.file,
            file,
            archive.bytes,
            lambda: int(_begin_upload(host, offer, dry=False)["have"]),
        )
    job = program_job(
        host,
        "prove",
        IMPORT_ARCHIVE,
        name=archive.name,
        bytes=archive.bytes,
        sha256=archive.sha256,
        manifest=offer.manifest,
        places=paths(host),
    )
    return {**steps.run(job).result, "resumed_at": resumed}


def _report_push(host: Host, offer: Offer) -> None:
    folder = f"{host.app.project_dir}/{host.app.backup_dir}"
    target = folder if host.options.here else f"{host.spec.address}:{folder}"
    host.preview(Command(("scp", str(offer.file), f"{target}/{offer.file.name}")))


def _report_limits(host: Host, manifest: PushedBackup) -> None:
    """Show what may be unexpected: missing files, and pruning of the oldest backup."""
    if host.app.env_file not in (*manifest["paths"], *manifest["absent"]):
        host.info(f"it holds no {host.app.env_file}: a rollback to it keeps the live one")
    if manifest["name"] in {backup["name"] for backup in prune(host, dry=True)}:
        host.info(
            f"it is older than the {host.app.keep_backups} kept backups: the next backup prunes it"
        )
        command = host.command_for(f"rollback --backup {manifest['name']}")
        host.info(f"to restore it: {command}")
