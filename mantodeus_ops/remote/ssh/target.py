"""How a host is reached over SSH: its entry, what stands around it, and the gateway before it."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from mantodeus_ops.inventory.parse import HostSpec, Inventory
from mantodeus_ops.trusted_files import spelled_out

if TYPE_CHECKING:
    pass


@dataclass(frozen=True, slots=True)
class SshTarget:
    """One host's way; paths in its entry are relative to the inventory's folder, or to the home."""

    spec: HostSpec
    inventory: Inventory
    gateway: SshTarget | None = None

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

    def with_identity(self, file: str) -> SshTarget:
        """Return the same way with another private key."""
        return replace(self, spec=replace(self.spec, identity_file=file))

    def sharing(self) -> tuple[SshTarget, ...]:
        """Return the ways of all hosts of the inventory that use this identity, this one first."""
        others = (
            resolve_target(self.inventory, spec)
            for spec in self.inventory.hosts.values()
            if spec.name != self.spec.name and not spec.is_local
        )
        return (self, *(way for way in others if _real(way) == _real(self)))


def _real(way: SshTarget) -> Path | None:
    """Return the file of the private key behind all links: one key may have several names."""
    return Path(os.path.realpath(way.identity)) if way.identity else None


def resolve_target(inventory: Inventory, spec: HostSpec) -> SshTarget:
    """Return the way to a host of the inventory, through all of its gateways."""
    via = inventory.hosts[spec.gateway] if spec.gateway else None
    return SshTarget(spec, inventory, resolve_target(inventory, via) if via else None)
