from mantodeus_ops.events import NullListener


def test_nobody_answers_a_question_where_nobody_is():
    assert NullListener().ask("Remove it?") == ""
