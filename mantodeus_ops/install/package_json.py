"""Reads the package.json of a revision."""

from __future__ import annotations

import json

from mantodeus_ops.errors import PreflightError
from mantodeus_ops.json_types import JsonObject


def package_of(text: str) -> JsonObject:
    """Return a parsed package.json; raise PreflightError if it is no JSON object."""
    try:
        package = json.loads(text or "{}")
    except ValueError as error:
        raise PreflightError(
            f"package.json is not JSON: {error}", "node -e \"require('./package.json')\""
        ) from None
    if not isinstance(package, dict):
        raise PreflightError("package.json is not an object", "npm pkg fix")
    return package


def package_scripts(package_json: str) -> dict[str, str]:
    """Return the scripts of a package.json; raise PreflightError if it is no JSON object."""
    scripts = package_of(package_json).get("scripts")
    entries = scripts.items() if isinstance(scripts, dict) else ()
    return {str(name): str(text) for name, text in entries}
