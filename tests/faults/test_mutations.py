import pytest

from sandbox.commands import CHECKOUT
from tests.faults.mutations import MUTATIONS


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda one: one.file.rpartition("/")[2])
def test_a_planted_fault_has_its_place_in_the_code(mutation):
    assert (CHECKOUT / mutation.file).read_text().count(mutation.old) == 1
