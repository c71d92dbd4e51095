"""What a program on a host refuses with: a code and facts. The sentence and the hint are ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mantodeus_ops.errors import HostError
from mantodeus_ops.inventory.parse import HostSpec
from mantodeus_ops.remote.answers.template import Told, hint_with, sentence_with

UNEXPECTED = "unexpected-answer"

_DISK = "df -h {project}"
_ANEW = "deploy --force-install"


CATALOGUE: Mapping[str, Told] = {
    UNEXPECTED: Told("{host} sent an unexpected answer"),
    "program-failed": Told("a program of this tool failed on {host}: {why}"),
    "disk-full": Told("the disk is full: {what}", _DISK),
    "disk-inodes-used-up": Told("the disk has no free inode left: {what}", "df -i {project}"),
    "disk-quota-used-up": Told("the disk quota is used up: {what}", "quota -s"),
    "disk-read-only": Told("the disk is read-only: {what}", "findmnt -T {project}"),
    "disk-error": Told("the disk has an error: {what}", "dmesg | tail"),
    "file-not-allowed": Told(
        "the account has no permission for {what}: {why}", "chmod u+rwX {project}/{place:w}"
    ),
    "file-of-another": Told(
        "the account has no permission for {what}: {why}", "sudo chown {uid:d} {project}/{place:w}"
    ),
    "file-refused": Told(
        "the account has no permission for {what}: {why}", "lsattr -d {project}/{place:w}"
    ),
    "project-missing": Told(
        "there is no folder {project}, and it cannot be made: {why}",
        "sudo install -d -o {uid:d} {project}",
    ),
    "project-out-of-reach": Told("{project} is out of reach: {why}", "namei -l {project}"),
    "file-too-large": Told("the limit on the size of a file is reached: {what}", "ulimit -f"),
    "open-files-used-up": Told(
        "the limit on open files of a process is reached: {what}", "ulimit -n"
    ),
    "host-files-used-up": Told(
        "the limit on open files of the host is reached: {what}", "sysctl fs.file-nr"
    ),
    "processes-used-up": Told(
        "the limit on processes of the account is reached: {what}", "ulimit -u"
    ),
    "memory-used-up": Told("there is not enough memory: {what}", "free -m"),
    "disk-too-small": Told(
        "the disk is too full: {wanted:d} bytes are needed, {free:d} are free", _DISK
    ),
    "offsite-env-missing": Told(
        "there is no file {offsite_env} on the host, which offsite_env names",
        "touch {project}/{offsite_env} && chmod 600 {project}/{offsite_env}",
    ),
    "offsite-env-not-own": Told(
        "{offsite_env}, which offsite_env names, is not a file of this account",
        "ls -l {project}/{offsite_env}",
    ),
    "offsite-env-open": Told(
        "others can read {offsite_env}, which holds the secrets for the copy off the host",
        "chmod 600 {project}/{offsite_env}",
    ),
    "offsite-engine-missing": Told(
        "{engine} is not on PATH of the host",
        "sudo apt-get install {engine}  # or set path in the inventory to the folder that holds it",
    ),
    "offsite-failed": Told("{engine} failed (exit {ended}): {why}"),
    "backup-not-found": Told("there is no backup {name}", "backup.list"),
    "backup-not-whole": Told(
        "there is no whole backup {name}; the newest are {newest}", "backup.list"
    ),
    "no-backup": Told("there is no backup yet", "backup"),
    "backup-name-taken": Told(
        "the host already has another backup named {name}: nothing was changed", "backup.list"
    ),
    "backup-gone": Told("there is no longer a backup {name}", "backup.list"),
    "backup-damaged": Told("{name} is damaged: {why}", "backup.list"),
    "backup-of-link": Told(
        "{name} is a link: a backup would hold the link, not its target",
        "ls -ld {project}/{name:w}",
    ),
    "archive-damaged": Told("{why}"),
    "archive-not-proven": Told("{why}"),
    "archive-unsafe": Told("{why}"),
    "archive-too-large": Told("{why}"),
    "archive-empty": Told("it holds nothing"),
    "command-failed": Told("{command} failed (exit {ended:d}): {why:r}"),
    "copy-failed": Told("cp failed (exit {ended:d}): {why:r}", _DISK),
    "modules-written": Told(
        "the build wrote into files of node_modules that the live app uses"
        " (the newest is {newest})",
        _ANEW,
    ),
    "install-incomplete": Told(
        "npm said it was done, but {broken:d} of {wanted:d} packages are incomplete ({names})",
        _ANEW,
    ),
    "packages-unreadable": Told("{broken:d} packages cannot be read ({names})", _ANEW),
    "state-file-in-the-way": Told(
        "{file} {why}: nothing can be written there", "ls -ld {project}/{file:w}"
    ),
    "lock-records-used-up": Told(
        "{file} has the highest number of a record: no lock can be taken after it",
        "ls -l {project}/.deploy/lock",
    ),
    "lock-no-directory": Told(
        "{file} is not a directory: no lock can be taken", "ls -ld {project}/.deploy/lock"
    ),
    "live-not-known": Told("what was live before the deploy is no longer known", "status"),
    "patch-failed": Told(
        "git {command} failed while the edits on the host were saved: {why:r}",
        "git -C {project} status",
    ),
    "patch-not-proven": Told(
        "the edits on the host cannot be saved as a patch, so nothing was replaced: {why:r}",
        "git -C {project} diff HEAD",
    ),
    "pm2-silent": Told(
        "the PM2 daemon (process {pid:d}) does not answer", "kill -9 {pid:d}; pm2 resurrect"
    ),
    "pm2-not-listed": Told("PM2 did not list its processes: {why}", "pm2 update"),
    "pm2-app-elsewhere": Told(
        "PM2's app {name} runs in {cwd}, not in {project}", "pm2 describe {name:w}"
    ),
    "pm2-app-unknown": Told("PM2 knows no app named {app}, so its logs cannot be found", "status"),
    "ecosystem-not-loaded": Told(
        "PM2 cannot load {file}: {why:r}", "node -e \"require('./{file:w}')\""
    ),
    "ecosystem-is-module": Told(
        "PM2 cannot load {file}: {why:r} (it is an ES module, PM2 reads CommonJS)",
        "git mv {file:w} ecosystem.config.cjs",
    ),
    "ecosystem-app-missing": Told(
        "{file} must name one app {app}, and names {count}; its apps: {names}",
        "set app or ecosystem in the inventory",
    ),
    "boot-unhealthy": Told("the staged build did not become healthy: {why}"),
    "boot-failed": Told("the staged build did not become healthy: {why} ({said:r})"),
    "boot-port-not-taken": Told(
        "the staged build did not become healthy: {why} ({said:r}); the app does not take its port"
        " from PORT, so it cannot be tried beside the live one",
        "set boot_test = false in the inventory",
    ),
    "remote-unreachable": Told(
        "git cannot reach the remote: {why:r}", "git -C {project} ls-remote origin"
    ),
    "ref-not-found": Told(
        "there is no branch, tag or revision {ref} at the remote; it has {names}",
        "git -C {project} ls-remote origin",
    ),
    "ref-ambiguous": Told("{ref} is ambiguous: it means {names}", "deploy --ref {exact:w}"),
    "ref-no-revision": Told(
        "{ref} is not a commit: it is the tag or the name of {revision}",
        "deploy --ref {revision:w}",
    ),
    "pattern-invalid": Told("--grep is not a valid regular expression: {why}"),
    "env-file-changed": Told("{file} was changed in the meantime; nothing was written"),
    "reboot-not-covered": Told(
        "the receiver would not start again after a reboot: {why}", "crontab -l"
    ),
    "crontab-missing": Told(
        "the host has no crontab, so the receiver would not start again after a reboot",
        "webhook.poll",
    ),
    "port-taken": Told("port {port:d} is taken by {process}", "set webhook.port in the inventory"),
    "receiver-silent": Told("the receiver does not answer: {why}", "logs --webhook"),
    "books-unreadable": Told(
        "the records of the receiver cannot be read: {why}", "ls -l {project}/.deploy/webhook.db"
    ),
    "delivery-not-known": Told("no delivery has this id", "webhook.deliveries"),
    "delivery-ambiguous": Told(
        "the id is ambiguous: those of several deliveries begin with it", "webhook.deliveries"
    ),
    "delivery-not-settled": Told("delivery {id} is already {state}", "webhook.deliveries"),
    "delivery-without-deploy": Told(
        "delivery {id} leads to no deploy: {outcome}", "webhook.deliveries"
    ),
}


def own_settings(spec: HostSpec) -> dict[str, str]:
    """Return the settings of ours that a sentence or a hint may name."""
    app = spec.app
    return {
        "host": spec.name,
        "project": str(app.project_dir),
        "app": app.name,
        "offsite_env": app.offsite_env,
        "engine": app.offsite.partition(":")[0],
    }


def is_refusal(answer: object) -> bool:
    """Return whether a program on a host says by this that it refused."""
    return isinstance(answer, Mapping) and (
        "refused" in answer and ("code" in answer or "error" in answer)
    )


def with_sentences(
    answer: Mapping[str, object], sentence: Callable[[object], str]
) -> dict[str, object]:
    """Return the answer with a sentence in each part of it that holds a refusal.

    Such a part says in `error`, or in `reason`, why there is no more of it.
    """
    return {key: _with_sentence(part, sentence) for key, part in answer.items()}


def _with_sentence(part: object, sentence: Callable[[object], str]) -> object:
    if not isinstance(part, dict) or "refusal" not in part:
        return part
    told = {key: value for key, value in part.items() if key != "refusal"}
    return {**told, "reason" if "reason" in part else "error": sentence(part["refusal"])}


def host_error(
    answer: object, own: Mapping[str, str], hidden: Callable[[str], str] = str
) -> HostError:
    """Return the error for what a program on a host refused with; `own` are settings of ours.

    An answer of another form, and a code that is not known, give one sentence. `hidden` takes the
    secrets out of a text.
    """
    said = answer if isinstance(answer, Mapping) else {}
    code, facts = said.get("code"), said.get("facts")
    known = CATALOGUE.get(code) if isinstance(code, str) else None
    given = facts if isinstance(facts, Mapping) else {}
    sentence = sentence_with(known.sentence, given, own, hidden) if known else None
    if known is None or sentence is None:
        told = sentence_with(CATALOGUE[UNEXPECTED].sentence, {}, own, hidden)
        return HostError(str(told), code=UNEXPECTED)
    return HostError(sentence, hint_with(known.hint, given, own), code=str(code))
