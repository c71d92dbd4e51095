"""A host in this process that answers every program of ours, and one that may answer anything."""

import json
import random
import re
import shlex

from mantodeus_ops.remote.programs import assigned_program, shell_program
from mantodeus_ops.remote.transport import ConnectionDropped, Exit
from tests.support.healthy_answers import ANSWERS, DONE, EVENTS, LOG, RESULTS, WORDS

JUNK = (
    *(None, 5, True, -1, 0.5, "", "x", [], [1, 2], {}, {"error": 5, "refused": []}),
    *(2**63, -(10**18), 10**300, 1e308, [[[[[[[[]]]]]]]], [None] * 50, {"": {"": None}}),
    *("\x1b]52;c;aGk=\x07", "\x1b[2J", "\x9b31m", "a\u2028b\u2029c\x85d", "\r\n\0\x7f\u202e"),
    *("x" * 70_000, "\ufffe\U0010ffff", "999999999999999999999", "٣", "²", "NaN", "../../x"),
)
TEXTS = (
    *("null", "[1,2]", "5", "NaN", "[NaN]", '{"a":1e999}', '{"a":-Infinity}', "{", "", "\n\n"),
    *('{"a":' + "9" * 500 + "}", "[" * 50_000, '{"a":' * 3_000, '"\\ud800"', "\x1b]0;x\x07"),
    *("\xff\xfe", "{}\u2028{}", '{"error":null,"refused":null}', '{"refused":1,"code":[]}'),
    *('{"secrets":5}', '{"unreadable":[null]}', '{"error":"\x1b[2J","refused":true,"hint":"x"}'),
)
_NAMES = {
    assigned_program("OPS_JS", name).encode(): name
    for name in (*ANSWERS, *EVENTS)
    if name not in {"take", "freeze", "read", "release", "facts", "deliveries", "redeliver"}
}
_NAMES |= {
    assigned_program("OPS_JS", name).encode(): name
    for name in (
        "transaction/lock_command",
        "deploy/make_directories",
        "pm2/start_at_reboot",
        "env/write_env",
        "webhook/start_receiver",
    )
}
_WORDS = (*TEXTS, *map(str, JUNK))
_WELL = {}
_MARK = re.compile(rb"printf '\\036%s\\n' ([0-9a-f]{16})")


def _first_line(name):
    """Return what tells this bash program from the others, and is found at once."""
    return shell_program(name).partition("\n")[0].encode()


_JOB, _KEEPER = _first_line("remote/job"), _first_line("transaction/hold_lock")
_SHELLS = {_first_line(name): name for name in ("ssh/host_requirements", "ssh/authorized_keys")}


def well(value):
    """Return the JSON of what a healthy host answers: of a constant, so it is made once."""
    _, whole = _WELL.get(id(value)) or _WELL.setdefault(id(value), (value, json.dumps(value)))
    return whole


class Said:
    """A program that says this, in two streams and by lines, and ends."""

    def __init__(self, mark, out, err="", code=0):
        self._out = b"\x1e" + mark + b"\n" + out.encode("utf-8", "surrogatepass")
        self._err = b"\x1e" + mark + b"\n" + err.encode("utf-8", "surrogatepass")
        self._lines = self._out.split(b"\n")
        self._code = code

    def pump(self, out, err, timeout):
        """Hand it over."""
        del timeout
        out(self._out)
        err(self._err)
        return Exit(self._code)

    def readline(self, timeout):
        """Return the next line."""
        del timeout
        if len(self._lines) < 2:
            raise ConnectionDropped
        return self._lines.pop(0)

    def send(self, data):
        """Take what it does not read."""

    def close(self):
        """Do nothing: it has ended."""


class PlayedLine:
    """A line to a host that answers all that is asked as a healthy one does."""

    far = False

    def start(self, data, *, more=False):
        """Answer what is asked."""
        del more
        return Said(_MARK.search(data)[1], *self.said(data))

    def said(self, data):
        """Return what it says: its output, its errors, its exit code."""
        size, _, rest = data.partition(b"\n")
        program, given = rest[: int(size)], rest[int(size) :]
        begin = program.find(b"\nOPS_JS=") + 1  # sought first, as it is near the beginning
        if begin:
            end = program.rindex(b"\nops_need_node\nexec")
            return (self._asked(_NAMES[program[begin:end]], given),)
        if _JOB in program:
            return self._job(program)
        if _KEEPER in program:
            return (self._told(ANSWERS["take"]),)
        for line, name in _SHELLS.items():
            if line in program:
                return (self.words(WORDS[name]),)
        return (self._captured(program),)

    def _asked(self, name, given):
        if name in EVENTS:
            return "".join(map(self._told, EVENTS[name]))
        if name == "transaction/lock_command":
            name = json.loads(given)["step"]
        return self._told(ANSWERS.get(name, DONE))

    def _told(self, answer):
        return f"{self.text(answer)}\n"

    def _job(self, program):
        begin = program.rindex(b"set -- ", 0, program.index(_JOB))
        words = program[begin : program.index(b"\n", begin)].decode()
        _, _, _, job, first, *_ = shlex.split(words)
        if first == "0":
            return ("",)
        left = RESULTS.get(job.split("-")[2])
        told = f"\x1eresult={self.text(left)}\n" if left else ""
        return (self.log(LOG), f"\x1erc={self.code()}\n{told}")

    def _captured(self, program):
        asked = re.search(rb"mantodeus_ops\.webhook\.receiver\.query (\w+)", program)
        return self._told(ANSWERS[asked[1].decode()]) if asked else "123\n"

    def text(self, value):
        """Return the JSON of an answer."""
        return well(value)

    words = log = staticmethod(lambda said: said)
    code = staticmethod(lambda: 0)

    def reconnect(self):
        """Do nothing."""

    def close(self):
        """Do nothing."""


class HostileLine(PlayedLine):
    """A line to a host that meddles with what it says, from one of its answers on."""

    def __init__(self, seed):
        self._chance = random.Random(seed)  # noqa: S311 - no secret
        self._turn, self._from = 0, self._chance.choice((0, 0, 1, 1, 2, 3, 5, 8))
        self.changed = 0

    def _begins(self):
        self._turn += 1
        return self._turn > self._from and self._chance.random() < 0.6

    def text(self, value):
        """Return the JSON of an answer, or what only looks like it, or nothing of the kind."""
        if not self._begins():
            return well(value)
        self.changed += 1
        kind = self._chance.random()
        if kind < 0.25:
            return self._chance.choice(TEXTS)
        if kind < 0.35:
            return json.dumps(self._chance.choice(JUNK))
        if kind < 0.45:
            whole = well(value)
            return whole[: self._chance.randrange(len(whole))]
        made = self._meddled(json.loads(well(value)))
        return json.dumps(made, ensure_ascii=self._chance.random() < 0.5)

    def words(self, said):
        """Return lines of words, meddled with."""
        if not self._begins():
            return said
        self.changed += 1
        at = self._chance.randrange(len(said))
        junk = self._chance.choice(_WORDS)
        return said[:at] + junk + said[at + self._chance.randrange(9) :]

    log = words

    def code(self):
        """Return an exit code, or what is none."""
        return self._chance.choice((0, 0, 0, 1, 5, 6, 94, "vanished", "²", "9" * 5000, "-1", ""))

    def _meddled(self, value):
        for _ in range(self._chance.randrange(1, 4)):
            value = self._once(value)
        return value

    def _once(self, value):
        """Return the value with one place in it replaced, taken out, or said many times."""
        if not isinstance(value, dict | list) or not value or self._chance.random() < 0.1:
            return json.loads(json.dumps(self._chance.choice(JUNK)))
        keys = list(value) if isinstance(value, dict) else range(len(value))
        key = self._chance.choice(keys)
        kind = self._chance.random()
        if kind < 0.1 and isinstance(value, dict):
            del value[key]
        elif kind < 0.15 and isinstance(value, list):
            value *= 30 if len(value) < 30 else 1
        else:
            value[key] = self._once(value[key])
        return value
