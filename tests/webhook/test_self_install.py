"""The tool on a host that lacks it: an environment and the code, each made whole and once."""

import shutil
import subprocess
import sys

import pytest

from mantodeus_ops.inventory.parse import Inventory
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.local import LocalTransport
from mantodeus_ops.remote.options import Options
from mantodeus_ops.remote.ssh.target import SshTarget
from mantodeus_ops.transaction.steps import Steps
from mantodeus_ops.webhook.self_install import install_tool
from mantodeus_ops.webhook.self_package import requirements, tool_archive
from tests.support.fake_host import Heard, host_at, tree_of
from tests.support.program_stubs import stubs

# A Python that is fit to carry the tool; what it is to install it writes down.
PYTHON = r"""
case "$1 $2" in
  *version_info*) echo yes ;;
  "-c "*) echo 3.14.1 ;;
  "-m venv") mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
  "-m pip") printf '%s\n' "$@" >"${0%/bin/python}/asked" ;;
esac
"""


@pytest.fixture
def host(tmp_path):
    """Return a host that has such a Python, and that is not this machine."""
    path = stubs(tmp_path / "bin", python3_14=PYTHON)
    (tmp_path / "site").mkdir()
    spec = host_at(tmp_path / "site", path=path).spec
    way = SshTarget(spec, Inventory(str(tmp_path / "hosts.toml"), {"here": spec}, {}, ""))
    return Host(spec, LocalTransport(), Options(), Heard(), way)


def brought(host):
    """Bring the tool; return it, and what had to be done for it."""
    steps = Steps(host)
    tool = install_tool(host, steps, f"{host.app.project_dir}/.deploy/webhook")
    return tool, [step["name"] for step in steps.done]


def test_the_tool_and_what_it_needs_come_to_the_host(host, tmp_path):
    tool, done = brought(host)
    home = tmp_path / "site/.deploy/webhook"
    assert done == ["packages", "tool"]
    assert sorted(tool.made) == sorted(path.name for path in home.iterdir())
    asked = (home / tool.made[1] / "asked").read_text().splitlines()
    assert asked[-len(requirements()) :] == list(requirements())
    program = "import mantodeus_ops.webhook.receiver.query as asked; print(asked.__file__)"
    came = subprocess.run(
        [sys.executable, "-P", "-c", program],
        cwd=tmp_path,
        env={"PYTHONPATH": tool.root},
        capture_output=True,
        text=True,
        check=True,
    )
    assert came.stdout == f"{home / tool.made[0]}/mantodeus_ops/webhook/receiver/query.py\n"
    assert (tool.python, tool.digest) == (
        f"{home / tool.made[1]}/bin/python",
        tool_archive().digest,
    )


def test_only_what_is_not_there_yet_is_brought(host, tmp_path):
    tool, _ = brought(host)
    before = tree_of(tmp_path)
    assert brought(host) == (tool, [])
    assert tree_of(tmp_path) == before
    shutil.rmtree(tool.root)
    assert brought(host) == (tool, ["tool"])
    shutil.rmtree(tmp_path / "site/.deploy/webhook" / tool.made[1])
    assert brought(host) == (tool, ["packages"])
