"""What looks like PM2's own program while that reloads another app."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def others_reload(folder: Path, home: Path) -> Iterator[None]:
    """Let the PM2 of this home be at another app's reload, for the time of the block.

    PM2 itself takes a lock of tomorrow for none, and ends each reload without one.
    """
    lock = home / "reload.lock"
    tomorrow = f"{(time.time() + 86_400) * 1000:.0f}"
    lock.write_text(tomorrow)
    other = folder / "other/pm2"
    other.parent.mkdir(exist_ok=True)
    other.write_text(f"while echo {tomorrow} >{lock}.new; do mv {lock}.new {lock}; sleep 0.1; done")
    argv = ["/bin/bash", other, "reload", "other"]
    env = {**os.environ, "PM2_HOME": str(home)}
    with subprocess.Popen(argv, env=env, start_new_session=True) as busy:
        try:
            yield
        finally:
            os.killpg(busy.pid, signal.SIGKILL)
