"""A small world to try the product in: a real app, PM2, npm, git and sshd in one folder."""

from .box import Sandbox as Sandbox
from .commands import SandboxError as SandboxError
from .machine import Machine as Machine
