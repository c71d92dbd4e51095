"""Text of an inventory file."""

from __future__ import annotations

import json
from collections.abc import Mapping

Settings = Mapping[str, object]


def inventory_text(local: str, defaults: Settings, hosts: Mapping[str, Settings]) -> str:
    """Return hosts.toml: which host is this machine, what all share, and each host."""
    tables = [f"local = {json.dumps(local)}\n", _table(["defaults"], defaults)]
    tables += [_table(["hosts", name], settings) for name, settings in hosts.items()]
    return "\n".join(tables)


def _table(path: list[str], settings: Settings) -> str:
    lines = [f"[{'.'.join(map(json.dumps, path))}]"]
    lines += [f"{key} = {json.dumps(value)}" for key, value in _flat(settings).items()]
    return "\n".join(lines) + "\n"


def _flat(settings: Settings, prefix: str = "") -> dict[str, object]:
    flat: dict[str, object] = {}
    for key, value in settings.items():
        flat |= (
            _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
        )
    return flat
