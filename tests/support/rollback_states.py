"""Backups to go back to, in a folder without PM2's daemon."""

import json

from mantodeus_ops.remote.options import Options
from tests.support.backup_transfers import AT_ONCE, app_at, backed_up, host_of, manifest
from tests.support.fake_host import tree_of

LIVE = {"revision": "c" * 40, "entry": {"file": "app.cjs", "digest": "d"}}


def with_states(folder, *texts, live=None, env=True):
    """Return a host with a good backup of each state, and what their names are.

    Something else than the last one is live; an app that PM2 never gets to run is never healthy.
    """
    host = app_at(folder, health=AT_ONCE)
    (folder / "dist/noise").unlink()
    if not env:
        (folder / ".env").unlink()
    made = []
    for text in texts:
        (folder / "dist/index.js").write_text(text)
        made.append(backed_up(host)["name"])
    (folder / "dist/index.js").write_text("live();\n")
    if live:
        (folder / ".deploy/live.json").write_text(json.dumps(live))
    return host, made


def again(host, **options):
    """Return the same host for a client that asks with these options."""
    return host_of(host.app.project_dir, health=AT_ONCE, options=Options(**options))


def archive(host, name):
    """Return the file of a backup."""
    return host.app.project_dir / "backups" / f"{name}.tar.gz"


def damage(host, name, place=None):
    """Change a byte of a backup, in the middle or in one part: its size says nothing of it."""
    file, parts = archive(host, name), manifest(host, name)["parts"]
    text = bytearray(file.read_bytes())
    of_part = (one["offset"] + one["bytes"] // 2 for one in parts if one["path"] == place)
    text[next(of_part, len(text) // 2)] ^= 0xFF
    file.write_bytes(bytes(text))


def rewrite(host, name, **change):
    """Change what a manifest says."""
    told = {**manifest(host, name), **change}
    archive(host, name).with_name(f"{name}.json").write_text(json.dumps(told))


def state(host):
    """Return everything of the app that a rollback may change."""
    found = tree_of(host.app.project_dir)
    return {name: what for name, what in found.items() if name.startswith(("dist", ".env"))}
