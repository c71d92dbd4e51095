"""Paramiko's Transport with a fixed list of algorithms; keeps the server's offer."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Any

import paramiko
from paramiko.kex_curve25519 import KexCurve25519

from mantodeus_ops.remote.ssh.algorithms import KINDS, MODERN, Offer, preferred_first

_RSA = {"ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256")}
# Positions in the KEXINIT message (RFC 4253, section 7.1), by paramiko's names.
_OFFERED = {
    "kex": "kex_algo_list",
    "keys": "server_key_algo_list",
    "ciphers": "server_encrypt_algo_list",
    "macs": "server_mac_algo_list",
}

Stream = socket.socket | paramiko.Channel


class ModernTransport(paramiko.Transport):
    """A client transport that offers only the algorithms of remote/ssh/algorithms.py."""

    # RFC 8731 names the exchange that paramiko only knows by the older @libssh.org name.
    _kex_info = {**paramiko.Transport._kex_info, "curve25519-sha256": KexCurve25519}  # type: ignore[attr-defined]  # noqa: SLF001, RUF012

    def __init__(self, sock: Stream, *, pinned: tuple[str, ...] = ()) -> None:
        super().__init__(sock)
        self.offered: Offer = {}
        supported: dict[str, Mapping[str, object]] = {
            "kex": self._kex_info,
            "keys": self._key_info,  # type: ignore[attr-defined]
            "ciphers": self._cipher_info,  # type: ignore[attr-defined]
            "macs": self._mac_info,  # type: ignore[attr-defined]
            "pubkeys": self._key_info,  # type: ignore[attr-defined]
        }
        for kind, names in MODERN.items():
            # Older versions of paramiko lack some of them.
            setattr(
                self, f"_preferred_{kind}", tuple(name for name in names if name in supported[kind])
            )
        kinds = [name for kind in pinned for name in _RSA.get(kind, (kind,))]
        self._preferred_keys = preferred_first(self._preferred_keys, kinds)  # type: ignore[has-type]

    def _really_parse_kex_init(
        self, m: paramiko.Message, ignore_first_byte: bool = False
    ) -> dict[str, object]:
        parsed: dict[str, Any] = super()._really_parse_kex_init(m, ignore_first_byte)  # type: ignore[misc]
        self.offered = self.offered or {kind: tuple(parsed[_OFFERED[kind]]) for kind in KINDS}
        return parsed
