"""An ssh-agent for a test."""

import re
import subprocess
from contextlib import contextmanager


@contextmanager
def an_agent(monkeypatch, *keys):
    """Hold these keys in an agent for the time of the block; yield what adds another one."""
    said = subprocess.run(["ssh-agent", "-s"], capture_output=True, text=True, check=True).stdout
    found = dict(re.findall(r"(SSH_A[A-Z_]+)=([^;]+);", said))
    for name, value in found.items():
        monkeypatch.setenv(name, value)

    def add(key, passphrase=""):
        asked = key.with_name("asked")
        asked.write_text(f"#!/bin/sh\necho {passphrase}\n")
        asked.chmod(0o700)
        with monkeypatch.context() as patch:
            patch.setenv("SSH_ASKPASS", str(asked))
            patch.setenv("SSH_ASKPASS_REQUIRE", "force")
            subprocess.run(["ssh-add", "-q", str(key)], check=True)

    try:
        for key in keys:
            add(key)
        yield add
    finally:
        subprocess.run(["ssh-agent", "-k"], capture_output=True, check=True)
