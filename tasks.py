"""The same tasks for `inv`, on this machine."""

from fabfile import ns

__all__ = ["ns"]
