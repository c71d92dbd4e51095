"""docs/apps.md is what the command makes of the shapes and of what their last run saw."""

from __future__ import annotations

import pytest

from mantodeus_ops.inventory.parse import parse_inventory
from tests.e2e.shapes.catalogue import SHAPES
from tests.e2e.shapes.record import seen
from tests.e2e.shapes.shape import Shape
from tests.e2e.shapes.table import PAGE, page
from tests.support.doc_pages import blocks

pytestmark = pytest.mark.quick


def test_the_page_is_what_the_command_makes_of_the_shapes_and_their_last_run() -> None:
    assert PAGE.read_text() == page(seen()), "run: make apps"


@pytest.mark.parametrize("shape", SHAPES, ids=[shape.name for shape in SHAPES])
def test_each_shape_was_run_with_the_packages_that_its_recipe_names(shape: Shape) -> None:
    assert seen()[shape.name]["pins"] == shape.pins(), "run: make soak; make apps"


@pytest.mark.parametrize("shape", SHAPES, ids=[shape.name for shape in SHAPES])
def test_each_recipe_is_an_inventory(shape: Shape) -> None:
    (text,) = [
        "\n".join(block.lines)
        for block in blocks("docs/apps.md")
        if (block.heading, block.language) == (shape.title, "toml")
    ]
    assert parse_inventory(text, "hosts.toml").hosts["web"].app.root == shape.root
