"""Moves backups between the host and the operator's machine: resumed, and proven at the far end."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from mantodeus_ops.backup.job import paths, prune
from mantodeus_ops.backup.naming import backup_name
from mantodeus_ops.backup.transfer_rules import (
    LARGEST_MANIFEST,
    Archive,
    offered,
    pushed_name,
    said_of,
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
from mantodeus_ops.transaction.recover import ready
from mantodeus_ops.transaction.steps import Steps
from mantodeus_ops.trusted_files import spelled_out


def pull(host: Host, name: str, to: str) -> TaskResult:
    """Copy a backup, or the newest, to a folder here; return its file, and where it was resumed.

    What was cut off is gone on with. Raise OpsError when its bytes are not those of its manifest.
    """
    found = host.query(LOCATE_BACKUP, name=backup_name(name))
    archive = offered(found["manifest"])
    folder = spelled_out(to or f"backups/{host.name}").absolute()
    file = folder / f"{archive.name}.tar.gz"
    data = {"backup": archive.name, "file": str(file), "bytes": archive.bytes}
    with local_file_errors(folder):
        status, resumed = _bring(host, found["file"], archive, file)
        _write_manifest(folder / f"{archive.name}.json", found["manifest"])
    return TaskResult(status, {**data, "resumed_at": resumed, "sha256": archive.sha256})


def _bring(host: Host, source: str, archive: Archive, file: Path) -> tuple[str, int]:
    here = digest_of(file)
    if here == archive.sha256:
        return "unchanged", 0
    if here:
        message = f"{file} is here already and holds other bytes; nothing was changed"
        raise OpsError(message, host.command_for(f"backup.pull {archive.name} --to DIR"))
    with PartialFile(file) as part, Steps(host).step("pull"):
        if part.size > archive.bytes:
            part.empty()
        resumed = download(host, source, part, archive.bytes)
        if part.digest() != archive.sha256:
            part.drop()
            message = f"what came of {archive.name} is not what its manifest says (sha256)"
            raise OpsError(f"{message}; it was thrown away", host.command_for("backup.verify"))
        part.keep()
    return "success", resumed


def _write_manifest(file: Path, manifest: JsonObject) -> None:
    text = json.dumps(manifest)
    if not file.exists() or file.read_text(encoding="utf-8", errors="replace") != text:
        write_private(file, text)


@dataclass(frozen=True, slots=True)
class Offer:
    """An archive here, and what the manifest beside it says of it."""

    file: Path
    archive: Archive
    told: JsonObject = field(default_factory=dict)


class PushedBackup(ImportedBackup):
    """What the host made of an archive, and from which byte on it was sent."""

    resumed_at: int


def push(host: Host, file: str) -> TaskResult:
    """Copy a backup from here to the host, as its oldest; return what the host made of it.

    Nothing that its manifest says is believed. Raise StepFailedError when the host refuses it.
    """
    offer = _offered(host, file)
    data: JsonObject = {"backup": offer.archive.name, "bytes": offer.archive.bytes}
    with deploy_lock(host, "push", ref=offer.archive.name) as lock:
        ready(host, lock)
        place = _place(host, offer, dry=host.dry_run)
        if place["there"]:
            return TaskResult("unchanged", data)
        if host.dry_run:
            _tell_push(host, offer)
            return TaskResult("success", data)
        made = _send(host, offer, place["file"])
        _tell_what_it_lacks(host, made)
    return TaskResult("success", {**data, **made})


def _offered(host: Host, file: str) -> Offer:
    name = pushed_name(file)
    archive = spelled_out(file).with_name(f"{name}.tar.gz")
    if not archive.is_file():
        raise UsageError(f"there is no file {archive} here", f"ls {archive.parent}")
    with local_file_errors(archive):
        told = _told(host, archive.with_name(f"{name}.json"))
        found = Archive(name, archive.stat().st_size, digest_of(archive))
    if told.get("sha256", found.sha256) != found.sha256:
        message = f"{archive} is damaged: it is not what the manifest beside it says (sha256)"
        raise OpsError(message, host.command_for(f"backup.pull {name}"))
    return Offer(archive, found, told)


def _told(host: Host, file: Path) -> JsonObject:
    if not file.is_file():
        return {}
    small = file.stat().st_size <= LARGEST_MANIFEST
    told = said_of(file.read_text(encoding="utf-8", errors="replace")) if small else {}
    if not told:
        host.info(f"{file} is no manifest: only the archive is sent")
    return told


def _place(host: Host, offer: Offer, *, dry: bool) -> Upload:
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
            lambda: int(_place(host, offer, dry=False)["have"]),
        )
    job = program_job(
        host,
        "prove",
        IMPORT_ARCHIVE,
        name=archive.name,
        bytes=archive.bytes,
        sha256=archive.sha256,
        told=offer.told,
        places=paths(host),
    )
    return {**steps.run(job).result, "resumed_at": resumed}


def _tell_push(host: Host, offer: Offer) -> None:
    folder = f"{host.app.project_dir}/{host.app.backup_dir}"
    target = folder if host.options.here else f"{host.spec.address}:{folder}"
    host.preview(Command(("scp", str(offer.file), f"{target}/{offer.file.name}")))


def _tell_what_it_lacks(host: Host, made: PushedBackup) -> None:
    """Say what a person may not expect: that it is the oldest one, and what it does not hold."""
    if host.app.env_file not in (*made["paths"], *made["absent"]):
        host.info(f"it holds no {host.app.env_file}: a rollback to it leaves the live one alone")
    if made["name"] in {one["name"] for one in prune(host, dry=True)}:
        host.info(
            f"it is older than the {host.app.keep_backups} that are kept: the next backup prunes it"
        )
        way = host.command_for(f"rollback --backup {made['name']}")
        host.info(f"to go there: {way}")
