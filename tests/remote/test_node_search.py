"""Node is found where version managers keep it, for commands over SSH that read no profile."""

import shutil
import subprocess

import pytest

from mantodeus_ops.remote.programs import shell_program

KEPT = ("v18.2.0", "v20.1.0", "v20.11.1", "v22.3.0")


def found(home, call="ops_path_from_places"):
    """Return the folders that are searched, in order."""
    text = shell_program("remote/prelude").partition("unset CDPATH")[2]
    text = text.partition("# shellcheck disable=SC2034")[0]
    script = f"set -u\nunset CDPATH{text}\n{call}"
    env = {"HOME": str(home), "PATH": "/usr/bin:/bin"}
    argv = [shutil.which("bash"), "-c", script]
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=True)
    return done.stdout.split(":")


@pytest.fixture
def nvm(tmp_path):
    """Return the folder of an nvm with several versions."""
    for version in KEPT:
        program = tmp_path / f".nvm/versions/node/{version}/bin/node"
        program.parent.mkdir(parents=True)
        program.touch(mode=0o755)
    (tmp_path / ".nvm/alias/lts").mkdir(parents=True)
    return tmp_path / ".nvm"


@pytest.mark.parametrize(
    ("aliases", "version"),
    [
        ({}, "v22.3.0"),
        ({"default": "v20.1.0"}, "v20.1.0"),
        ({"default": "20.1.0"}, "v20.1.0"),
        ({"default": "20"}, "v20.11.1"),
        ({"default": "node"}, "v22.3.0"),
        ({"default": "stable"}, "v22.3.0"),
        ({"default": "lts/hydrogen", "lts/hydrogen": "v18.2.0"}, "v18.2.0"),
        ({"default": "lts/*", "lts/*": "lts/iron", "lts/iron": "v20.11.1"}, "v20.11.1"),
        ({"default": "mine", "mine": "default"}, "v22.3.0"),
        ({"default": "16"}, "v22.3.0"),
    ],
)
def test_the_default_of_nvm_is_found_by_its_aliases(nvm, aliases, version):
    for name, text in aliases.items():
        (nvm / "alias" / name).write_text(f"{text}\n")
    assert found(nvm.parent)[0] == f"{nvm}/versions/node/{version}/bin"


def test_the_places_of_the_other_managers_are_searched(tmp_path):
    places = found(tmp_path)
    for name in (".volta/bin", ".asdf/shims", ".local/share/mise/shims"):
        assert f"{tmp_path}/{name}" in places
    assert f"{tmp_path}/.local/share/fnm/aliases/default/bin" in places
