"""What a shape of app is: its files, its lockfile's manager, and what an inventory says of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

VERSION = "%VERSION%"
IGNORED = "node_modules\n.env\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """An app of a framework; `page` is the file whose text a visitor sees the version in.

    `package` is the package.json beside the lockfile, which lies in `folder`. `broken` is what
    replaces the page's text in the release that must not go live, `says` a word of the reason and
    `code` the exit code.
    `settings` are the inventory keys that the app needs besides those that every app needs.
    `shown` is a file in which the app writes the version, where nothing asks it.
    """

    name: str
    title: str
    package: Mapping[str, Any]
    files: Mapping[str, str]
    page: tuple[str, str]
    broken: str
    says: str
    code: int = 1
    folder: str = ""
    ignored: str = ""
    manager: str = "npm"
    settings: Mapping[str, Any] = field(default_factory=dict)
    health_path: str = "/"
    needs: str = ""
    data: str = ""
    shown: str = ""
    processes: tuple[str, ...] = ()
    quick: bool = False

    def source(self) -> dict[str, str]:
        """Return every file of the repository but the page and the lockfile."""
        package = {"name": self.name, "version": "1.0.0", "private": True, **self.package}
        return {
            f"{self.folder}package.json": json.dumps(package, indent=2) + "\n",
            ".gitignore": IGNORED + self.ignored,
            **self.files,
        }

    def release(self, version: str) -> dict[str, str]:
        """Return the file that makes this version visible."""
        path, text = self.page
        return {path: text.replace(VERSION, version)}

    def breaks(self) -> dict[str, str]:
        """Return the file that must not go live."""
        return {self.page[0]: self.broken}

    @property
    def root(self) -> str:
        """Return the folder of the app in its repository; empty for the top."""
        return str(self.settings.get("root", ""))

    def pins(self) -> list[str]:
        """Return the packages that make the shape what it is, with their versions."""
        texts = [text for name, text in self.source().items() if name.endswith("package.json")]
        return [f"{name} {pin}" for text in texts for name, pin in _dependencies(json.loads(text))]

    def root_file(self, name: str) -> str:
        """Return the path of a file of the app in its repository."""
        return f"{self.root}/{name}" if self.root else name


def _dependencies(package: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what a package.json asks for, without the packages of the same repository."""
    found = {**package.get("dependencies", {}), **package.get("devDependencies", {})}
    return [(name, pin) for name, pin in found.items() if pin[0].isdigit()]
