"""What each program on a host answers: decoded and held to its type, whatever a host may send."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar, cast

from mantodeus_ops.json_types import JsonObject
from mantodeus_ops.remote.answers.backup import (
    BackupList,
    BackupManifest,
    BackupStates,
    ImportedBackup,
    LocatedBackup,
    MadeBackup,
    NothingSaved,
    OffsiteCopy,
    Proofs,
    RestoreCheck,
    Upload,
)
from mantodeus_ops.remote.answers.decode import Reader, decode_json, flag, json_object, record
from mantodeus_ops.remote.answers.deploy import (
    ActivationResult,
    RecordedStage,
    RefTarget,
    SavedPatch,
)
from mantodeus_ops.remote.answers.env import EnvFacts
from mantodeus_ops.remote.answers.facts import DiskUsage, Facts, FreedLocks, HostState
from mantodeus_ops.remote.answers.lock import Done, HeldLock, LockRecord, TakenLock
from mantodeus_ops.remote.answers.refusals import is_refusal
from mantodeus_ops.remote.answers.typed import reader_of
from mantodeus_ops.remote.answers.webhook import (
    BooksAnswer,
    DeliveriesAnswer,
    NoDeliveries,
    PingAnswer,
    ReceiverFacts,
    Redelivered,
    StartedReceiver,
)

T = TypeVar("T")
LockAnswer = TakenLock | HeldLock


@dataclass(frozen=True, slots=True)
class Program(Generic[T]):
    """A program for a host, named by its slice and file, and the reader of its answer or result.

    `step` selects the action of a program that has several.
    """

    name: str
    reader: Reader[T]
    step: str = ""

    @property
    def label(self) -> str:
        """Return its name, with the step where it has one."""
        return f"{self.name} {self.step}".rstrip(" ")


def _lock_answer(value: object) -> LockAnswer:
    """Return the answer to taking the lock: what its last holder left, or who holds it."""
    held = record({"held": flag}, ["held"])(value)["held"]
    return reader_of(TakenLock)(value) if held else reader_of(HeldLock)(value)


def _made_backup(value: object) -> MadeBackup:
    """Return the manifest of the backup that was made, or that there was nothing to save."""
    named = json_object(value).get("name")
    return reader_of(BackupManifest)(value) if named else reader_of(NothingSaved)(value)


def _redelivered(value: object) -> Redelivered | NoDeliveries:
    """Return the delivery that waits again, or that there never was a delivery."""
    missing = "missing" in json_object(value)
    return reader_of(NoDeliveries)(value) if missing else reader_of(Redelivered)(value)


_LOCK = "transaction/lock_command"
FACTS = Program("app/facts", reader_of(Facts))
HOST_STATE = Program("fleet/host_state", reader_of(HostState))
LIST_STATES = Program("backup/list_states", reader_of(BackupStates))
RESTORE_CHECK = Program("backup/restore_check", reader_of(RestoreCheck))
ENV_FACTS = Program("env/env_facts", reader_of(EnvFacts))
RESOLVE_REF = Program("deploy/resolve_ref", reader_of(RefTarget))
RECORD = Program("transaction/record", reader_of(BackupList))
DISK_USAGE = Program("monitor/disk_cleanup", reader_of(DiskUsage))
RECORD_STAGE = Program("deploy/record_stage", reader_of(RecordedStage))
CLEAR_GIT_LOCKS = Program("git/clear_git_locks", reader_of(FreedLocks))
SAVE_PATCH = Program("deploy/save_patch", reader_of(SavedPatch))
LOCATE_BACKUP = Program("backup/locate", reader_of(LocatedBackup))
BEGIN_UPLOAD = Program("backup/begin_upload", reader_of(Upload))
INSPECT_RECEIVER = Program("webhook/inspect_receiver", reader_of(ReceiverFacts))
START_RECEIVER = Program("webhook/start_receiver", reader_of(StartedReceiver))
PING = Program("webhook/ping", reader_of(PingAnswer))
TAKE_LOCK = Program(_LOCK, _lock_answer, "take")
TAKE_LOCK_AGAIN = Program(_LOCK, _lock_answer, "again")
FREEZE = Program(_LOCK, _lock_answer, "freeze")
READ_LOCK = Program(_LOCK, reader_of(LockRecord), "read")
RELEASE_LOCK = Program(_LOCK, reader_of(Done), "release")
UNLOCK = Program(_LOCK, reader_of(Done), "unlock")
# Their answers say no more than that it is done.
MAKE_DIRECTORIES = Program("deploy/make_directories", json_object)
WRITE_ENV = Program("env/write_env", json_object)
START_AT_REBOOT = Program("pm2/start_at_reboot", json_object)
# Jobs, which leave a result.
CREATE_BACKUP = Program("backup/create", _made_backup)
VERIFY_BACKUPS = Program("backup/verify", reader_of(Proofs))
COPY_OFFSITE = Program("backup/offsite", reader_of(OffsiteCopy))
IMPORT_ARCHIVE = Program("backup/import_archive", reader_of(ImportedBackup))
ACTIVATE = Program("transaction/activate", reader_of(ActivationResult))
RECOVER = Program("transaction/recover", reader_of(ActivationResult))
TAKE_BACK = Program("transaction/revert_unhealthy", reader_of(ActivationResult))
RESTORE = Program("backup/restore", json_object)
STAGE = Program("deploy/stage", json_object)
BOOT_TEST = Program("deploy/boot_test", json_object)
NODE_MODULES_DIR = Program("install/node_modules_dir", json_object)
STOP_APP = Program("pm2/stop_app", json_object)
FILTER_LOG = Program("redaction/filter_log", json_object)
# The books of the receiver, which a module of this tool reads on the host.
ASK_BOOKS = Program("asked", reader_of(BooksAnswer), "facts")
ASK_DELIVERIES = Program("asked", reader_of(DeliveriesAnswer), "deliveries")
ASK_REDELIVER = Program("asked", _redelivered, "redeliver")


def last_line(output: str) -> JsonObject:
    """Return the JSON object in the last line of the output; raise UnexpectedError."""
    return json_object(decode_json(output.rstrip("\n").rpartition("\n")[2]))


def result_of(program: Program[T], said: str) -> T:
    """Return the checked result of a job that ran this program; raise UnexpectedError.

    That may be a refusal, which has no key of a result.
    """
    result = json_object(decode_json(said))
    return cast("T", result) if is_refusal(result) else program.reader(result)
