"""A project that is not on the host, or that its account cannot reach, is named as the cause."""

import os
from pathlib import PurePosixPath

import pytest

from mantodeus_ops.errors import OpsError
from mantodeus_ops.transaction.lock import deploy_lock
from tests.support.fake_host import host_at


@pytest.mark.parametrize(
    ("folder", "told"),
    [
        ("/root/app", "/root/app cannot be opened: this account cannot enter /root"),
        ("/etc/none/app", "the folder /etc/none/app does not exist and cannot be created: "),
    ],
)
@pytest.mark.skipif(os.geteuid() == 0, reason="root may do anything")
def test_a_lock_of_a_project_that_is_not_there_says_so(folder, told):
    with pytest.raises(OpsError) as refused, deploy_lock(host_at(PurePosixPath(folder)), "deploy"):
        pass
    assert told in refused.value.message
    assert folder in refused.value.hint
