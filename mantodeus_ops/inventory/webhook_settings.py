"""The webhook settings of the inventory: listening address and public URL."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address

from mantodeus_ops.errors import InventoryError
from mantodeus_ops.inventory.validators import line, matching

HEALTH_PATH = "/health"

_PATH = matching(r"/[A-Za-z0-9._~/-]*", "a path from / on, of letters, digits and . _ ~ - /")


@dataclass(frozen=True, slots=True)
class Webhook:
    """Port, address and path of the receiver, its public URL, and GitHub's hook id."""

    port: int = 9000
    bind: str = "127.0.0.1"
    path: str = "/webhook"
    url: str = ""
    repository_id: int = 0

    @property
    def address(self) -> str:
        """Return the URL on the host that accepts deliveries."""
        return f"{self.bind}:{self.port}{self.path}"


def bind_address(value: object) -> str:
    """Return an IP address of the host to listen on."""
    try:
        return str(ip_address(line(value)))
    except ValueError:
        reason = 'must be an IP address of the host, such as "127.0.0.1"'
        raise InventoryError(reason) from None


def webhook_path(value: object) -> str:
    """Return the path that deliveries are sent to."""
    path = str(_PATH(value))
    if path == HEALTH_PATH:
        raise InventoryError(f"must not be {HEALTH_PATH}, the receiver's health check")
    return path
