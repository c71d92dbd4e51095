import re

from mantodeus_ops.version import VERSION


def test_a_version_has_three_numbers():
    assert re.fullmatch(r"\d+\.\d+\.\d+", VERSION)
