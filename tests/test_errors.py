from mantodeus_ops.errors import StepFailedError


def test_a_failed_step_keeps_what_its_program_ended_with():
    failed = StepFailedError("build failed", "deploy.follow", ended=137)
    assert (failed.ended, failed.exit_code, failed.message, failed.hint) == (
        137,
        1,
        "build failed",
        "deploy.follow",
    )
    assert StepFailedError("cut off").ended == 1
