"""Secrets: the site's key, text sealed at rest, and random tokens of which only a digest is stored."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path

import flask
from cryptography.fernet import Fernet, InvalidToken

from portal.core.settings import Settings

KEY_FILE = "secret.key"


class Unreadable(Exception):
    """A sealed text was changed, or sealed under another key."""


def site_key(settings: Settings) -> str:
    """Return the site's secret: `PORTAL_SECRET_KEY`, or one made once and kept in the data folder.

    Several machines must share one by `PORTAL_SECRET_KEY`. The file is readable by its owner alone, and two processes
    that start together agree on the one that was written first.
    """
    if settings.secret_key:
        return settings.secret_key
    path = settings.data / KEY_FILE
    try:
        return path.read_text("ascii")
    except FileNotFoundError:
        settings.data.mkdir(parents=True, exist_ok=True)
    own = path.with_name(f"{KEY_FILE}.{os.getpid()}.{secrets.token_hex(4)}")
    own.touch(mode=0o600)
    own.write_text(secrets.token_urlsafe(48), "ascii")
    try:
        os.link(own, path)
    except FileExistsError:
        pass
    finally:
        own.unlink()
    return Path(path).read_text("ascii")


def derive(purpose: str) -> bytes:
    """Return 32 bytes that belong to `purpose` alone, made from the site's secret (HMAC-SHA256 as in RFC 5869)."""
    key: str = flask.current_app.config["SECRET_KEY"]
    return hmac.new(key.encode(), f"mingbai:{purpose}".encode(), hashlib.sha256).digest()


def _box() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(derive("seal")))


def seal(text: str) -> str:
    """Encrypt `text` for storage (Fernet: AES-128-CBC with HMAC)."""
    return _box().encrypt(text.encode()).decode("ascii")


def unseal(sealed: str) -> str:
    """Return what `seal` was given.

    Raises:
        Unreadable: it was changed, or sealed under another key.
    """
    try:
        return _box().decrypt(sealed.encode("ascii")).decode()
    except InvalidToken:
        raise Unreadable("A sealed text cannot be read: was the site's key replaced?") from None


def token() -> str:
    """Return a new random token of 256 bits for an address or a cookie."""
    return secrets.token_urlsafe(32)


def digest(value: str) -> str:
    """Return what is stored of a token: it can be recognised but not made from this."""
    return hashlib.sha256(value.encode()).hexdigest()


def keyed_digest(value: str, *, purpose: str) -> str:
    """Return a digest that cannot be searched for without the site's key: for addresses and telephone numbers."""
    return hmac.new(derive(purpose), value.encode(), hashlib.sha256).hexdigest()
