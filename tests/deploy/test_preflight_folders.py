"""The folders of the app and of its clone, before a deploy."""

from dataclasses import replace

import pytest

from mantodeus_ops.deploy.preflight import refuse_missing_root, refuse_unreadable
from mantodeus_ops.errors import PreflightError
from tests.support.host_facts import APP, target_of


def test_a_root_that_the_revision_lacks_is_refused():
    app = replace(APP, root="apps/web")
    with pytest.raises(PreflightError, match="no folder apps/web"):
        refuse_missing_root(app, target_of(root_present=False))
    refuse_missing_root(app, target_of())


def test_a_project_that_is_a_part_of_a_clone_is_refused():
    git = {"present": False, "enclosing": "/srv/site", "folder": "apps/web"}
    with pytest.raises(PreflightError, match="folder apps/web of the clone in /srv/site") as caught:
        refuse_unreadable(APP, git)
    assert caught.value.hint.startswith('set project_dir = "/srv/site" and root = "apps/web"')
    refuse_unreadable(APP, {"present": True})
