from mantodeus_ops.events import NullListener


def test_a_question_without_a_terminal_has_an_empty_answer():
    assert NullListener().ask("Remove it?") == ""
