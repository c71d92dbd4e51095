"""Whether a host key may be pinned."""

import pytest

from mantodeus_ops.errors import HostKeyError, UsageError
from mantodeus_ops.remote.ssh.presented_key import HostKey, PresentedHostKey
from mantodeus_ops.ssh.trust_rules import check_fingerprint, refuse

TEXT = "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"  # github.com
DIGEST = "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU"  # as GitHub tells it
KEY = HostKey("ssh-ed25519", TEXT, 256)
OTHER = HostKey("ssh-rsa", "AAAAB3Nz", 3072)


def seen(*pinned, revoked=False):
    """Return the sight of a key beside those that are pinned."""
    return PresentedHostKey(KEY, pinned, revoked)


def test_a_fingerprint_that_was_typed_is_read_or_refused():
    assert check_fingerprint("") == ""
    assert check_fingerprint(DIGEST.removeprefix("SHA256:")) == DIGEST
    with pytest.raises(UsageError) as refused:
        check_fingerprint("MD5:aa")
    told = "--fingerprint takes SHA256: and 43 characters, not 'MD5:aa'"
    show = "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub  # on the host"
    assert (refused.value.message, refused.value.hint) == (told, show)


@pytest.mark.parametrize("expected", ["", DIGEST])
def test_a_key_that_is_the_expected_one_may_be_pinned_unless_it_is_revoked(expected):
    refuse(seen(OTHER), "web1", expected)
    with pytest.raises(HostKeyError) as refused:
        refuse(seen(KEY, revoked=True), "web1", expected)
    told = f"web1 shows a key that is revoked: {DIGEST}; it is not pinned"
    assert (refused.value.message, refused.value.hint) == (told, "ssh.audit")


def test_another_key_than_the_expected_one_is_never_pinned():
    other = "SHA256:" + "A" * 43
    with pytest.raises(HostKeyError) as refused:
        refuse(seen(), "web1", other)
    told = f"web1 shows another key than you expect: {DIGEST}, not {other}"
    assert refused.value.message == f"{told}; another machine may be in between; nothing was pinned"
    show = "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub"
    assert refused.value.hint == f"{show}  # on the host, to compare again"
