"""Secrets of the house: personal numbers sealed at rest, blind indexes over them, message codes.

One master key of 32 bytes lies in `CHIZHENG_HOME/keys/master` (0600), or comes as CHIZHENG_KEY (64 hex digits)
when several machines share a database. Working keys are derived from it, one per purpose (HKDF, RFC 5869).
"""

import hashlib
import hmac
import os
import secrets
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from chizheng.kernel.home import ensure_home

VERSION = b"\x01"
NONCE = 12


def seal(text: str) -> bytes:
    """Encrypts a short text (AES-256-GCM): version, nonce, ciphertext with tag."""
    nonce = secrets.token_bytes(NONCE)
    return VERSION + nonce + AESGCM(working_key("seal")).encrypt(nonce, text.encode(), VERSION)


def unseal(sealed: bytes) -> str:
    """What `seal` hid; cryptography.exceptions.InvalidTag when it was altered or the key is another."""
    return AESGCM(working_key("seal")).decrypt(sealed[1 : 1 + NONCE], sealed[1 + NONCE :], VERSION).decode()


def blind(text: str) -> bytes:
    """A keyed fingerprint of 32 bytes: equal for equal texts, useless without the key."""
    return mac("blind", text.encode())


def mac(purpose: str, message: bytes) -> bytes:
    """HMAC-SHA256 under the key of that purpose."""
    return hmac.new(working_key(purpose), message, hashlib.sha256).digest()


@cache
def working_key(purpose: str) -> bytes:
    """The derived key of 32 bytes for one purpose."""
    return HKDFExpand(SHA256(), 32, b"chizheng " + purpose.encode()).derive(master_key())


@cache
def master_key() -> bytes:
    """The master key; made at the first call of a new home."""
    given = os.environ.get("CHIZHENG_KEY")
    if given:
        return _from_hex(given)
    path = ensure_home() / "keys" / "master"
    _make_once(path)
    return _from_hex(path.read_text())


def _make_once(path: Path) -> None:
    """Two first starts at once must agree: the file appears whole, and the first one wins."""
    if path.exists():
        return
    draft = path.with_name(f"master.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(secrets.token_hex(32))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _from_hex(text: str) -> bytes:
    key = bytes.fromhex(text.strip())
    if len(key) != 32:
        raise ValueError("the master key must be 64 hex digits")
    return key
