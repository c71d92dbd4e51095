"""Parses the inventory: hosts, groups and their settings.

An inventory is TOML: `[defaults]`, `[groups.NAME]`, `[hosts.NAME]`; later tables win. The whole
file is validated strictly, so errors are reported before the first connection.
"""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any

from mantodeus_ops.errors import InventoryError
from mantodeus_ops.inventory.health_settings import HealthPolicy
from mantodeus_ops.inventory.path_rules import conflict
from mantodeus_ops.inventory.settings import (
    KEYS,
    REQUIRED,
    App,
    HostSpec,
    at,
    host_spec,
    read_settings,
    read_table,
    read_value,
    shown,
)
from mantodeus_ops.inventory.validators import Reader, exact_type, line, list_of, optional
from mantodeus_ops.text.format import human_names
from mantodeus_ops.text.suggest import nearest

__all__ = ["App", "HealthPolicy", "HostSpec", "Inventory", "parse_inventory"]

Names = tuple[str, ...]
Settings = dict[str, Any]

_NAME = re.compile(r"[^\s,@:/!-][^\s,@:/]*")
_LISTED = 20  # names listed by an error


@dataclass(frozen=True, slots=True)
class Inventory:
    """All hosts by name, and all groups with the names of their hosts."""

    path: str
    hosts: Mapping[str, HostSpec]
    groups: Mapping[str, Names]
    local: str

    def select(self, names: Iterable[str]) -> tuple[HostSpec, ...]:
        """Return the hosts of these names and groups, each once, in the order given.

        Raise InventoryError for an unknown name.
        """
        selected = dict.fromkeys(host for name in names for host in self._members(name))
        return tuple(self.hosts[host] for host in selected)

    def local_host(self, override: str = "") -> HostSpec:
        """Return the entry of this machine: the override, else `local`, else the only one.

        Raise InventoryError when the entry is ambiguous or does not exist.
        """
        lone = next(iter(self.hosts)) if len(self.hosts) == 1 else ""
        name = override or self.local or lone
        if name in self.hosts:
            return self.hosts[name]
        reason = f"no host is named {name!r}" if name else "no entry is marked as this machine"
        hint = f"OPS_LOCAL={shlex.quote(nearest(name, self.hosts))} inv status"
        raise InventoryError(f"{reason}; {self._known()}", hint)

    def _members(self, name: str) -> Names:
        if name in self.hosts:
            return (name,)
        if name in self.groups:
            return self.groups[name]
        raise self._unknown(name)

    def _unknown(self, name: str) -> InventoryError:
        """Return the error for an unknown name; for an address, name its entry."""
        names = {spec.address: host for host, spec in self.hosts.items() if not spec.is_local}
        names |= {name: name for name in (*self.groups, *self.hosts)}
        typed = re.sub(r":[0-9]*$", "", name.rpartition("@")[2])
        entry = names[nearest(typed, names)]
        without_password = re.sub(r":.*@", ":***@", name)
        reason = f"unknown host or group {without_password!r}"
        if re.search(r"[@:.]", name):
            reason += ": use a name of the inventory, as an address has no pinned key"
        message = f"{reason}; the nearest name is {entry!r}; {self._known()}"
        return InventoryError(message, f"fab -H {shlex.quote(entry)} status")

    def _known(self) -> str:
        groups = f"; groups: {human_names(self.groups, _LISTED)}" if self.groups else ""
        return f"hosts: {human_names(self.hosts, _LISTED)}{groups} (in {self.path})"


def parse_inventory(text: str, path: str) -> Inventory:
    """Return the inventory in this text; errors call the file `path`.

    Raise InventoryError, naming file, table and key, for anything invalid.
    """
    try:
        return _inventory(_document(text), path)
    except InventoryError as error:
        hint = f"${{EDITOR:-vi}} {shlex.quote(path)}"
        raise InventoryError(f"{path}: {error.message}", hint) from None


def _document(text: str) -> Settings:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        position = re.search(r" \(at line ([0-9]+), column ([0-9]+)\)$", str(error))
        number = position[1] if position else str(text.count("\n") + (not text.endswith("\n")))
        reason = str(error).removesuffix(position[0] if position else "")
        raise InventoryError(f"line {number}: {reason}") from None
    except (ValueError, RecursionError):
        raise InventoryError("a number is too long or tables are nested too deep") from None


def _inventory(document: Settings, path: str) -> Inventory:
    top: Settings = {"defaults": {}, "groups": {}, "hosts": {}} | read_table("", document, _TOP)
    hosts, groups = top["hosts"], top["groups"]
    _check_names(hosts, groups)
    keys = {**KEYS, "gateway": optional(_one_of(hosts))}
    defaults = read_settings("[defaults]", top["defaults"], keys)
    shared = {name: _group(name, raw, keys, [*hosts, *groups]) for name, raw in groups.items()}
    members = _flattened({name: table.pop("hosts") for name, table in shared.items()})
    own = {name: read_settings(_title("hosts", name), raw, keys) for name, raw in hosts.items()}
    settings = _layered(defaults, [(shared[group], members[group]) for group in groups], own)
    _check_gateways(settings)
    local = read_value("", "local", top.get("local", ""), {"local": optional(_one_of(hosts))})
    return Inventory(path, {name: _host(name, settings[name]) for name in hosts}, members, local)


def _layered(
    defaults: Settings, groups: Iterable[tuple[Settings, Names]], own: Mapping[str, Settings]
) -> dict[str, Settings]:
    """Return the settings of each host: defaults, overridden by groups, then by the host."""
    layered = {host: dict(defaults) for host in own}
    for settings, members in groups:
        for host in members:
            layered[host] |= settings
    return {host: layered[host] | own[host] for host in own}


def _group(
    name: str, raw: Settings, keys: Mapping[str, Reader[object]], names: Iterable[str]
) -> Settings:
    title = _title("groups", name)
    table = read_settings(title, raw, {"hosts": list_of(_one_of(names), least=1), **keys})
    _require(title, table, ("hosts",), "list its hosts")
    return table


def _host(name: str, settings: Settings) -> HostSpec:
    title = _title("hosts", name)
    _require(title, settings, REQUIRED, "set it here, in a group or in [defaults]")
    spec = host_spec(name, settings)
    key, reason = conflict(spec.app)
    if key:
        raise InventoryError(f"{title} {key}: {reason}")
    return spec


def _require(title: str, settings: Settings, keys: Names, advice: str) -> None:
    for key in keys:
        if key not in settings:
            raise InventoryError(f"{title} {key}: missing; {advice}")


def _one_of(names: Iterable[str]) -> Reader[str]:
    candidates = list(names)

    def read(value: object) -> str:
        name = line(value)
        if name in candidates:
            return name
        raise InventoryError(
            f"no entry is named {name!r}; the nearest is {nearest(name, candidates)!r}"
        )

    return read


def _tables(value: object) -> Settings:
    """Return a table of tables by name; each name can be typed on a command line."""
    tables: Settings = exact_type(value, dict)
    for name, table in tables.items():
        with at(shown(name)):
            exact_type(table, dict)
            if not _NAME.fullmatch(line(name)):
                raise InventoryError(
                    "a name must not start with - or ! or hold blanks, nor , @ : /"
                )
    return tables


def _check_names(hosts: Settings, groups: Settings) -> None:
    if not hosts:
        raise InventoryError("hosts: missing; describe a host in a table [hosts.NAME]")
    for name in groups:
        if name in hosts:
            raise InventoryError(f"{_title('groups', name)}: a host also has this name")


def _flattened(members: Mapping[str, Names]) -> dict[str, Names]:
    """Return the hosts of each group, including those of nested groups."""
    flat: dict[str, Names] = {}
    for group in filter(members.get, _sorted("groups", "hosts", members)):
        parts = (flat.get(member, (member,)) for member in members[group])
        flat[group] = tuple(dict.fromkeys(host for hosts in parts for host in hosts))
    return {group: flat[group] for group in members}


def _check_gateways(settings: Mapping[str, Settings]) -> None:
    gateways = {name: keys.get("gateway") for name, keys in settings.items()}
    _sorted("hosts", "gateway", {name: (via,) for name, via in gateways.items() if via})
    for name, via in gateways.items():
        if via and settings[via].get("address") == "local":
            raise InventoryError(f"{_title('hosts', name)} gateway: {via!r} is this machine")


def _sorted(kind: str, key: str, edges: Mapping[str, Names]) -> Names:
    """Return all names in dependency order; raise InventoryError for a cycle."""
    try:
        return tuple(TopologicalSorter(edges).static_order())
    except CycleError as error:
        cycle = error.args[1][::-1]
        title = _title(kind, cycle[0])
        raise InventoryError(f"{title} {key}: a cycle, {' -> '.join(cycle)}") from None


def _title(kind: str, name: str) -> str:
    return f"[{kind}.{shown(name)}]"


_TOP: Mapping[str, Reader[object]] = {
    "local": line,
    "defaults": lambda value: exact_type(value, dict),
    "groups": _tables,
    "hosts": _tables,
}
