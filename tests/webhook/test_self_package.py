"""This tool as files that another host can start."""

import hashlib
import io
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from mantodeus_ops.errors import HostError, OpsError
from mantodeus_ops.remote.shell_script import query_shell
from mantodeus_ops.webhook import self_package as module
from mantodeus_ops.webhook.self_package import ROOT, requirements, tool_archive
from tests.support.fake_host import host_at


def test_the_package_is_all_of_the_code_and_nothing_else():
    with tarfile.open(fileobj=io.BytesIO(tool_archive().archive)) as tar:
        names = set(tar.getnames())
    house = {
        str(file.relative_to(ROOT)).replace("fabfile/", "mantodeus_ops/tasks/")
        for top in ("fabfile", "mantodeus_ops")
        for file in (ROOT / top).rglob("*")
        if file.suffix in {".py", ".js", ".sh"}
    }
    assert names == house


def test_the_same_files_have_the_same_digest_whenever_they_are_packed():
    first = tool_archive()
    tool_archive.cache_clear()
    assert tool_archive() == first


def test_what_it_needs_is_what_its_project_says():
    found = requirements()
    assert any(one.startswith("uvicorn") for one in found)
    assert not any(one.startswith("pytest") for one in found)


def test_a_copy_that_was_not_installed_says_what_to_do(mocker, tmp_path):
    mocker.patch.object(module, "ROOT", tmp_path)
    mocker.patch.object(module, "requires", side_effect=module.PackageNotFoundError)
    with pytest.raises(OpsError) as refused:
        requirements()
    assert "pip install" in refused.value.hint


def test_what_came_whole_can_be_started_there(tmp_path):
    host, place = host_at(tmp_path), tmp_path / "it's/tool-1"
    data = tool_archive().archive
    query_shell(
        host, "webhook/find_python", "put", str(place), hashlib.sha256(data).hexdigest(), data=data
    )
    assert all(path.stat().st_mode & 0o077 == 0 for path in Path(place).rglob("*"))
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(place), "PYTHONSAFEPATH": "1"}
    argv = [sys.executable, "-m", "mantodeus_ops", "--list"]
    done = subprocess.run(argv, cwd=tmp_path, env=env, capture_output=True, text=True, check=True)
    assert "webhook.serve" in done.stdout
    assert ["tool-1"] in query_shell(host, "webhook/find_python", "look", str(place.parent))["have"]


def test_what_did_not_come_whole_does_not_count(tmp_path):
    host, place = host_at(tmp_path), tmp_path / "tool-1"
    data = tool_archive().archive
    with pytest.raises(HostError, match="did not arrive completely"):
        query_shell(
            host,
            "webhook/find_python",
            "put",
            str(place),
            hashlib.sha256(data).hexdigest(),
            data=data[:-9],
        )
    assert not query_shell(host, "webhook/find_python", "look", str(tmp_path))["have"]


def test_pythons_are_looked_for_and_tried(tmp_path):
    fakes = tmp_path / "bin"
    fakes.mkdir()
    for name, says in (("python3.14", "old"), ("python3.13", "bare")):
        (fakes / name).write_text(f"#!/bin/sh\necho {says}\n")
        (fakes / name).chmod(0o755)
    found = query_shell(
        host_at(tmp_path, path=(str(fakes),)), "webhook/find_python", "look", str(tmp_path)
    )["python"]
    ours = [(able, path) for able, path, *_ in found if path.startswith(str(fakes))]
    assert ours == [("old", f"{fakes}/python3.14"), ("bare", f"{fakes}/python3.13")]
