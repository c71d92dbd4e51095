"""How a host is reached over SSH: its entry, what stands around it, and the gateway before it."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..pure.errors import UsageError
from ..pure.inventory import HostSpec, Inventory
from .trusted import spelled_out

if TYPE_CHECKING:
    from .door import Host


@dataclass(frozen=True, slots=True)
class Way:
    """One host's way; paths in its entry are relative to the inventory's folder, or to the home."""

    spec: HostSpec
    inventory: Inventory
    gateway: Way | None = None

    @property
    def folder(self) -> Path:
        """Return the folder of the inventory."""
        return Path(self.inventory.path).resolve().parent

    @property
    def known_hosts(self) -> Path:
        """Return the file of pinned keys."""
        return self.folder / spelled_out(self.spec.known_hosts or "known_hosts")

    @property
    def identity(self) -> Path | None:
        """Return the file of the private key; None when the entry names none."""
        named = self.spec.identity_file
        return self.folder / spelled_out(named) if named else None

    @property
    def label(self) -> str:
        """Return the host's name and, in brackets, its address and port."""
        spec = self.spec
        address = f"[{spec.address}]" if ":" in spec.address else spec.address
        return f"{spec.name} ({address}:{spec.port})"

    def with_identity(self, file: str) -> Way:
        """Return the same way with another private key."""
        return replace(self, spec=replace(self.spec, identity_file=file))

    def sharing(self) -> tuple[Way, ...]:
        """Return the ways of all hosts of the inventory that use this identity, this one first."""
        others = (
            way_of(self.inventory, spec)
            for spec in self.inventory.hosts.values()
            if spec.name != self.spec.name and not spec.is_local
        )
        return (self, *(way for way in others if _real(way) == _real(self)))


def _real(way: Way) -> Path | None:
    """Return the file of the private key behind all links: one key may have several names."""
    return Path(os.path.realpath(way.identity)) if way.identity else None


def way_of(inventory: Inventory, spec: HostSpec) -> Way:
    """Return the way to a host of the inventory, through all of its gateways."""
    via = inventory.hosts[spec.gateway] if spec.gateway else None
    return Way(spec, inventory, way_of(inventory, via) if via else None)


def way_to(host: Host) -> Way:
    """Return the host's way; raise UsageError for this machine, which no SSH leads to."""
    if host.way is None:
        door = "under inv" if host.options.here else 'with address = "local"'
        raise UsageError(
            f"{host.name} is this machine {door}: no SSH is used", "fab -H NAME ssh.check"
        )
    return host.way
