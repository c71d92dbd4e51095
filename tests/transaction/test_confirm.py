import pytest

from mantodeus_ops.errors import OpsError
from mantodeus_ops.remote.options import Options
from mantodeus_ops.transaction.confirm import confirm
from tests.support.fake_host import Heard, host_at


def asked(folder, answer, **options):
    """Return a host at whose door a person answers so, and what that person was asked."""
    heard = Heard()
    heard.answer = answer
    return host_at(folder, heard=heard, options=Options(**options)), heard.notes


@pytest.mark.parametrize("answer", ["y", "Y", "yes"])
def test_a_yes_goes_on(tmp_path, answer):
    host, questions = asked(tmp_path, answer)
    confirm(host, "Remove it?")
    assert questions == ["Remove it? [y/N]"]


@pytest.mark.parametrize("answer", ["n", "no", "what?"])
def test_anything_else_changes_nothing(tmp_path, answer):
    host, _ = asked(tmp_path, answer)
    with pytest.raises(OpsError, match="not confirmed; nothing was changed"):
        confirm(host, "Remove it?")


def test_where_nobody_answers_the_question_is_told_with_what_to_type(tmp_path):
    host, _ = asked(tmp_path, "")
    with pytest.raises(OpsError, match=r"Remove it\? There is no terminal to answer on") as refused:
        confirm(host, "Remove it?", hint="add --yes --keep-env")
    assert refused.value.hint == "add --yes --keep-env"


def test_who_said_yes_beforehand_is_not_asked(tmp_path):
    host, questions = asked(tmp_path, "n", yes=True)
    confirm(host, "Remove it?")
    assert questions == []
