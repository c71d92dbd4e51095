"""The SSH algorithms that this client offers, and the assessment of those of a server.

The assessment follows ssh-audit: algorithms that it fails are never offered. Algorithms that
current OpenSSH still offers beside better ones (NIST curves, SHA-1 MACs) count as weak, not
broken: they are only negotiated when one side supports nothing better.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Offer = Mapping[str, tuple[str, ...]]

# In order of preference; kinds as in RFC 4253, section 7.1.
MODERN: Offer = {
    "kex": (
        "mlkem768x25519-sha256",
        "curve25519-sha256",
        "diffie-hellman-group16-sha512",
    ),
    "keys": ("ssh-ed25519", "rsa-sha2-512", "rsa-sha2-256"),
    "ciphers": (
        "aes256-gcm@openssh.com",
        "aes128-gcm@openssh.com",
        "aes256-ctr",
        "aes192-ctr",
        "aes128-ctr",
    ),
    "macs": (
        "hmac-sha2-256-etm@openssh.com",
        "hmac-sha2-512-etm@openssh.com",
        "hmac-sha2-256",
    ),
    "pubkeys": ("ssh-ed25519",),
}
# Algorithms that ssh-audit warns of, and why they are offered nevertheless, after better ones.
KEPT = {
    "curve25519-sha256": "the best of OpenSSH before 9.9 and paramiko before 5",
    "diffie-hellman-group16-sha512": "for hosts in FIPS mode, which forbids curve25519",
    "hmac-sha2-256": "the only MAC of Dropbear that is not broken; never negotiated with OpenSSH",
}
KINDS = {"kex": "key exchange", "keys": "host key", "ciphers": "cipher", "macs": "MAC"}

_SIGNALS = ("ext-info-", "kex-strict-")  # listed among the key exchanges, but only signals

_BROKEN = {
    "kex": r".*-sha1|diffie-hellman-group1-.*|gss-.*-sha1-.*|rsa1024-.*|none",
    "keys": r"ssh-rsa|ssh-dss|ssh-(rsa|dss)-cert-.*|x509v3-.*|none",
    "ciphers": r".*-cbc(@.*)?|arcfour.*|des.*|rc4.*|none",
    "macs": r".*md5.*|hmac-sha1-96.*|hmac-ripemd160.*|none",
}
_DOUBTFUL = {
    "kex": r"ecdh-sha2-nistp.*|diffie-hellman-group14-sha256|gss-.*nistp.*",
    "keys": r"(sk-)?ecdsa-sha2-nistp.*|webauthn-.*",
    "ciphers": r"",
    "macs": r"hmac-sha1(-etm@openssh\.com)?|umac-64.*",
}


@dataclass(frozen=True, slots=True)
class Weak:
    """An algorithm that a server should not offer: kind, name, and whether it is broken."""

    kind: str
    name: str
    broken: bool


def weak(offer: Offer) -> list[Weak]:
    """Return the broken and weak algorithms of an offer, broken ones first."""
    weak_ones = [
        Weak(kind, name, bool(re.fullmatch(_BROKEN[kind], name)))
        for kind in KINDS
        for name in offer.get(kind, ())
        if re.fullmatch(f"{_BROKEN[kind]}|{_DOUBTFUL[kind]}", name) and name
    ]
    return sorted(weak_ones, key=lambda algorithm: not algorithm.broken)


def missing_kind(offer: Offer) -> str:
    """Return the first kind without a common algorithm, with those of the server; or empty."""
    for kind, word in KINDS.items():
        offered = [name for name in offer.get(kind, ()) if not name.startswith(_SIGNALS) and name]
        if offered and not set(offered) & set(MODERN[kind]):
            return f"{word} (it offers only {', '.join(offered)})"
    return ""


def preferred_first(names: Iterable[str], preferred: Iterable[str]) -> tuple[str, ...]:
    """Return the names with the preferred ones moved to the front."""
    front = set(preferred)
    return tuple(sorted(names, key=lambda name: name not in front))
