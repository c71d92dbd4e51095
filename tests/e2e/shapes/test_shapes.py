"""Apps of many frameworks and package managers, each through the same story on two hosts."""

from __future__ import annotations

import pytest

from tests.e2e.shapes.catalogue import SHAPES
from tests.e2e.shapes.record import note
from tests.e2e.shapes.shape import Shape
from tests.e2e.shapes.site import HOSTS, Site
from tests.e2e.shapes.story import Story

LIGHT = [shape for shape in SHAPES if shape.quick]


def marked(shape: Shape) -> object:
    """Return a shape as a parameter that one worker runs alone."""
    return pytest.param(
        shape, id=shape.name, marks=[pytest.mark.xdist_group(f"shape-{shape.name}")]
    )


@pytest.mark.soak
@pytest.mark.parametrize("shape", [marked(shape) for shape in SHAPES])
def test_a_shape_is_deployed_changed_broken_and_taken_back(shape: Shape) -> None:
    with Site(shape) as site:
        story = Story(shape, site)
        story.tell()
    note(shape, story.seconds)


@pytest.mark.quick
@pytest.mark.parametrize("shape", [marked(shape) for shape in LIGHT])
def test_a_light_shape_is_deployed_broken_and_rolled_back(shape: Shape) -> None:
    with Site(shape, HOSTS[:1]) as site:
        Story(shape, site).tell_in_short()


@pytest.mark.quick
def test_there_are_sixteen_shapes_and_four_of_them_are_light() -> None:
    assert len({shape.name for shape in SHAPES}) >= 16
    assert len(LIGHT) == 4
