"""Secrets: the site's keys, text sealed at rest, and random tokens of which only a digest is stored.

There may be several keys while they are rotated (`flask privacy rotate-key`, ADR 10): the first seals and makes
digests, all of them unseal and are looked up by.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import hmac
import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path

import flask
from cryptography.fernet import Fernet, InvalidToken

from portal.core.errors import PortalError
from portal.core.settings import Settings

KEY_FILE = "secret.key"
LOCK_FILE = "secret.key.lock"
RING = "portal.keys"
"""Where an application keeps its `KeyRing` among its extensions."""


class Unreadable(Exception):
    """A sealed text was changed, or sealed under a key that is not known here."""


class RotationUnderWay(PortalError):
    """Another process rotates the keys."""


class Key:
    """One secret of the site, and what is derived from it."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self._derived: dict[str, bytes] = {}

    def derive(self, purpose: str) -> bytes:
        """Return 32 bytes that belong to `purpose` alone (HMAC-SHA256 as in RFC 5869)."""
        found = self._derived.get(purpose)
        if found is None:
            found = hmac.new(self.secret.encode(), f"mingbai:{purpose}".encode(), hashlib.sha256).digest()
            self._derived[purpose] = found
        return found

    @cached_property
    def box(self) -> Fernet:
        """What seals and unseals (AES-128-CBC with HMAC)."""
        return Fernet(base64.urlsafe_b64encode(self.derive("seal")))

    def digest(self, value: str, purpose: str) -> str:
        """Return the keyed digest of `value`."""
        return hmac.new(self.derive(purpose), value.encode(), hashlib.sha256).hexdigest()


class KeyRing:
    """The keys of an installation, the present one first.

    They are `PORTAL_SECRET_KEY` and `PORTAL_OLD_SECRET_KEYS` or, where none is set, the lines of a file in the data
    folder. The file is looked at (not read) before each use: as soon as it has changed, every process of the machine
    goes by the new one, so none seals under a key that another does not know.
    """

    def __init__(self, settings: Settings) -> None:
        self.path = None if settings.secret_key else settings.data / KEY_FILE
        self._lock = threading.Lock()
        self._seen: tuple[int, int, int] | None = None
        self._keys: tuple[Key, ...] = ()
        if self.path is None:
            self._keys = _keys((settings.secret_key, *settings.old_secret_keys))
        else:
            _make(self.path)
            self.known()

    def known(self) -> tuple[Key, ...]:
        """Return the keys, the present one first."""
        if self.path is not None:
            # Where the file has gone (a folder is being replaced), what was known before goes on.
            with suppress(FileNotFoundError):
                found = os.stat(self.path)
                seen = (found.st_ino, found.st_mtime_ns, found.st_size)
                if seen != self._seen:
                    self._read(seen)
        return self._keys

    def _read(self, seen: tuple[int, int, int]) -> None:
        assert self.path is not None  # noqa: S101  # asked by the only caller
        with self._lock:
            lines = self.path.read_text("ascii").split()
            former = {key.secret: key for key in self._keys}
            if lines:
                self._keys = tuple(former.get(line) or Key(line) for line in dict.fromkeys(lines))
                self._seen = seen

    def add(self) -> None:
        """Make a new key and let it be the present one; those before stay known.

        Raises:
            ValueError: the keys are in the environment, where only its owner can change them.
        """
        self._write([secrets.token_urlsafe(48), *(key.secret for key in self.known())])

    def retire(self) -> None:
        """Forget all keys but the present one.

        Raises:
            ValueError: the keys are in the environment.
        """
        self._write([self.known()[0].secret])

    def _write(self, lines: list[str]) -> None:
        if self.path is None:
            raise ValueError("the keys are in the environment")
        own = _written(self.path, "\n".join(lines))
        own.replace(self.path)
        _sync(self.path.parent)
        self.known()

    @contextmanager
    def rotating(self) -> Iterator[None]:
        """Let no other process of this machine rotate the keys meanwhile.

        Raises:
            RotationUnderWay: one does.
        """
        if self.path is None:
            yield
            return
        with open(self.path.with_name(LOCK_FILE), "w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise RotationUnderWay("Another process rotates the keys at this moment.") from None
            yield


def _keys(lines: tuple[str, ...]) -> tuple[Key, ...]:
    return tuple(Key(line) for line in dict.fromkeys(lines))


def _make(path: Path) -> None:
    """Make a key file where there is none; two processes that start together agree on the one written first."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    own = _written(path, secrets.token_urlsafe(48))
    try:
        os.link(own, path)
    except FileExistsError:
        pass
    finally:
        own.unlink()
    _sync(path.parent)


def _written(path: Path, text: str) -> Path:
    """Write a file beside `path`, readable by its owner alone, down to the disk: a lost key is lost data."""
    own = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(own, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return own


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def ring() -> KeyRing:
    """Return the keys of the application at hand."""
    found: KeyRing = flask.current_app.extensions[RING]
    return found


def install(app: flask.Flask, settings: Settings) -> None:
    """Give `app` its keys, and see to it that cookies and forms are signed with the present one.

    What was signed with a former key is taken while that is known. Afterwards a form that was open all the time has to
    be sent once more; who is signed in stays so, since sessions are rows that no key belongs to.
    """
    kept = app.extensions[RING] = KeyRing(settings)

    def follow(*_arguments: object, **_values: object) -> None:
        known = [key.secret for key in kept.known()]
        if app.config["WTF_CSRF_SECRET_KEY"] != known[::-1]:
            app.config["SECRET_KEY"] = known[0]
            app.config["SECRET_KEY_FALLBACKS"] = known[1:]
            # The last one signs, all are taken.
            app.config["WTF_CSRF_SECRET_KEY"] = known[::-1]

    app.config["WTF_CSRF_SECRET_KEY"] = []
    follow()
    # Held by the application alone, so that one which is not used any more goes with all that belongs to it.
    app.extensions["follow_keys"] = follow
    flask.appcontext_pushed.connect(follow, app)


def derive(purpose: str) -> bytes:
    """Return 32 bytes that belong to `purpose` alone, made from the present key."""
    return ring().known()[0].derive(purpose)


def derived(purpose: str) -> list[bytes]:
    """Return what `derive` makes of every known key: to recognise what was made before the keys changed."""
    return [key.derive(purpose) for key in ring().known()]


def seal(text: str) -> str:
    """Encrypt `text` for storage, under the present key."""
    return ring().known()[0].box.encrypt(text.encode()).decode("ascii")


def unseal(sealed: str) -> str:
    """Return what `seal` was given.

    Raises:
        Unreadable: it was changed, or sealed under a key that is not known here.
    """
    raw = sealed.encode("ascii", "replace")
    for key in ring().known():
        with suppress(InvalidToken):
            return key.box.decrypt(raw).decode()
    raise Unreadable("A sealed text cannot be read: was the site's key replaced?")


def is_present(sealed: str) -> bool:
    """Return whether `sealed` was made under the present key."""
    try:
        ring().known()[0].box.decrypt(sealed.encode("ascii", "replace"))
    except InvalidToken:
        return False
    return True


def token() -> str:
    """Return a new random token of 256 bits for an address or a cookie."""
    return secrets.token_urlsafe(32)


def digest(value: str) -> str:
    """Return what is stored of a token: it can be recognised but not made from this."""
    return hashlib.sha256(value.encode()).hexdigest()


def keyed_digest(value: str, *, purpose: str) -> str:
    """Return a digest that cannot be searched for without the site's key: for addresses and telephone numbers.

    This is what is stored. What is looked for may lie under a former key: `keyed_digests`.
    """
    return ring().known()[0].digest(value, purpose)


def keyed_digests(value: str, *, purpose: str) -> list[str]:
    """Return the digest of `value` under every known key, the present one first: for `column.in_(…)`."""
    return [key.digest(value, purpose) for key in ring().known()]
