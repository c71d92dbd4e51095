"""Completion as a person gets it: Tab is pressed in each real shell, on a terminal."""

import os
import pty
import select
import shutil
import sys
import time
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
SHELLS = {
    "bash": (["bash", "--norc", "-i"], "source completion/mantodeus-ops.bash"),
    "zsh": (["zsh", "-f", "-i"], "source completion/mantodeus-ops.bash"),
    "fish": (["fish", "--no-config", "-i"], "source completion/mantodeus-ops.fish"),
}
INVENTORY = '[groups.web]\nhosts = ["manager"]\n["hosts"."manager"]\n[hosts.mirror]\n'
PATIENCE = 60


class Shell:
    """An interactive shell, in a checkout's folder, with completion sourced."""

    def __init__(self, name, home):
        argv, source = SHELLS[name]
        self.home = home
        file = home / "inventory/hosts.toml"
        self.named = (
            f"set -x OPS_INVENTORY {file}" if name == "fish" else f"export OPS_INVENTORY={file}"
        )
        (home / "inventory").mkdir()
        (home / "inventory/hosts.toml").write_text(INVENTORY)
        path = f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
        known = {"HOME": str(home), "PATH": path, "TERM": "vt100", "LANG": "C.UTF-8"}
        known["XDG_RUNTIME_DIR"] = str(home)  # where fish would otherwise litter /tmp
        (home / "deep/er").mkdir(parents=True)
        self.process, self._terminal = pty.fork()
        if not self.process:
            os.chdir(CHECKOUT)
            os.execvpe(shutil.which(argv[0]), argv, known)  # noqa: S606 - a shell is what is tested
        self.type("echo rea''dy\n")
        self.until("ready")
        self.type(f"{source}; cd {home}/deep/er; echo sou''rced\n")
        self.until("sourced")

    def type(self, text):
        """Press these keys."""
        os.write(self._terminal, text.encode())

    def until(self, text):
        """Wait until the terminal has shown this; return what was shown since the last time."""
        shown, deadline = "", time.monotonic() + PATIENCE
        while text not in shown and time.monotonic() < deadline:
            if select.select([self._terminal], [], [], 0.1)[0]:
                shown += os.read(self._terminal, 65536).decode(errors="replace")
        assert text in shown, repr(shown)
        return shown

    def end(self):
        """Go away, as a closed terminal does."""
        os.close(self._terminal)
        os.kill(self.process, 9)
        os.waitpid(self.process, 0)


@pytest.fixture(params=SHELLS)
def shell(request, tmp_path):
    """Yield each shell that this machine has."""
    if not shutil.which(SHELLS[request.param][0][0]):
        pytest.skip(f"{request.param} is not on this machine")
    shell = Shell(request.param, tmp_path)
    yield shell
    shell.end()


def test_hosts_after_h_then_a_task_then_its_options(shell):
    shell.type("fab -H mana\t")
    shell.until("manager")
    shell.type(f"\x15cd {CHECKOUT}\n")
    shell.type("fab -H manager backup.ver\t")
    shell.until("backup.verify")
    shell.type("\x15")
    shell.type("inv deploy --skip-boo\t")
    shell.until("--skip-boot-test")
    shell.type("\x15")
    shell.type(f"cd {shell.home}\nfab -H web,mir\t")
    shell.until("mirror")
    shell.type(f"\x15cd /\n{shell.named}\nfab -H web,mir\t")
    shell.until("mirror")


def test_hosts_in_a_state_alone_behind_a_name_and_after_a_comma(shell):
    for typed, whole in {"@fa": "@failed", "web@be": "web@behind", "mirror,@f": ",@failed"}.items():
        shell.type(f"fab -H {typed}\t")
        shell.until(whole)
        shell.type("\x15")
