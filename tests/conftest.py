"""What holds for every test."""

import pytest
from hypothesis import settings

from fabfile.host.veil import VEIL
from fabfile.pure.redaction import Redactor

# No database of failures: the checkout may belong to somebody else. A slow machine is no failure.
settings.register_profile("here", database=None, deadline=None, max_examples=60)
settings.load_profile("here")


@pytest.fixture(autouse=True)
def _nothing_hidden():
    """Forget the secrets of the test before: the veil is one for the whole process."""
    VEIL._known, VEIL.redactor = set(), Redactor(())
