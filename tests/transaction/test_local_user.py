import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mantodeus_ops.errors import RootRefusedError
from mantodeus_ops.remote.programs import prelude, refuse_by_prelude
from mantodeus_ops.transaction.local_user import operator, refuse_root

CHECKOUT = Path(__file__).resolve().parents[2]
UNSHARE = ["unshare", "--user", "--map-root-user"]


def can_be_root():
    """Return whether this kernel lets an ordinary account be root of a namespace of its own."""
    if not shutil.which("unshare"):
        return False
    return subprocess.run([*UNSHARE, "true"], capture_output=True, check=False).returncode == 0


as_root = pytest.mark.skipif(
    not can_be_root(), reason="user namespaces are off here, so no test can be root"
)


def run(*argv, **more):
    """Return how a program ended that ran as uid 0."""
    return subprocess.run(
        [*UNSHARE, *argv], capture_output=True, text=True, check=False, cwd=CHECKOUT, **more
    )


@pytest.mark.parametrize(("real", "effective"), [(0, 0), (0, 1000), (1000, 0)])
def test_root_is_refused_by_number_real_or_effective(mocker, real, effective):
    mocker.patch("os.getuid", return_value=real)
    mocker.patch("os.geteuid", return_value=effective)
    with pytest.raises(RootRefusedError, match="uid 0") as caught:
        refuse_root()
    assert caught.value.exit_code == 2


def test_an_ordinary_account_is_not_refused():
    refuse_root()


def test_the_operator_is_the_account_and_the_machine_or_who_the_environment_says(monkeypatch):
    monkeypatch.setenv("OPS_OPERATOR", "webhook")
    assert operator()[0] == "webhook"
    monkeypatch.delenv("OPS_OPERATOR")
    assert all(operator())


@as_root
@pytest.mark.parametrize(
    "argv", [("fab", "-H", "manager", "status"), ("inv", "status"), ("inv", "deploy", "--dry-run")]
)
def test_our_end_refuses_to_run_as_root_before_it_reads_anything(argv):
    env = {"OPS_INVENTORY": "/nonexistent", "PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}
    done = run(Path(sys.executable).parent / argv[0], *argv[1:], env=env)
    assert done.returncode == 2
    assert "refused to run as root (uid 0); nothing was done" in done.stderr
    assert "Traceback" not in done.stderr


@as_root
def test_the_host_s_end_refuses_to_run_as_root(tmp_path):
    program = f"{prelude(())}\ntouch {tmp_path}/made; echo never"
    done = run("bash", "-c", program)
    assert (done.returncode, done.stdout) == (96, "")
    assert not (tmp_path / "made").exists()
    with pytest.raises(RootRefusedError, match="the login on web1 is root"):
        refuse_by_prelude("web1", done.returncode, done.stderr)
