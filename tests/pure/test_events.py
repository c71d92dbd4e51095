from fabfile.pure.events import Silence


def test_nobody_answers_a_question_where_nobody_is():
    assert Silence().ask("Remove it?") == ""
