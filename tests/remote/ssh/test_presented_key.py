"""A key as a host presents it, beside those that are pinned."""

import pytest

from mantodeus_ops.remote.ssh.presented_key import HostKey, PresentedHostKey

TEXT = "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"  # github.com
DIGEST = "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU"  # as GitHub tells it
KEY = HostKey("ssh-ed25519", TEXT, 256)
OTHER = HostKey("ssh-rsa", "AAAAB3Nz", 3072)


def test_a_key_is_shown_as_its_owner_can_compare_it():
    assert KEY.line == f"ssh-ed25519 {TEXT}"
    assert KEY.fingerprint == DIGEST
    assert KEY.shown().startswith(f"ssh-ed25519 {DIGEST}\n+")
    assert "[ED25519 256]" in KEY.shown()
    assert "[RSA 3072]" in HostKey("ssh-rsa", TEXT, 3072).shown()
    assert "[ECDSA 384]" in HostKey("ecdsa-sha2-nistp384", TEXT, 384).shown()


@pytest.mark.parametrize(
    ("pinned", "is_pinned", "is_changed"),
    [
        ((), False, False),
        ((KEY,), True, False),
        ((OTHER, KEY), True, False),
        ((OTHER,), False, True),
        ((HostKey("ssh-rsa", TEXT, 256),), False, True),
    ],
)
def test_a_key_is_new_or_known_or_another_one(pinned, is_pinned, is_changed):
    seen = PresentedHostKey(KEY, pinned, revoked=False)
    assert (seen.is_pinned, seen.is_changed) == (is_pinned, is_changed)
