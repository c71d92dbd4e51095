"""Signed pushes at a receiver, as fast as 32 connections bring them: ours, and Debian's webhook.

Ours verifies, judges and keeps each on the disk before it answers. Debian's verifies, and starts
`true` for each; it keeps nothing.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from mantodeus_ops.webhook.github_events import full_name
from sandbox.box import PROGRAMS
from sandbox.commands import base_env
from sandbox.github import push_body, signed_headers
from sandbox.openssh import free_port
from sandbox.shelf import debian_program

from .report import PUSHES
from .samples import BenchError
from .started import started
from .taken import Flood, Taken
from .world import World

AT_ONCE = 32
WELL = (b"200", b"202")


def floods(world: World, taken: Taken) -> None:
    """Flood both receivers in turn; raise BenchError when one loses a push."""
    secret = secrets.token_hex(32)
    repository = full_name(str(world.box.origin.bare))
    with _ours(world, secret) as (process, port):
        _flood(process, port, _requests(secret, repository, "/webhook"), taken.receiver)
    with TemporaryDirectory() as folder, _debians(Path(folder), secret) as (process, port):
        _flood(process, port, _requests(secret, repository, "/hooks/push"), taken.debian)


def _flood(
    process: subprocess.Popen[bytes], port: int, requests: Sequence[bytes], found: Flood
) -> None:
    began = time.monotonic()
    times = sorted(asyncio.run(_sent(port, requests)))
    found.seconds.append(time.monotonic() - began)
    found.slowest.append(times[len(times) * 99 // 100] * 1000)
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    most = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    found.memory.append(int(most.split()[1]) / 1024)


async def _sent(port: int, requests: Sequence[bytes]) -> list[float]:
    """Send all; return the seconds that each answer took."""
    times: list[float] = []
    left = iter(requests)

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for data in left:
            began = time.monotonic()
            writer.write(data)
            if (code := await _answer(reader)) not in WELL:
                raise BenchError(f"a signed push was answered {code.decode()}")
            times.append(time.monotonic() - began)
        writer.close()

    await asyncio.gather(*(client() for _ in range(AT_ONCE)))
    return times


async def _answer(reader: asyncio.StreamReader) -> bytes:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = head.partition(b"content-length: ")[2].partition(b"\r\n")[0]
    await reader.readexactly(int(length or 0))
    return head.split(b" ", 2)[1]


def _requests(secret: str, repository: str, path: str) -> list[bytes]:
    """Return pushes of as many revisions, each of about the size that GitHub sends."""
    return [_request(secret, repository, path) for _ in range(PUSHES)]


def _request(secret: str, repository: str, path: str) -> bytes:
    revision = secrets.token_hex(20)
    commits = [{"id": revision, "message": "A change", "modified": ["a", "b"]}]
    body = push_body(repository, revision, description="x" * 5_000, commits=commits)
    headers = {"Host": "127.0.0.1", **signed_headers("push", body, secret.encode())}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST {path} HTTP/1.1\r\n{lines}\r\n".encode() + body


@contextmanager
def _ours(world: World, secret: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Yield our receiver, which runs as it is started by hand on a host."""
    env_file, port = world.ours.project_dir / ".env", free_port()
    before = env_file.read_text(encoding="utf-8")
    env_file.write_text(f"{before}WEBHOOK_SECRET={secret}\n", encoding="utf-8")
    world.box.hosts["here"]["webhook"] = {"port": port}
    world.box.write_inventory()
    try:
        with started([PROGRAMS / "inv", "webhook.serve"], world.box.env(), port) as process:
            yield process, port
    finally:
        env_file.write_text(before, encoding="utf-8")


@contextmanager
def _debians(folder: Path, secret: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Yield Debian's receiver, which verifies the same signature."""
    header = {"source": "header", "name": "X-Hub-Signature-256"}
    rule = {"type": "payload-hmac-sha256", "secret": secret, "parameter": header}
    hook = {"id": "push", "execute-command": "/bin/true", "trigger-rule": {"match": rule}}
    hooks, port = folder / "hooks.json", free_port()
    hooks.touch(mode=0o600)
    hooks.write_text(json.dumps([hook]), encoding="utf-8")
    program = debian_program("webhook", ["webhook"], "usr/bin/webhook")
    argv: list[str | Path] = [program, "-hooks", hooks, "-ip", "127.0.0.1", "-port", str(port)]
    with started(argv, base_env(folder), port) as process:
        yield process, port
