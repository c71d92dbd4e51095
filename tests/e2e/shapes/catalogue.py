"""All shapes, in the order of docs/apps.md."""

from __future__ import annotations

from tests.e2e.shapes import frameworks, servers, workspaces
from tests.e2e.shapes.shape import Shape

SHAPES: tuple[Shape, ...] = (*servers.SERVERS, *frameworks.FRAMEWORKS, *workspaces.WORKSPACES)
