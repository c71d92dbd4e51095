"""Which algorithms our side of SSH offers, and what is said of those that a server offers.

The verdicts are those of ssh-audit: what it fails, we never offer. What every current OpenSSH still
offers beside better ones (NIST curves, SHA-1 MACs) is doubtful in a server, not broken: neither
side takes it while the other knows better.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Offer = Mapping[str, tuple[str, ...]]

# In the order of preference; the kinds are the words of RFC 4253, section 7.1, in short.
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
# Of these, what ssh-audit warns of, and why it is offered all the same: always after better ones.
KEPT = {
    "curve25519-sha256": "what OpenSSH before 9.9 and paramiko before 5 have at best",
    "diffie-hellman-group16-sha512": "what a host in FIPS mode has, which forbids curve25519",
    "hmac-sha2-256": "the only MAC of Dropbear that is not broken; OpenSSH never comes to it",
}
KINDS = {"kex": "key exchange", "keys": "host key", "ciphers": "cipher", "macs": "MAC"}

_SIGNALS = ("ext-info-", "kex-strict-")  # stand among the key exchanges, and are none

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
    """One algorithm that should not be offered: its kind, its name, and whether it is broken."""

    kind: str
    name: str
    broken: bool


def weak(offer: Offer) -> list[Weak]:
    """Return what is broken or doubtful in an offer, the broken first."""
    found = [
        Weak(kind, name, bool(re.fullmatch(_BROKEN[kind], name)))
        for kind in KINDS
        for name in offer.get(kind, ())
        if re.fullmatch(f"{_BROKEN[kind]}|{_DOUBTFUL[kind]}", name) and name
    ]
    return sorted(found, key=lambda one: not one.broken)


def missing(offer: Offer) -> str:
    """Return the first kind of which the server offers nothing that we do, with what it offers."""
    for kind, word in KINDS.items():
        theirs = [name for name in offer.get(kind, ()) if not name.startswith(_SIGNALS) and name]
        if theirs and not set(theirs) & set(MODERN[kind]):
            return f"{word} (it offers only {', '.join(theirs)})"
    return ""


def first(names: Iterable[str], wanted: Iterable[str]) -> tuple[str, ...]:
    """Return the names with the wanted ones among them in front; the order is kept otherwise."""
    front = set(wanted)
    return tuple(sorted(names, key=lambda name: name not in front))
