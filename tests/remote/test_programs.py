import re
import subprocess
import time
from pathlib import Path

import pytest

from mantodeus_ops.errors import HostError, RootRefusedError
from mantodeus_ops.remote.programs import (
    ask_program,
    node_program,
    prelude,
    refuse_by_prelude,
    shell_program,
    work_program,
)
from tests.support.fake_host import host_at
from tests.support.house import PROGRAMS, name_of

NODE = sorted(name_of(path) for path in PROGRAMS if path.suffix == ".js")
SHELL = sorted(name_of(path) for path in PROGRAMS if path.suffix == ".sh")
PATH = "/usr/local/bin:/usr/bin:/bin"


def bash(text, **env):
    """Return how bash ended that ran this text, with these variables and no others."""
    return subprocess.run(
        ["/bin/bash", "-s"], input=text, env=env, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("name", NODE)
def test_a_node_program_put_together_from_its_parts_is_one_program(name):
    argv = ["node", "--check", "-"]
    done = subprocess.run(
        argv, input=node_program(name), text=True, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr[:400]


MODULE = re.compile(
    r'^"([\w/]+)": function|require\(\'(\w+/[\w/]+)\'\)'
    r'|^opsRequire\("[\w/]+"\).runProgram\("([\w/]+)"\)',
    re.MULTILINE,
)


@pytest.mark.parametrize("name", NODE)
def test_a_module_is_in_a_program_once_and_after_what_it_requires(name):
    seen = []
    for begun, required, run in MODULE.findall(node_program(name)):
        assert begun not in seen
        assert not required or required in seen[:-1]
        assert not run or run in seen
        seen += [begun] if begun else []


@pytest.mark.parametrize("name", NODE)
def test_a_program_is_sent_without_indentation_and_lines_of_comment(name):
    _, _, modules = node_program(name).partition("\n")
    modules, _, _ = modules.partition("\nconst opsLoaded")
    assert not [line for line in modules.split("\n") if re.match(r"\s|//|/\*|$", line)]


@pytest.mark.parametrize("name", SHELL)
def test_a_job_of_any_shell_program_is_a_program(name):
    done = bash(f"bash -n <<'EOF'\n{work_program((), 'job', shell_program(name))}\nEOF", PATH=PATH)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_program_begins_with_private_files_and_a_path_of_the_inventory(tmp_path):
    node = "printf '%s\\n' \"$PATH\" && umask && declare -p OPS_FOUND CDPATH BASH_ENV"
    done = bash(
        f"{prelude(('/opt/my node/bin', '~/b'))}\n{node}",
        PATH=PATH,
        HOME=str(tmp_path),
        CDPATH="/",
        BASH_ENV="/etc/x",
    )
    path, umask, found = done.stdout.splitlines()
    assert path == f"/opt/my node/bin:{tmp_path}/b:{PATH}"
    assert (umask, found) == ("0077", 'declare -x OPS_FOUND="path"')


@pytest.mark.parametrize(
    ("place", "found"),
    [
        (".nvm/versions/node/v20.1.0/bin", "search"),
        (".volta/bin", "search"),
        (".local/bin", "search"),
        ("bin", "login"),
    ],
)
def test_node_is_found_where_a_login_shell_or_its_installers_put_it(tmp_path, place, found):
    make_program(tmp_path / place / "node", "echo here")
    shell = make_program(tmp_path / "shell", 'echo Hello; PATH=$PATH:~/bin exec bash -c "$2"')
    done = bash(
        f"{prelude(())}\nnode\necho $OPS_FOUND",
        PATH=without_node(tmp_path),
        HOME=str(tmp_path),
        SHELL=shell,
    )
    assert done.stdout == f"here\n{found}\n"


def make_program(path, text):
    """Make a program of this shell text; return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/bash\n{text}\n")
    path.chmod(0o755)
    return str(path)


def without_node(folder):
    """Return a PATH with the programs of this machine, but for node."""
    tools = folder / "tools"
    tools.mkdir()
    for name in ("cat", "timeout", "sort", "tail", "bash"):
        (tools / name).symlink_to(f"/usr/bin/{name}")
    return str(tools)


def test_the_newest_node_of_nvm_is_the_default_one_if_there_is_one(tmp_path):
    for version in ("v9.9.0", "v20.1.0", "v18.0.0"):
        make_program(tmp_path / ".nvm/versions/node" / version / "bin/node", f"echo {version}")
    env = {"PATH": without_node(tmp_path), "HOME": str(tmp_path), "SHELL": "/bin/false"}
    assert bash(f"{prelude(())}\nnode", **env).stdout == "v20.1.0\n"
    (tmp_path / ".nvm/alias").mkdir()
    (tmp_path / ".nvm/alias/default").write_text("18.0.0\n")
    assert bash(f"{prelude(())}\nnode", **env).stdout == "v18.0.0\n"


def test_a_host_without_node_is_told_apart(tmp_path):
    done = bash(
        f"{prelude(())}\nops_need_node\necho never",
        PATH=without_node(tmp_path),
        HOME=str(tmp_path),
        SHELL="/bin/false",
    )
    assert (done.returncode, done.stdout) == (95, "")
    with pytest.raises(HostError, match="node is not on PATH of web1") as caught:
        refuse_by_prelude("web1", done.returncode, done.stderr)
    assert "set path" in caught.value.hint


def test_a_login_that_is_root_is_told_apart():
    with pytest.raises(RootRefusedError, match="the login on web1 is root"):
        refuse_by_prelude("web1", 96, "ops:root\n")


@pytest.mark.parametrize(
    ("code", "said"), [(0, ""), (96, "other"), (95, "ops:root"), (1, "ops:root")]
)
def test_any_other_end_is_not_the_prelude_s(code, said):
    refuse_by_prelude("web1", code, said)


def test_neither_a_program_nor_its_parameters_are_ever_an_argument(tmp_path):
    host = host_at(tmp_path)
    told = host.params({"path": "f", "text": "canary-c0ffee"})
    # Its input stays open: node waits for the end of it, and can be looked at.
    process, mark = host.start(
        f"# canary-c0ffee\n{ask_program('env/write_env', 60)}", told, more=True
    )
    assert process.readline(10) == f"\x1e{mark}".encode()
    seen = wait_for_node(tmp_path)
    process.close()
    assert not [argv for argv in seen if "canary-c0ffee" in argv]


def wait_for_node(tmp_path, tries=1200):
    """Return the arguments of all processes as soon as one of them is the node we started."""
    for _ in range(tries):
        seen = [argv for argv in map(arguments, Path("/proc").iterdir()) if argv]
        if any(argv.startswith("node\0-") for argv in seen):
            return seen
        time.sleep(0.05)
    raise AssertionError(f"no node ran in {tmp_path}")


def arguments(process):
    """Return the arguments of a process of /proc, if it is one and ours to look at."""
    try:
        return (process / "cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return ""
