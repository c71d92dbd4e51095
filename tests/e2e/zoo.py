"""Apps that are ill, each in its own way, and some that are well and look odd: texts for node."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

OK = '{"ok":true}'
LIVES = (0.3, 0.9, 1.5, 2.5, 5, 10, 17)
QUICK = 2.5  # what dies later than this is for the long run

SERVE = """
const http = require('http');
const port = Number(process.env.PORT);
const ok = (request, answer) => answer.end('{"ok":true}');
const serve = (handler, at = port) => http.createServer(handler).listen(at, '127.0.0.1');
const after = (seconds, deed) => setTimeout(deed, seconds * 1000);
"""
RAW = """
const net = require('net');
const raw = (deed) => net.createServer((socket) => {
  socket.on('error', () => {});
  socket.once('data', () => deed(socket));
}).listen(Number(process.env.PORT), '127.0.0.1');
"""
HEAD = "HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\n"


@dataclass(frozen=True, slots=True)
class Animal:
    """An app: its text, how PM2 is to run it, and a word of the reason that a check must give."""

    text: str
    says: str = ""
    entry: dict[str, Any] = field(default_factory=dict)
    slow: bool = False


def answers(status: int, body: str = "", headers: str = "{}") -> Animal:
    """Return an app that answers like this and in no other way."""
    text = f"serve((q, a) => {{ a.writeHead({status}, {headers}); a.end({body!r}); }});"
    return Animal(SERVE + text, str(status))


def dies(seconds: float, how: str = "process.exit(1)") -> Animal:
    """Return an app that is well until it dies after so many seconds."""
    text = f"serve(ok); after({seconds}, () => {{ {how}; }});"
    return Animal(SERVE + text, "", slow=seconds > QUICK)


def speaks(deed: str, says: str = "") -> Animal:
    """Return an app that does this to a connection on which it was asked something."""
    return Animal(RAW + f"raw((socket) => {{ {deed} }});", says)


def workers(first: str, second: str, says: str, **entry: Any) -> Animal:
    """Return an app of two workers that differ."""
    text = f"if (process.env.NODE_APP_INSTANCE === '0') {{ {first} }} else {{ {second} }}"
    return Animal(SERVE + text, says, {"instances": 2, "exec_mode": "cluster", **entry})


DEATHS = {f"dies-{seconds:g}".replace(".", "-"): dies(seconds) for seconds in LIVES} | {
    "exits-0": dies(0.9, "process.exit(0)"),
    "killed": dies(1.5, "process.kill(process.pid, 'SIGKILL')"),
    "throws": dies(0.9, "throw new Error('no reason')"),
    "aborts": dies(0.3, "process.abort()"),
    "never-starts": Animal("throw new Error('cannot start')"),
    "no-file": Animal("require('./not-there.js')"),
    "no-syntax": Animal("this is no javascript"),
    "stopped-errored": Animal(
        "process.exit(1)", "errored", {"max_restarts": 2, "min_uptime": 60_000}
    ),
    "no-restart": Animal(SERVE + "process.exit(0)", "stopped", {"autorestart": False}),
}
STATUSES = {f"answers-{code}": answers(code, "no") for code in (201, 204, 206, 401, 403, 404, 429)}
STATUSES |= {f"answers-{code}": answers(code, "no") for code in (400, 418, 500, 502, 503)}
STATUSES |= {
    f"redirects-{code}": answers(code, "", "{ location: '/login' }")
    for code in (301, 302, 303, 307, 308)
}
BODIES = {
    "error-page": answers(200, "<h1>Something went wrong</h1>"),
    "says-not-ok": answers(200, '{"ok":false}'),
    "empty-body": answers(200, ""),
}
WIRES = {
    "never-answers": Animal(SERVE + "serve(() => {});", "no whole answer"),
    "drips": speaks(
        f"socket.write('{HEAD}Content-Length: 99\\r\\n\\r\\n');"
        "setInterval(() => socket.write('x'), 500);",
        "no whole answer",
    ),
    "drips-head": speaks(
        "socket.write('HTTP/1.1 200 OK\\r\\n'); setInterval(() => socket.write('a'), 500);",
        "no whole answer",
    ),
    "too-short": speaks(f"socket.end('{HEAD}Content-Length: 99\\r\\n\\r\\n{OK}');"),
    "cut-chunk": speaks(f"socket.end('{HEAD}Transfer-Encoding: chunked\\r\\n\\r\\nb\\r\\n{OK}');"),
    "resets": speaks(
        f"socket.write('{HEAD}Content-Length: 11\\r\\n\\r\\n'); socket.resetAndDestroy();"
    ),
    "hangs-up": speaks("socket.end();"),
    "no-http": speaks("socket.end('220 mail ready\\r\\n');"),
    "only-100": speaks("socket.write('HTTP/1.1 100 Continue\\r\\n\\r\\n');", "no whole answer"),
    "endless": speaks(
        f"socket.write('{HEAD}\\r\\n'); setInterval(() => socket.write('x'.repeat(9999)), 5);",
        "no whole answer",
    ),
    "blocked": Animal(
        SERVE + "const never = new Int32Array(new SharedArrayBuffer(4));"
        "serve(ok); after(0.2, () => Atomics.wait(never, 0, 0));",
        "no whole answer",
    ),
    "silent": Animal("setInterval(() => {}, 1000);", "nothing listens"),
    "elsewhere": Animal(SERVE + "serve(ok, port + 1);", "disagree"),
    "unix-only": Animal(SERVE + "serve(ok, 'app.sock');", "nothing listens"),
    "never-ready": Animal(
        "setInterval(() => {}, 1000);",
        "nothing listens",
        {"wait_ready": True, "listen_timeout": 300},
    ),
}
WORKERS = {
    "one-ill": workers(
        "serve(ok)", "serve((q, a) => { a.statusCode = 500; a.end('ill'); })", "500"
    ),
    "one-hangs": workers("serve(ok)", "serve(() => {})", "no whole answer"),
    "one-dies": workers("serve(ok)", "serve(ok); after(0.9, () => process.exit(1))", ""),
    "one-deaf": workers(
        "serve(ok)", "setInterval(() => {}, 999)", "listens on no port", exec_mode="fork"
    ),
}
# The old process, or somebody else's, answers on the port while PM2's own swallowed the error.
TAKEN = {
    "port-taken": Animal(SERVE + "serve(ok).on('error', () => {});", "answers on its port"),
    "port-taken-dies": Animal(SERVE + "serve(ok);", ""),
}
ILL = DEATHS | STATUSES | BODIES | WIRES | WORKERS | TAKEN

WELL = {
    "plain": Animal(SERVE + "serve(ok);"),
    "late": Animal(SERVE + "after(2, () => serve(ok));"),
    "two": Animal(SERVE + "serve(ok);", entry={"instances": 2, "exec_mode": "cluster"}),
    "four": Animal(SERVE + "serve(ok);", entry={"instances": 4, "exec_mode": "cluster"}),
    "slow-answer": Animal(SERVE + "serve((q, a) => after(1, () => ok(q, a)));"),
    "chunks": Animal(
        SERVE + "serve((q, a) => { a.write('{\"ok\":'); after(0.1, () => a.end('true}')); });"
    ),
    "large": Animal(
        SERVE + "serve((q, a) => { a.write('{\"ok\":true}'); a.end(' '.repeat(3e6)); });"
    ),
    "deaf-to-sigint": Animal(SERVE + "serve(ok); process.on('SIGINT', () => {});"),
    "own-child": Animal(
        "require('child_process').fork('./child.js');", entry={"child": SERVE + "serve(ok);"}
    ),
    "ports-apart": Animal(
        SERVE + "serve(ok);", entry={"instances": 2, "exec_mode": "fork", "increment_var": "PORT"}
    ),
}
