import re

from fabfile.pure.version import VERSION


def test_a_version_has_three_numbers():
    assert re.fullmatch(r"\d+\.\d+\.\d+", VERSION)
