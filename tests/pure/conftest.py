"""Each error that a test of a decision makes must read well."""

import pytest

from tests.wording import every_error


@pytest.fixture(autouse=True)
def _errors_read_well():
    with every_error() as found:
        yield
    assert found == []
