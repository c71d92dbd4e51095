import pytest

from mantodeus_ops.errors import InventoryError
from mantodeus_ops.inventory.asset_settings import age, age_text


@pytest.mark.parametrize(
    ("value", "seconds"), [("30m", 1800), ("12h", 43_200), ("7d", 604_800), ("2 w", 1_209_600)]
)
def test_an_age_is_a_number_with_its_unit(value, seconds):
    assert age(value) == seconds


@pytest.mark.parametrize("value", ["", "7", "d", "-1d", "1.5d", "7 days", 7, True])
def test_anything_else_is_refused(value):
    with pytest.raises(InventoryError, match="must be an age"):
        age(value)


@pytest.mark.parametrize("text", ["0w", "30m", "12h", "3d", "1w", "90m"])
def test_an_age_is_written_as_it_is_read(text):
    assert age_text(age(text)) == text
