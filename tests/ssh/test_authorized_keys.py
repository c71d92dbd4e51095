import base64

import pytest

from mantodeus_ops.errors import UsageError
from mantodeus_ops.remote.ssh.fingerprint import sha256
from mantodeus_ops.ssh.authorized_keys import entries, public_key, with_key, without_key


def key(number, kind="ssh-ed25519"):
    """Return the base64 of a key."""
    blob = len(kind).to_bytes(4, "big") + kind.encode() + b"\0\0\0\x20" + bytes([number]) * 32
    return base64.b64encode(blob).decode()


ONE, TWO = f"ssh-ed25519 {key(1)} me@laptop", f"ssh-ed25519 {key(2)} new one"
NEW = public_key(TWO, "id.pub")
FILE = f"""\
# comment ssh-ed25519 {key(1)}
from="10.0.0.*",command="echo \\"a # b\\" c",no-pty {ONE}
restrict {ONE}\r

cert-authority ssh-rsa {key(4, "ssh-rsa")}
ssh-ed25519 garbage
  {ONE}
ssh-ed25519 {key(3)}"""


NOT_ONE, LIST = "does not hold one public key", "ssh-keygen -l -f id"


def test_every_key_is_found_with_its_options_and_comment():
    assert [(one.line, one.options, one.kind, one.comment) for one in entries(FILE)] == [
        (2, 'from="10.0.0.*",command="echo \\"a # b\\" c",no-pty', "ssh-ed25519", "me@laptop"),
        (3, "restrict", "ssh-ed25519", "me@laptop"),
        (5, "cert-authority", "ssh-rsa", ""),
        (7, "", "ssh-ed25519", "me@laptop"),
        (8, "", "ssh-ed25519", ""),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "#",
        "ssh-ed25519",
        f"ssh-ed25519 {key(1, 'ssh-rsa')}",
        f"x {key(1)}",
        '"open',
        "# " + ONE,
    ],
)
def test_a_line_that_holds_no_key_is_none(line):
    assert entries(line) == []


def test_options_may_hold_what_looks_like_a_kind_of_key():
    (found,) = entries(f'command="ssh-x  y" {ONE}')
    assert (found.options, found.comment) == ('command="ssh-x  y"', "me@laptop")


def test_a_fingerprint_is_that_of_the_blob():
    assert entries(ONE)[0].fingerprint == sha256(base64.b64decode(key(1)))


def test_a_key_is_added_once_and_never_merged_with_the_line_before():
    added = with_key(FILE, NEW)
    assert added == f"{FILE}\n{TWO}\n"
    assert with_key(added, NEW) == added
    assert with_key("", NEW) == f"{TWO}\n"
    assert with_key(f"{ONE}\n", NEW) == f"{ONE}\n{TWO}\n"


def test_a_key_that_is_there_with_options_keeps_them():
    assert with_key(f"restrict {TWO}\n", NEW) == f"restrict {TWO}\n"


def test_a_new_key_gets_the_options_of_the_one_it_is_like():
    old = entries(FILE)[0]
    added = with_key(FILE, NEW, like=old.blob)
    assert added.removeprefix(FILE) == f"\n{old.options} {TWO}\n"
    assert with_key(f"{ONE}\n", NEW, like=old.blob) == f"{ONE}\n{TWO}\n"


def test_a_key_is_taken_out_of_every_line_and_nothing_else_is():
    lines = FILE.splitlines(keepends=True)
    left = without_key(FILE, entries(FILE)[0].blob)
    assert left == "".join(lines[index] for index in (0, 3, 4, 5, 7))
    assert without_key(FILE, NEW.blob) == FILE
    assert without_key(with_key(FILE, NEW), NEW.blob) == f"{FILE}\n"


def test_only_a_newline_ends_a_line():
    text = f"{ONE} a\u2028b\x0bc\n{TWO} d\x85e\n"
    assert without_key(text, entries(text)[0].blob) == f"{TWO} d\x85e\n"
    assert [one.line for one in entries(text)] == [1, 2]


@pytest.mark.parametrize(
    ("text", "told", "hint"),
    [
        (
            "-----BEGIN OPENSSH PRIVATE KEY-----\ncanary",
            "is a private key; name the public one",
            "ls id.pub",
        ),
        ("", NOT_ONE, LIST),
        (f"{ONE}\n{TWO}", NOT_ONE, LIST),
        (f"restrict {ONE}", NOT_ONE, LIST),
        (f"ssh-rsa {key(1)}", NOT_ONE, LIST),
        (
            f"ssh-rsa {key(1, 'ssh-rsa')}",
            "is a key of type ssh-rsa; only ed25519 is installed",
            "ssh.keygen",
        ),
    ],
)
def test_what_is_not_one_good_public_key_is_refused_and_not_repeated(text, told, hint):
    with pytest.raises(UsageError) as refused:
        public_key(text, "id")
    assert (refused.value.message, refused.value.hint) == (f"id {told}", hint)


@pytest.mark.parametrize("kind", ["ssh-ed25519", "sk-ssh-ed25519@openssh.com"])
def test_a_key_of_ed25519_is_taken_from_a_file_or_from_a_token(kind):
    text = f"{kind} {key(1, kind)} me"
    assert public_key(f"{text}\n", "id.pub") == entries(text)[0]
    assert with_key("", entries(f"{kind} {key(1, kind)}")[0]) == f"{kind} {key(1, kind)}\n"
