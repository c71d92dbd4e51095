"""What is read of a local checkout: names, texts, remote and branch, and no secret."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from mantodeus_ops.inventory.checkout import read_checkout
from mantodeus_ops.inventory.detect import propose


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a checkout on a separate branch, with a login in the address of its remote."""
    (tmp_path / "package.json").write_text('{"name": "shop", "main": "server.js"}')
    (tmp_path / "server.js").write_text("require('http').createServer(ok).listen(3210)")
    (tmp_path / "node_modules/x").mkdir(parents=True)
    (tmp_path / "node_modules/x/package.json").write_text('{"scripts": {"start": "x"}}')
    return tmp_path


def git(folder: Path, *args: str) -> None:
    """Run git there."""
    subprocess.run(["git", "-C", folder, *args], check=True, capture_output=True)


@pytest.mark.parametrize(
    ("remote", "kept"),
    [
        ("https://me:token@example.com/me/shop.git", "https://example.com/me/shop.git"),
        ("https://token@example.com/me/shop.git", "https://example.com/me/shop.git"),
        ("ssh://git@example.com/me/shop.git", "ssh://git@example.com/me/shop.git"),
        ("git@example.com:me/shop.git", "git@example.com:me/shop.git"),
    ],
)
def test_a_checkout_is_read_without_a_secret(checkout: Path, remote: str, kept: str) -> None:
    git(checkout, "init", "-q", "-b", "trunk")
    git(checkout, "remote", "add", "origin", remote)
    found = read_checkout(checkout)
    assert (found.repository, found.branch) == (kept, "trunk")
    assert set(found.files) == {"package.json", "server.js"}


def test_a_folder_without_git_is_read_too(checkout: Path) -> None:
    proposal = propose(read_checkout(checkout))
    assert proposal is not None
    assert proposal.settings["health_url"] == "http://localhost:3210/"
    assert "repository" not in proposal.settings
