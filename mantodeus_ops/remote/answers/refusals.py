"""The catalogue of refusals: message and hint for each code that host programs send."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mantodeus_ops.errors import HostError
from mantodeus_ops.inventory.parse import HostSpec
from mantodeus_ops.remote.answers.app_refusals import APP_REFUSALS
from mantodeus_ops.remote.answers.message_template import Message, hint_with, sentence_with

UNEXPECTED = "unexpected-answer"

_DISK = "df -h {project}"
_ANEW = "deploy --force-install"


CATALOGUE: Mapping[str, Message] = {
    **APP_REFUSALS,
    UNEXPECTED: Message("{host} sent an unexpected answer"),
    "program-failed": Message("a program of this tool failed on {host}: {why}"),
    "disk-full": Message("the disk is full: {what}", _DISK),
    "disk-inodes-used-up": Message("the disk has no free inode left: {what}", "df -i {project}"),
    "disk-quota-used-up": Message("the disk quota is used up: {what}", "quota -s"),
    "disk-read-only": Message("the disk is read-only: {what}", "findmnt -T {project}"),
    "disk-error": Message("the disk has an error: {what}", "dmesg | tail"),
    "file-not-allowed": Message(
        "the account has no permission for {what}: {why}", "chmod u+rwX {project}/{place:w}"
    ),
    "file-of-another": Message(
        "the account has no permission for {what}: {why}", "sudo chown {uid:d} {project}/{place:w}"
    ),
    "file-refused": Message(
        "the account has no permission for {what}: {why}", "lsattr -d {project}/{place:w}"
    ),
    "project-missing": Message(
        "the folder {project} does not exist and cannot be created: {why}",
        "sudo install -d -o {uid:d} {project}",
    ),
    "project-out-of-reach": Message("{project} cannot be opened: {why}", "namei -l {project}"),
    "file-too-large": Message("the limit on the size of a file is reached: {what}", "ulimit -f"),
    "open-files-used-up": Message(
        "the limit on open files of a process is reached: {what}", "ulimit -n"
    ),
    "host-files-used-up": Message(
        "the limit on open files of the host is reached: {what}", "sysctl fs.file-nr"
    ),
    "processes-used-up": Message(
        "the limit on processes of the account is reached: {what}", "ulimit -u"
    ),
    "memory-used-up": Message("there is not enough memory: {what}", "free -m"),
    "disk-too-small": Message(
        "the disk is too full: {wanted:d} bytes are needed, {free:d} are free", _DISK
    ),
    "offsite-env-missing": Message(
        "the file {offsite_env}, named by offsite_env, does not exist on the host",
        "touch {project}/{offsite_env} && chmod 600 {project}/{offsite_env}",
    ),
    "offsite-env-not-own": Message(
        "{offsite_env}, named by offsite_env, is not a file of this account",
        "ls -l {project}/{offsite_env}",
    ),
    "offsite-env-open": Message(
        "others can read {offsite_env}, which holds the secrets for the copy off the host",
        "chmod 600 {project}/{offsite_env}",
    ),
    "offsite-engine-missing": Message(
        "{engine} is not on the host's PATH",
        "sudo apt-get install {engine}  # or set path in the inventory to the folder that holds it",
    ),
    "offsite-failed": Message("{engine} failed (exit {ended}): {why}"),
    "backup-not-found": Message("there is no backup {name}", "backup.list"),
    "backup-not-whole": Message(
        "there is no complete backup {name}; the newest are {newest}", "backup.list"
    ),
    "no-backup": Message("there is no backup yet", "backup"),
    "backup-name-taken": Message(
        "the host already has another backup named {name}: nothing was changed", "backup.list"
    ),
    "backup-gone": Message("the backup {name} no longer exists", "backup.list"),
    "backup-damaged": Message("{name} is damaged: {why}", "backup.list"),
    "backup-of-link": Message(
        "{name} is a link: a backup would hold the link, not its target",
        "ls -ld {project}/{name:w}",
    ),
    "archive-damaged": Message("{why}"),
    "archive-not-proven": Message("{why}"),
    "archive-unsafe": Message("{why}"),
    "archive-too-large": Message("{why}"),
    "archive-empty": Message("it holds nothing"),
    "command-failed": Message("{command} failed (exit {ended:d}): {why:r}"),
    "state-file-in-the-way": Message(
        "{file} {why}: nothing can be written there", "ls -ld {project}/{file:w}"
    ),
    "lock-records-used-up": Message(
        "{file} has the highest possible record number, so the lock cannot be taken",
        "ls -l {project}/.deploy/lock",
    ),
    "lock-no-directory": Message(
        "{file} is not a directory, so the lock cannot be taken", "ls -ld {project}/.deploy/lock"
    ),
    "live-not-known": Message(
        "the version that was live before the deploy is no longer known", "status"
    ),
    "patch-failed": Message(
        "git {command} failed while saving the edits on the host: {why:r}",
        "git -C {project} status",
    ),
    "patch-not-proven": Message(
        "the edits on the host cannot be saved as a patch, so nothing was replaced: {why:r}",
        "git -C {project} diff HEAD",
    ),
    "remote-unreachable": Message(
        "git cannot reach the remote: {why:r}", "git -C {project} ls-remote origin"
    ),
    "ref-not-found": Message(
        "there is no branch, tag or revision {ref} at the remote; available: {names}",
        "git -C {project} ls-remote origin",
    ),
    "branch-not-found": Message(
        "the remote has no branch {branch}; its default branch is {default}",
        'set branch = "{default:w}" in the inventory',
    ),
    "ref-ambiguous": Message("{ref} is ambiguous: it matches {names}", "deploy --ref {exact:w}"),
    "ref-no-revision": Message(
        "{ref} is not a commit, but the tag or the name of {revision}",
        "deploy --ref {revision:w}",
    ),
    "pattern-invalid": Message("--grep is not a valid regular expression: {why}"),
    "env-file-changed": Message("{file} was changed in the meantime; nothing was written"),
    "reboot-not-covered": Message(
        "the receiver would not start after a reboot: {why}", "crontab -l"
    ),
    "crontab-missing": Message(
        "the host has no crontab, so the receiver would not start after a reboot",
        "webhook.poll",
    ),
    "port-taken": Message(
        "port {port:d} is taken by {process}", "set webhook.port in the inventory"
    ),
    "receiver-silent": Message("the receiver does not answer: {why}", "logs --webhook"),
    "books-unreadable": Message(
        "the records of the receiver cannot be read: {why}", "ls -l {project}/.deploy/webhook.db"
    ),
    "delivery-not-known": Message("there is no delivery with this id", "webhook.deliveries"),
    "delivery-ambiguous": Message(
        "the id is ambiguous: several deliveries begin with it", "webhook.deliveries"
    ),
    "delivery-not-settled": Message("delivery {id} is already {state}", "webhook.deliveries"),
    "delivery-without-deploy": Message(
        "delivery {id} triggers no deploy: {outcome}", "webhook.deliveries"
    ),
}


def own_settings(spec: HostSpec) -> dict[str, str]:
    """Return the settings that a message or a hint may name."""
    app = spec.app
    return {
        "host": spec.name,
        "project": str(app.project_dir),
        "app": app.process_name,
        "offsite_env": app.offsite_env,
        "engine": app.offsite.partition(":")[0],
    }


def is_refusal(answer: object) -> bool:
    """Return whether this answer is a refusal."""
    return isinstance(answer, Mapping) and (
        "refused" in answer and ("code" in answer or "error" in answer)
    )


def with_sentences(
    answer: Mapping[str, object], sentence: Callable[[object], str]
) -> dict[str, object]:
    """Return the answer with a message in each part that is a refusal.

    The message is in `error`, or in `reason` where the part has that key.
    """
    return {key: _with_sentence(part, sentence) for key, part in answer.items()}


def _with_sentence(part: object, sentence: Callable[[object], str]) -> object:
    if not isinstance(part, dict) or "refusal" not in part:
        return part
    rest = {key: value for key, value in part.items() if key != "refusal"}
    return {**rest, "reason" if "reason" in part else "error": sentence(part["refusal"])}


def host_error(
    answer: object, own: Mapping[str, str], hidden: Callable[[str], str] = str
) -> HostError:
    """Return the error for a refusal of a host program.

    `own` holds settings that messages may name; `hidden` redacts a text. A refusal of another form
    or with an unknown code becomes an unexpected answer.
    """
    refusal = answer if isinstance(answer, Mapping) else {}
    code, facts = refusal.get("code"), refusal.get("facts")
    entry = CATALOGUE.get(code) if isinstance(code, str) else None
    known_facts = facts if isinstance(facts, Mapping) else {}
    sentence = sentence_with(entry.sentence, known_facts, own, hidden) if entry else None
    if entry is None or sentence is None:
        sentence_of_unknown = sentence_with(CATALOGUE[UNEXPECTED].sentence, {}, own, hidden)
        return HostError(str(sentence_of_unknown), code=UNEXPECTED)
    return HostError(sentence, hint_with(entry.hint, known_facts, own), code=str(code))
