"""Apps of many frameworks and package managers, each through the same story on two hosts."""

from __future__ import annotations

import pytest

from tests.e2e.shapes.catalogue import SHAPES
from tests.e2e.shapes.record import note
from tests.e2e.shapes.shape import Shape
from tests.e2e.shapes.site import Site
from tests.e2e.shapes.story import Story


def marked(shape: Shape) -> object:
    """Return a shape as a parameter: the light ones are in make test, all others in the soak."""
    marks = [pytest.mark.xdist_group(f"shape-{shape.name}")]
    marks += [pytest.mark.quick if shape.quick else pytest.mark.soak]
    return pytest.param(shape, id=shape.name, marks=marks)


@pytest.mark.parametrize("shape", [marked(shape) for shape in SHAPES])
def test_a_shape_is_deployed_changed_broken_and_taken_back(shape: Shape) -> None:
    with Site(shape) as site:
        story = Story(shape, site)
        story.tell()
    note(shape, story.seconds)


def test_there_are_sixteen_shapes_and_four_of_them_are_light() -> None:
    assert len({shape.name for shape in SHAPES}) >= 16
    assert len([shape for shape in SHAPES if shape.quick]) == 4
