import pytest

from mantodeus_ops.text.version_range import satisfies

# What npm's own semver 7.6 says.
RANGES = [
    ("1.2.3", "1.2.3", True),
    ("1.2.3", "=1.2.3", True),
    ("1.2.3", "v1.2.3", True),
    ("1.2.4", "1.2.3", False),
    ("1.9.0", "^1.2.3", True),
    ("1.2.2", "^1.2.3", False),
    ("2.0.0", "^1.2.3", False),
    ("0.2.9", "^0.2.3", True),
    ("0.3.0", "^0.2.3", False),
    ("0.0.3", "^0.0.3", True),
    ("0.0.4", "^0.0.3", False),
    ("0.9.0", "^0", True),
    ("1.0.0", "^0", False),
    ("0.0.9", "^0.0", True),
    ("0.1.0", "^0.0", False),
    ("1.2.9", "~1.2.3", True),
    ("1.3.0", "~1.2.3", False),
    ("1.9.9", "~1", True),
    ("2.0.0", "~1", False),
    ("1.5.0", "1.x", True),
    ("2.0.0", "1.x", False),
    ("2.0.0", "1", False),
    ("1.2.9", "1.2", True),
    ("1.3.0", "1.2.*", False),
    ("7.0.0", "*", True),
    ("7.0.0", "", True),
    ("7.0.0", "x", True),
    ("2.0.0", ">=1.2.3", True),
    ("1.2.3", ">1.2.3", False),
    ("1.3.0", ">1.2", True),
    ("1.2.9", ">1.2", False),
    ("2.9.9", "<3", True),
    ("3.0.0", "<3", False),
    ("3.9.0", "<=3", True),
    ("4.0.0", "<=3", False),
    ("1.5.0", ">=1.2.3 <2.0.0", True),
    ("2.0.0", ">= 1.2.3 < 2.0.0", False),
    ("3.1.0", "^1 || ^3", True),
    ("2.1.0", "^1||^3", False),
]
UNKNOWN = [
    ("1.0.0-rc.1", "^1.0.0"),
    ("1.0.0", "^1.0.0-rc.1"),
    ("1.0.0", "latest"),
    ("1.0.0", "npm:other@^2"),
    ("1.0.0", "git+ssh://git@example.org/x.git"),
    ("1.0.0", "1.0.0 - 2.0.0"),
    ("1.0.0", "^1 || latest"),
    ("1.0.0", "1.2.3.4"),
    ("link", "^1"),
    ("unknown", "*"),
    ("1.0.0", f"^{'1' * 5000}"),
    (f"1.{'1' * 5000}.0", "^1"),
    ("1.0.0", "\u0661"),
]


@pytest.mark.parametrize(("version", "spec", "within"), RANGES)
def test_a_version_is_within_a_range_as_npm_says(version, spec, within):
    assert satisfies(version, spec) is within


@pytest.mark.parametrize(("version", "spec"), UNKNOWN)
def test_what_is_not_certain_is_left_to_npm(version, spec):
    assert satisfies(version, spec) is None
