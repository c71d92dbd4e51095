import os
import subprocess
from uuid import uuid4

import pytest

from sandbox import processes

NAME = uuid4().hex  # other workers start the same shells at the same time


@pytest.fixture
def shell_with_child():
    argv = ["sh", "-c", "sleep 60 & echo ready; wait"]
    env = {"PATH": os.environ["PATH"], "SANDBOX_TEST": NAME}
    with subprocess.Popen(argv, stdout=subprocess.PIPE, env=env) as shell:
        assert shell.stdout.readline() == b"ready\n"
        yield shell
        processes.end(processes.family(shell.pid))


def test_a_family_is_a_process_and_what_it_started(shell_with_child):
    first, *rest = processes.family(shell_with_child.pid)
    assert first == shell_with_child.pid
    assert [processes.name(pid) for pid in rest] == ["sleep"]


def test_processes_are_found_by_a_variable_that_they_were_started_with(shell_with_child):
    found = processes.with_variable("SANDBOX_TEST", NAME)
    assert set(found) == set(processes.family(shell_with_child.pid))


def test_an_ended_process_is_not_alive_even_before_it_is_reaped(shell_with_child):
    assert processes.is_alive(shell_with_child.pid)
    processes.end(processes.family(shell_with_child.pid))
    assert not processes.is_alive(shell_with_child.pid)
