"""A site for each test."""

import pytest

from tests.receiver.site import Site


@pytest.fixture
def site(tmp_path):
    made = Site(tmp_path)
    yield made
    made.end()
