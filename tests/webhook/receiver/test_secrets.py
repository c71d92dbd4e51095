import pytest

from mantodeus_ops.errors import PreflightError
from mantodeus_ops.redaction.process import REDACTOR
from mantodeus_ops.webhook.receiver.secrets import Secrets, check_vector

GOOD = "0123456789abcdef-0123456789abcdef-good"
OTHER = "fedcba9876543210-fedcba9876543210-other"


def written(folder, text, mode=0o600):
    file = folder / ".env"
    file.write_text(text)
    file.chmod(mode)
    return file


def test_j31_the_vector_comes_out_at_the_start():
    check_vector()


def test_a_vector_that_does_not_come_out_stops_the_start(monkeypatch):
    monkeypatch.setattr(
        "mantodeus_ops.webhook.receiver.secrets.VECTOR",
        (b"secret", b"body", b"sha256=" + b"0" * 64),
    )
    with pytest.raises(PreflightError, match="wrong signatures"):
        check_vector()


REFUSED = {
    "J25 no file": (None, "cannot be read"),
    "J25 an empty file": ("", "is not set"),
    "J25 an empty secret": ("WEBHOOK_SECRET=\n", "is not set"),
    "J25 a comment": ("# WEBHOOK_SECRET=" + GOOD, "is not set"),
    "J25 another name": (f"WEBHOOK_SECRET_OLD={OTHER}\n", "is not set"),
    "H14 31 bytes": (f"WEBHOOK_SECRET={GOOD[:31]}\n", "less than 32 bytes"),
    "H14 the example of GitHub": (
        'WEBHOOK_SECRET="It\'s a Secret to Everybody"\n',
        "less than 32 bytes",
    ),
    "H14 an example": (
        "WEBHOOK_SECRET=your-webhook-secret-goes-in-this-place\n",
        "well-known example",
    ),
    "H14 another example": (
        "WEBHOOK_SECRET=changeme-changeme-changeme-changeme\n",
        "well-known example",
    ),
    "H14 one letter": ("WEBHOOK_SECRET=" + "a" * 64, "a few characters only"),
    "H14 two words": ("WEBHOOK_SECRET=" + "abcabc" * 8, "a few characters only"),
    "J24 a bad old one": (
        f"WEBHOOK_SECRET={GOOD}\nWEBHOOK_SECRET_OLD=short\n",
        "less than 32 bytes",
    ),
}


@pytest.mark.parametrize(("text", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_secret_is_refused_and_not_repeated(tmp_path, text, reason):
    file = tmp_path / ".env" if text is None else written(tmp_path, text)
    with pytest.raises(PreflightError, match=reason) as caught:
        Secrets(file)()
    assert GOOD[:31] not in caught.value.message


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o620, 0o601, 0o666])
def test_h14_a_file_that_others_can_read_is_refused(tmp_path, mode):
    with pytest.raises(PreflightError, match="others can read"):
        Secrets(written(tmp_path, f"WEBHOOK_SECRET={GOOD}\n", mode))()


def test_j24_both_secrets_are_taken_the_new_one_first(tmp_path):
    text = f"WEBHOOK_SECRET_OLD={OTHER}\nexport WEBHOOK_SECRET='{GOOD}'\n"
    assert Secrets(written(tmp_path, text))() == (GOOD.encode(), OTHER.encode())


def test_a_change_of_the_file_is_seen_at_once(tmp_path):
    secrets = Secrets(written(tmp_path, f"WEBHOOK_SECRET={GOOD}\n"))
    assert secrets() == (GOOD.encode(),)
    new = tmp_path / "new"
    new.write_text(f"WEBHOOK_SECRET={OTHER}\n")
    new.chmod(0o600)
    new.replace(tmp_path / ".env")
    assert secrets() == (OTHER.encode(),)
    (tmp_path / ".env").unlink()
    for _ in range(2):
        with pytest.raises(PreflightError):
            secrets()
    written(tmp_path, f"WEBHOOK_SECRET={GOOD}\n")
    assert secrets() == (GOOD.encode(),)


def test_the_secrets_are_hidden_from_then_on(tmp_path):
    Secrets(written(tmp_path, f"WEBHOOK_SECRET={GOOD}\nDB_PASSWORD=hunter2hunter2\n"))()
    assert REDACTOR.text(f"a {GOOD} b hunter2hunter2") == "a [secret] b [secret]"
