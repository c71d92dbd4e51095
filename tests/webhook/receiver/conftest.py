"""A site for each test, and one that a whole module shares."""

import pytest

from tests.support.receiver_site import Site


@pytest.fixture
def site(tmp_path):
    made = Site(tmp_path)
    yield made
    made.end()


@pytest.fixture(scope="module")
def standing(tmp_path_factory):
    made = Site(tmp_path_factory.mktemp("site")).start()
    yield made
    made.end()
