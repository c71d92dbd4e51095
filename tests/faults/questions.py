"""The same questions after every fault; each answers with what is wrong, or with nothing."""

from __future__ import annotations

import hashlib
import io
import json
import re
import tarfile
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from sandbox import processes
from tests.faults.operations import Task
from tests.faults.place import PARTS, Place

LEFT_SECONDS = 8.0  # what was told to go away gets this long
OF_THE_TOOL = {"lock", "journal.jsonl", "history.jsonl", "live.json", "jobs", "previous", "trash"}
OF_THE_TOOL |= {
    "installed.json",
    "modules.json",
    "key",
    "reserve",
    "rejected.json",
    "staged.json",
    "dossiers",
    "patches",
    "started.json",
    "began.json",
    "outputs.json",
    "outputs.staged.json",
    "own",
    "written",
}


# Files of a build, each of which names its revision.
OF_A_BUILD = re.compile(r"dist/(index|parts/\d+)\.js|packages/jobs/dist/jobs\.js")


def wrong(place: Place, task: Task) -> list[str]:
    """Return everything that is not as it must be, once the next command has ended."""
    return [text for ask in QUESTIONS for text in ask(place, task)]


def one_version(place: Place, task: Task) -> Iterator[str]:
    """Tell where the app does not answer as one complete version."""
    state = place.state()
    if state not in task.may_be:
        yield f"live is {state}, which is neither the old state nor the new"
    answer, git = place.machine.health(), place.world.git
    revisions = {"process": answer.get("revision"), "page": place.machine.page()}
    revisions |= {"live.json": json.loads(_text(place, ".deploy/live.json")).get("revision")}
    revisions |= {f"part {number}": part for number, part in enumerate(answer.get("parts", []))}
    revisions |= {"worker": place.jobs()}
    for name in ("dist/index.js", "packages/jobs/dist/jobs.js"):
        revisions[name] = state.revision if state.revision in _text(place, name) else ""
    if other := {name: one for name, one in revisions.items() if one != state.revision}:
        yield f"HEAD is {state.revision[:12]}, but not {other}"
    if len(answer.get("parts", [])) != PARTS:
        yield f"dist is not complete: {len(answer.get('parts', []))} parts"
    if changed := git("status", "--porcelain"):
        yield f"the work tree is changed: {changed}"
    wanted = set(json.loads(git("show", "HEAD:package.json"))["dependencies"]) | {"jobs"}
    found = {one.parent.name for one in place.project.glob("node_modules/*/package.json")}
    if wanted != found:
        yield f"node_modules has {sorted(found)}, not {sorted(wanted)}"


def whole_env(place: Place, task: Task) -> Iterator[str]:
    """Tell whether `.env` is neither the old one nor the new one, or not private."""
    env = place.project / ".env"
    if place.state().env not in {state.env for state in task.may_be}:
        yield ".env is neither the old one nor the new one"
    if env.stat().st_mode & 0o777 != 0o600:
        yield f".env has mode {env.stat().st_mode & 0o777:o}"


def restorable(place: Place, task: Task) -> Iterator[str]:
    """Tell which backup is listed and cannot be restored; one that was read is not read again."""
    del task
    for manifest in (place.project / "backups").glob("backup-*.json"):
        archive = manifest.with_suffix(".tar.gz")
        if not archive.exists():  # a prune was killed: it is listed no more
            continue
        seen = tuple((one.stat().st_ino, one.stat().st_mtime_ns) for one in (manifest, archive))
        if seen not in place.read:
            yield from (f"{archive.name} {why}" for why in _broken(archive, manifest))
        place.read.add(seen)


def _broken(archive: Path, manifest: Path) -> Iterator[str]:
    """Tell what is wrong with an archive, by reading all of it with nothing of the product's."""
    told, data = json.loads(manifest.read_text()), archive.read_bytes()
    if hashlib.sha256(data).hexdigest() != told["sha256"]:
        yield "does not match its manifest"
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as tar:
            texts = {one.name: _member(tar, one) for one in tar}
    except (tarfile.TarError, EOFError, zlib.error) as error:
        yield f"cannot be read to its end: {error!r}"
        return
    if len(texts) != told["entries"]:
        yield f"has {len(texts)} entries, not {told['entries']}"
    if missing := [name for name in told["paths"] if name not in texts]:
        yield f"has no {missing}"
    own = [text for name, text in texts.items() if OF_A_BUILD.match(name)]
    if "dist" in told["paths"] and len(own) != PARTS + 2:
        yield f"has {len(own)} files of the app"
    if mixed := [text for text in own if told["revision"].encode() not in text]:
        yield f"is of {told['revision'][:12]}, but not {mixed[0][:80]!r}"


def _member(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(member) if member.isfile() else None
    return file.read() if file else b""


def nothing_left(place: Place, task: Task) -> Iterator[str]:
    """Tell what is left running, locked or lying there that should not be."""
    deadline = time.monotonic() + LEFT_SECONDS
    while (left := list(_left(place, task))) and time.monotonic() < deadline:
        time.sleep(0.2)
    yield from left


def _left(place: Place, task: Task) -> Iterator[str]:
    deploy, backups = place.project / ".deploy", place.project / "backups"
    # What a deploy has made ready is kept for the next deploy, and for nobody else.
    allowed = OF_THE_TOOL if task.again[0] == "deploy" else OF_THE_TOOL | {"staging"}
    yield from (f".deploy/{name} is left" for name in sorted(_names(deploy) - allowed))
    yield from (f"backups/{name} is left" for name in _names(backups) if name.startswith("."))
    yield from (f"backups/{name} is left" for name in _names(backups) if name.endswith(".tmp"))
    yield from (f"trash/{name} is left" for name in _names(deploy / "trash"))
    records = sorted(name for name in _names(deploy / "lock"))
    yield from (f"lock/{name} is left" for name in records if name.startswith("."))
    if records and json.loads((deploy / "lock" / records[-1]).read_text()).get("kind") != "free":
        yield f"the lock is held: {(deploy / 'lock' / records[-1]).read_text()}"
    for pid in processes.with_variable("HOME", str(place.machine.home)):
        if processes.is_alive(pid) and not _at_rest(place, pid):
            yield f"process {pid} is left: {_command(pid)}"


def _at_rest(place: Place, pid: int) -> bool:
    """Return whether this is PM2's daemon or the app that it keeps."""
    words = _command(pid)
    return (
        "God Daemon" in words
        or words.startswith("PM2 ")
        or any(f"{place.project}/{folder}/" in words for folder in ("dist", "packages"))
    )


def _command(pid: int) -> str:
    try:
        return (
            Path(f"/proc/{pid}/cmdline")
            .read_bytes()
            .replace(b"\0", b" ")
            .decode(errors="replace")[:160]
        )
    except OSError:
        return ""


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def _text(place: Place, name: str) -> str:
    file = place.project / name
    return file.read_text() if file.exists() else "{}"


Question = Callable[[Place, Task], Iterator[str]]
QUESTIONS: tuple[Question, ...] = (one_version, whole_env, restorable, nothing_left)
