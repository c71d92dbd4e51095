"""How a host is reached over SSH: its inventory entry, key files and gateway."""

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
    """The SSH settings of a host; relative paths start at the inventory's folder."""

    spec: HostSpec
    inventory: Inventory
    gateway: SshTarget | None = None

    @property
    def folder(self) -> Path:
        """Return the folder of the inventory."""
        return Path(self.inventory.path).resolve().parent

    @property
    def known_hosts(self) -> Path:
        """Return the known_hosts file with the pinned keys."""
        return self.folder / spelled_out(self.spec.known_hosts or "known_hosts")

    @property
    def identity(self) -> Path | None:
        """Return the private key file; None when the entry names none."""
        named = self.spec.identity_file
        return self.folder / spelled_out(named) if named else None

    @property
    def label(self) -> str:
        """Return the host's name with its address and port in parentheses."""
        spec = self.spec
        address = f"[{spec.address}]" if ":" in spec.address else spec.address
        return f"{spec.name} ({address}:{spec.port})"

    def with_identity(self, file: str) -> SshTarget:
        """Return this target with another private key."""
        return replace(self, spec=replace(self.spec, identity_file=file))

    def hosts_with_same_key(self) -> tuple[SshTarget, ...]:
        """Return the targets of all hosts with this identity, this host first."""
        others = (
            resolve_target(self.inventory, spec)
            for spec in self.inventory.hosts.values()
            if spec.name != self.spec.name and not spec.is_local
        )
        return (
            self,
            *(target for target in others if _real_identity(target) == _real_identity(self)),
        )


def _real_identity(target: SshTarget) -> Path | None:
    """Return the real path of the private key: a key may have several names."""
    return Path(os.path.realpath(target.identity)) if target.identity else None


def resolve_target(inventory: Inventory, spec: HostSpec) -> SshTarget:
    """Return the target of a host of the inventory, with all of its gateways."""
    via = inventory.hosts[spec.gateway] if spec.gateway else None
    return SshTarget(spec, inventory, resolve_target(inventory, via) if via else None)
