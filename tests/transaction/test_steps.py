import pytest

from mantodeus_ops.errors import StepFailedError
from mantodeus_ops.remote.jobs import commands_job
from mantodeus_ops.remote.shell import Command
from mantodeus_ops.transaction.steps import Steps
from tests.support.fake_host import host_at


def run(host, text):
    """Run a line of bash as a step; return the steps with it."""
    steps = Steps(host)
    command = Command(("bash", "-c", text), str(host.app.project_dir))
    steps.run(commands_job(host, "build", [command]))
    return steps


def words(steps):
    """Return the names and ends of what was done."""
    return [(one["name"], one["status"]) for one in steps.done]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("echo no room; exit 3", r"build failed \(exit 3\): no room\. The live app is unchanged"),
        ("kill -9 $$", r"build failed \(exit 137, killed: out of memory\?\)"),
        ("exit 124", r"build failed \(exit 124, timed out\)"),
    ],
)
def test_a_step_that_fails_says_how_and_where_to_read_on(tmp_path, text, told):
    host = host_at(tmp_path)
    with pytest.raises(StepFailedError, match=told) as failed:
        run(host, text)
    assert failed.value.hint.startswith("fab -H here deploy.follow --job ")
    assert host.events.steps == [("build", "started"), ("build", "failed")]


def test_what_need_not_be_done_again_is_told_as_a_step_too(tmp_path):
    host = host_at(tmp_path)
    steps = run(host, "true")
    steps.mark_reused("install")
    assert words(steps) == [("build", "ok"), ("install", "reused")]
    assert host.events.steps[-2:] == [("install", "started"), ("install", "reused")]


def test_a_quiet_step_is_kept_only_when_it_fails(tmp_path):
    steps = Steps(host_at(tmp_path))
    with steps.step("look", quiet=True):
        pass
    with pytest.raises(StepFailedError), steps.step("look", quiet=True):
        raise StepFailedError("no")
    assert words(steps) == [("look", "failed")]
