from mantodeus_ops.remote.options import Options


def test_a_run_that_was_told_nothing_changes_what_it_is_for_and_takes_nothing_for_granted():
    told = Options()
    assert (told.dry_run, told.as_json, told.yes, told.here) == (False,) * 4
    assert (told.wait_seconds, told.reconnect_seconds) == (0, 60.0)
