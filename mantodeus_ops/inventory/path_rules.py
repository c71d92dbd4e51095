"""Which paths of an app must not lie in one another."""

from __future__ import annotations

from pathlib import PurePosixPath

from mantodeus_ops.inventory.settings import App
from mantodeus_ops.inventory.validators import overlap

_USUAL_OUTPUTS = ("dist", "node_modules")  # without build_outputs, outputs are found on the host


def conflict(app: App) -> tuple[str, str]:
    """Return the key whose path overlaps that of another key, and the reason; empty without one."""
    outputs = app.build_outputs or tuple(
        str(PurePosixPath(app.root, name)) for name in _USUAL_OUTPUTS
    )
    swapped = [("build_outputs", path, "is swapped") for path in outputs]
    shared = [("shared_paths", path, "is shared by all versions") for path in app.shared_paths]
    packed = [
        ("backup_paths", path, "is backed up")
        for path in app.backup_paths or (*outputs, app.env_file)
    ]
    for key, mine, others in (
        *(("assets", path, _around(path, shared)) for path in app.assets),
        ("backup_dir", app.backup_dir, swapped + packed),
        ("env_file", app.env_file, swapped + shared),
        ("offsite_env", app.offsite_env, swapped + packed),
    ):
        for other, path, what in others:
            if mine and overlap(mine, path):
                return key, f"must not overlap {path!r} of {other}, which {what} as a whole"
    return "", ""


def _around(path: str, shared: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Return the shared paths that are not inside this one: data may lie among assets."""
    return [one for one in shared if not one[1].startswith(f"{path}/")]
