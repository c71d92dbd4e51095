"""A real disk that is full, to many levels: nothing half, nothing lost, and a clear word."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_a_small_disk_filled_to_many_levels_loses_nothing(tmp_path):
    if subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False).returncode:
        pytest.skip("this kernel lets nobody mount a disk of their own")
    argv = ["unshare", "-rm", sys.executable, "-m", "tests.support.fill_disk", str(tmp_path)]
    done = subprocess.run(argv, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
