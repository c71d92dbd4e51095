"""A host in this process that answers every program of ours, and one that may answer anything."""

import json
import random
import re
import shlex

from fabfile.host.line import Exit, LineDropped
from fabfile.host.programs import node_program, shell_program
from fabfile.pure.shell import assign
from tests.host.border_answers import ANSWERS, EVENTS, LOG, RESULTS, WORDS

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
    assign("OPS_JS", node_program(name)): name
    for name in (*ANSWERS, *EVENTS)
    if name not in {"take", "freeze", "read", "release", "facts", "deliveries", "redeliver"}
}
_NAMES |= {
    assign("OPS_JS", node_program(name)): name
    for name in ("lockstep", "ground", "reboot", "envwrite", "receiverstart", "write")
}
_WORDS = (*TEXTS, *map(str, JUNK))
_MARK = re.compile(rb"printf '\\036%s\\n' ([0-9a-f]{16})")
_JOB = shell_program("job").encode()
_KEEPER = shell_program("keeper").encode()
_SHELLS = {shell_program(name).encode(): name for name in ("survey", "authkeys")}


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
            raise LineDropped
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
        if _JOB in data:
            return self._job(data)
        if _KEEPER in data:
            return (self.text(ANSWERS["take"]) + "\n",)
        for program, name in _SHELLS.items():
            if program in data:
                return (self.words(WORDS[name]),)
        begin = data.find(b"OPS_JS=")
        if begin < 0:
            return (self._captured(data),)
        size, _, rest = data.partition(b"\n")
        end = data.index(b"\nops_need_node\nexec", begin)
        name = _NAMES[data[begin:end].decode()]
        if name in EVENTS:
            return ("".join(f"{self.text(event)}\n" for event in EVENTS[name]),)
        if name == "lockstep":
            name = json.loads(rest[int(size) :])["step"]
        return (self.text(ANSWERS.get(name, {"done": True, "pid": 7})) + "\n",)

    def _job(self, data):
        begin = data.rindex(b"set -- ", 0, data.index(_JOB))
        _, _, _, job, first, *_ = shlex.split(data[begin : data.index(b"\n", begin)].decode())
        if first == "0":
            return ("",)
        left = RESULTS.get(job.split("-")[2])
        told = f"\x1eresult={self.text(left)}\n" if left else ""
        return (self.log(LOG), f"\x1erc={self.code()}\n{told}")

    def _captured(self, data):
        asked = re.search(rb"fabfile\.receiver\.asked (\w+)", data)
        return self.text(ANSWERS[asked[1].decode()]) + "\n" if asked else "123\n"

    def text(self, value):
        """Return the JSON of an answer."""
        return json.dumps(value)

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
            return json.dumps(value)
        self.changed += 1
        kind = self._chance.random()
        if kind < 0.25:
            return self._chance.choice(TEXTS)
        if kind < 0.35:
            return json.dumps(self._chance.choice(JUNK))
        if kind < 0.45:
            whole = json.dumps(value)
            return whole[: self._chance.randrange(len(whole))]
        made = self._meddled(json.loads(json.dumps(value)))
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
