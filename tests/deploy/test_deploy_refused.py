"""What a host is not ready for is told before anything is done."""

import pytest

from mantodeus_ops.deploy.deploy import DeployOptions, deploy
from mantodeus_ops.deploy.setup import setup
from mantodeus_ops.errors import PreflightError
from tests.support.backup_transfers import app_at


def test_a_folder_without_a_checkout_takes_no_deploy(tmp_path):
    with pytest.raises(PreflightError, match="holds no git checkout of the app") as refused:
        deploy(app_at(tmp_path / "site"), DeployOptions("main"))
    assert refused.value.hint == "fab -H here deploy.setup"


@pytest.mark.parametrize("task", [lambda host: deploy(host, DeployOptions("main")), setup])
def test_a_checkout_that_git_cannot_read_is_not_taken_for_none(tmp_path, task):
    host = app_at(tmp_path / "site", repository="git@github.com:octo/little.git")
    (tmp_path / "site/.git").write_text("gitdir: nowhere\n")
    with pytest.raises(PreflightError, match="git cannot read the checkout: fatal: ") as refused:
        task(host)
    assert refused.value.hint == f"git -C {tmp_path}/site status"
    assert (tmp_path / "site/.git").read_text() == "gitdir: nowhere\n"
