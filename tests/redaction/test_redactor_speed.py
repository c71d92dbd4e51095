"""What it costs a stream of output to be freed of secrets."""

import io
import random
import time

import pytest

from mantodeus_ops.events import StepOutput
from mantodeus_ops.redaction.redactor import Redactor, secret_values
from mantodeus_ops.remote.output import JobLogReader
from mantodeus_ops.ui.progress import PlainProgress

LETTERS = "abcdefghijkXYZ0123456789+/_-"
DICE = random.Random(1)  # noqa: S311 - the same secrets in every run


def drawn(size):
    """Return this many letters."""
    return "".join(DICE.choices(LETTERS, k=size))


TWENTY = [drawn(40) for _ in range(20)]
LIVED_IN = [
    *(drawn(size) for size in (8, 10, 12, 16, 20, 24, 32, 48, 60)),
    "\n".join(
        ["-----BEGIN PRIVATE KEY-----", *(drawn(64) for _ in range(25)), "-----END KEY-----"]
    ),
    *secret_values({"DATABASE_URL": "postgres://manager:p%40ssw0rd99@127.0.0.1:5432/manager"}),
]
SAID = [
    "[vite] transforming src/components/Chart.tsx (1423 modules) 204.33 kB\n",
    "npm warn deprecated inflight@1.0.6: This module is not supported, and leaks memory.\n",
    "dist/assets/index-BkT3h2aQ.js   1,204.33 kB │ gzip: 322.11 kB\n",
    "    at Object.<anonymous> (/home/app/site/node_modules/postgres/lib/index.js:12:34)\n",
]
TEN_MEGABYTES = "".join(DICE.choices(SAID, k=130_000)).encode()


def seconds(redactor):
    """Return what it takes to show ten megabytes of a build's output with this redactor."""
    shown = PlainProgress(io.StringIO(), "manager")
    log = JobLogReader(redactor, lambda text: shown.emit(StepOutput(text)), print)
    began = time.process_time()
    for at in range(0, len(TEN_MEGABYTES), 65_536):
        log.add(TEN_MEGABYTES[at : at + 65_536])
    log.end()
    return time.process_time() - began


@pytest.mark.parametrize("secrets", [TWENTY, LIVED_IN], ids=["twenty", "lived in"])
def test_redaction_slows_a_stream_down_by_less_than_a_third(secrets):
    without, redactor = Redactor(()), Redactor(secrets)
    pairs = []
    for _ in range(5):
        pairs.append((seconds(without), seconds(redactor)))
        plain, redacted = map(min, zip(*pairs, strict=True))
        if redacted <= 1.3 * plain:
            return
    pytest.fail(f"{redacted:.2f} s, {redacted / plain:.2f} times as long as without")
