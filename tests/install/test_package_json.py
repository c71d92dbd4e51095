import pytest

from mantodeus_ops.errors import PreflightError
from mantodeus_ops.install.package_json import package_scripts

READ = "node -e \"require('./package.json')\""


@pytest.mark.parametrize(
    ("text", "said", "hint"),
    [
        *((text, "an object", "npm pkg fix") for text in ("[]", "null", "3", '"x"')),
        *((text, "JSON: Expecting property name", READ) for text in ("{", "{'a': 1}")),
    ],
)
def test_a_package_json_that_is_no_object_is_refused(text, said, hint):
    with pytest.raises(PreflightError, match=rf"^package\.json is not {said}") as caught:
        package_scripts(text)
    assert caught.value.hint == hint


@pytest.mark.parametrize("scripts", ["null", "[]", '"x"', "7"])
def test_scripts_that_are_no_object_are_no_scripts(scripts):
    assert package_scripts(f'{{"scripts": {scripts}}}') == {}


def test_scripts_are_text():
    assert package_scripts('{"scripts": {"build": "x", "odd": 1}}') == {"build": "x", "odd": "1"}
