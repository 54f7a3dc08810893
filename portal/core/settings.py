"""Settings: one frozen dataclass read once from `PORTAL_*` variables; and what is the same for every installation."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

PREFIX = "PORTAL_"
_HOST = re.compile(r"[^\s/@\\?#<>\"'%]+\Z")


class SettingsError(Exception):
    """A setting is unknown or malformed; the text names it."""


class Audience(StrEnum):
    """Whom an edition is written for; the value stands in addresses and file names."""

    GENERAL = "general"
    ELDERLY = "elderly"
    YOUTH = "youth"
    NEW_RESIDENT = "new-resident"


class Locale(StrEnum):
    """A language and script, as a BCP 47 tag; the first is the one that every text exists in."""

    HANS = "zh-Hans"
    HANT = "zh-Hant"
    EN = "en"


class Permission(StrEnum):
    """What a member of staff may do; roles are sets of these (`accounts.rules.ROLES`)."""

    DESK = "desk"
    """Enter the desk and see what is being written."""
    WRITE = "write"
    """Write and submit articles, add pictures."""
    REVIEW = "review"
    """Approve, send back, waive findings, publish, schedule, withdraw."""
    ORGANISE = "organise"
    """Run lectures."""
    ANALYSE = "analyse"
    """Read figures and feedback, export them."""
    MANAGE_PEOPLE = "manage-people"
    """Invite people, change their roles, end their sessions."""
    READ_AUDIT = "read-audit"
    """Read the audit log."""
    MOVE_CONTENT = "move-content"
    """Import and export content packages through the desk."""


AUDIENCES = tuple(Audience)
LOCALES = tuple(Locale)
DEFAULT_AUDIENCE = Audience.GENERAL
DEFAULT_LOCALE = Locale.HANS
ROOT = Path(__file__).resolve().parents[2]
"""The checkout: `static/`, `templates/`, `content/` and `migrations/` lie here."""


def address(path: str, *, locale: str = DEFAULT_LOCALE, audience: str = DEFAULT_AUDIENCE) -> str:
    """Return the address of `path` (which begins with a slash) in one language and edition.

    The defaults are left out, so that every page has exactly one address.
    """
    prefix = "" if locale == DEFAULT_LOCALE else f"/{locale}"
    if audience != DEFAULT_AUDIENCE:
        prefix += f"/{audience}"
    return prefix + path if prefix == "" or path != "/" else prefix + "/"


def edition_order(audience: Audience, locale: Locale) -> tuple[tuple[Audience, Locale], ...]:
    """Return the editions that may stand for an article before one kind of reader, best first.

    The reader's own edition comes first. A missing audience falls back to the general edition; zh-Hant is converted
    from zh-Hans of the same audience before another audience is tried; English tries the general English edition
    before any Chinese one, because a text for everybody helps more than one in a language that one cannot read.
    """
    source = Locale.HANS if locale is Locale.HANT else locale
    general = Audience.GENERAL
    order = ((audience, locale), (audience, source), (general, locale), (general, source))
    return tuple(dict.fromkeys((*order, (audience, Locale.HANS), (general, Locale.HANS))))


def _path(text: str) -> Path:
    if "\0" in text or not text.strip():
        raise ValueError("it must be a path")
    return (ROOT / text).resolve()


def _switch(text: str) -> bool:
    choices = {"1": True, "true": True, "on": True, "yes": True, "0": False, "false": False, "off": False, "no": False}
    try:
        return choices[text.strip().lower()]
    except KeyError:
        raise ValueError("it must be on or off") from None


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.strip().isascii() or not text.strip().isdigit() or not low <= int(text) <= high:
            raise ValueError(f"it must be a whole number from {low} to {high}")
        return int(text)

    return read


def _database_url(text: str) -> str:
    if text.startswith("postgres://"):
        raise ValueError("write postgresql:// instead of postgres://")
    if text.startswith("sqlite:"):
        if not re.fullmatch(r"sqlite:////[^?#\x00]+", text):
            raise ValueError("after sqlite:/// must come a path from the root, as in sqlite:////srv/portal.sqlite3")
        return text
    if not text.startswith(("postgresql://", "postgresql+psycopg://")):
        raise ValueError("it must begin with sqlite:/// or postgresql://")
    _ = urlsplit(text).port  # refuses what is not a number
    return text


def _public_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("it must look like https://example.org")
    if parts.path not in ("", "/"):
        raise ValueError("it must not have a path: the portal lives at the root of its host")
    _ = parts.port  # refuses what is not a number
    if not _HOST.match(parts.hostname) or "@" in parts.netloc:
        raise ValueError("it must look like https://example.org")
    return f"{parts.scheme}://{parts.netloc}"


def _hosts(text: str) -> tuple[str, ...]:
    hosts = tuple(part.strip().lower() for part in text.split(",") if part.strip())
    if not hosts or not all(_HOST.match(host) for host in hosts):
        raise ValueError("it must be host names with commas between them")
    return hosts


def _program(text: str) -> str:
    if "\0" in text or not text.startswith("/") or not Path(text).is_file() or not os.access(text, os.X_OK):
        raise ValueError("it must be the full path of a program")
    return text


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("it must be a time zone such as Asia/Shanghai") from None


def _listen(text: str) -> str:
    if text == "localhost":
        return "127.0.0.1"
    ipaddress.ip_address(text)
    return text


def _secret(text: str) -> str:
    if len(text) < 32:
        raise ValueError("it must have at least 32 characters, such as `openssl rand -base64 48` prints")
    return text


def _secrets(text: str) -> tuple[str, ...]:
    return tuple(_secret(part.strip()) for part in text.split(",") if part.strip())


def _mail(text: str) -> str:
    if text.startswith("file:"):
        return f"file:{_path(text.removeprefix('file:'))}"
    parts = urlsplit(text)
    if parts.scheme not in ("smtp", "smtps", "smtp+starttls") or not parts.hostname or parts.path not in ("", "/"):
        raise ValueError("it must look like smtp://host:25, smtp+starttls://user:password@host:587 or file:FOLDER")
    _ = parts.port  # refuses what is not a number
    return text


def _texts(text: str) -> str:
    if text.startswith("file:"):
        return f"file:{_path(text.removeprefix('file:'))}"
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.fragment:
        raise ValueError("it must look like https://user:password@host/path or file:FOLDER")
    if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
        raise ValueError("it must begin with https:// unless the gateway is on this machine")
    _ = parts.port  # refuses what is not a number
    return text


def _sender(text: str) -> str:
    if not re.fullmatch(r"[^\s@<>\",;:]+@[^\s@<>\",;:]+", text):
        raise ValueError("it must be a mail address")
    return text


def _setting(default: Any, read: Callable[[str], Any], *, secret: bool = False) -> Any:
    """Return a field; one that holds a key or a password is told in no message."""
    return field(default=default, repr=not secret, metadata={"read": read, "secret": secret})


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that differs between one installation and another.

    Each field is read from the variable of its name in capitals after `PORTAL_`. A variable that is not one of these,
    or whose value does not make sense, stops the start (`SettingsError` names it).
    """

    data: Path = _setting(ROOT / "var", _path)
    """Folder of everything the portal writes: database, search index."""
    database_url: str = _setting("", _database_url, secret=True)
    """Empty: SQLite under `data`."""
    public_url: str = _setting("", _public_url)
    """Where the public finds the site; canonical links, feeds and the sitemap use it. Empty: `http://host:port`."""
    trusted_hosts: tuple[str, ...] = _setting((), _hosts)
    """Host names that are answered; empty: all (fit for a machine that only its owner reaches)."""
    proxies: int = _setting(0, _whole(0, 5))
    """How many reverse proxies stand in front and set X-Forwarded-*; 0: these headers are ignored."""
    host: str = _setting("127.0.0.1", _listen)
    port: int = _setting(8000, _whole(0, 65535))
    workers: int = _setting(2, _whole(1, 64))
    threads: int = _setting(4, _whole(2, 64))
    """Blocking threads of each worker; one is always kept from requests that send a body."""
    timezone: ZoneInfo = _setting(ZoneInfo("Asia/Shanghai"), _zone)
    """Dates are shown, and quarters counted, in this zone."""
    page_cache_mb: int = _setting(24, _whole(0, 4096))
    """Megabytes of finished pages that each worker keeps; 0 keeps none."""

    secret_key: str = _setting("", _secret, secret=True)
    """What sessions and sealed texts are made with; several machines share one. Empty: made once, kept under `data`."""
    old_secret_keys: tuple[str, ...] = _setting((), _secrets, secret=True)
    """Further keys that are known while `secret_key` is replaced (ADR 10), with commas between them."""
    keep_contacts_days: int = _setting(30, _whole(1, 365))
    """How long after a lecture names, contacts and answers of those who registered are kept."""
    keep_access_days: int = _setting(1, _whole(0, 30))
    """How long after a lecture it is kept what somebody needs in order to take part."""
    keep_guardians_days: int = _setting(3 * 365, _whole(30, 10 * 365))
    """How long after a lecture the proof is kept that a guardian agreed."""
    check_links: bool = _setting(False, _switch)
    """Whether the worker asks other sites whether what articles and sources link to is still there."""
    scanner: str = _setting("", _program)
    """A virus scanner: given the path of an uploaded file it ends with 0 (harmless) or 1. Empty: none."""
    mail: str = _setting("", _mail, secret=True)
    """How mail leaves: `smtp://user:password@host:port`, `smtps://…`, or `file:DIR`. Empty: `mail/` under `data`."""
    mail_from: str = _setting("mingbai@localhost", _sender)
    """The sender of every mail."""
    sms: str = _setting("", _texts)
    """How short messages leave: a gateway, `https://user:password@host/path`, or `file:DIR`. Empty: `data`/sms."""

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is the embedded one."""
        return self.sqlalchemy_url.startswith("sqlite")

    @property
    def sqlalchemy_url(self) -> str:
        """The database's address for SQLAlchemy."""
        if self.database_url:
            return self.database_url.replace("postgresql://", "postgresql+psycopg://", 1)
        return f"sqlite:///{self.data / 'portal.sqlite3'}"

    @property
    def base_url(self) -> str:
        """The public address without a slash at its end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.public_url or f"http://{host}:{self.port}"

    @property
    def index_folder(self) -> Path:
        """Where the search index lies; derived data, safe to delete."""
        return self.data / "search"

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Read settings from `environ`.

        Raises:
            SettingsError: a `PORTAL_*` variable is unknown or malformed; the message names it.
        """
        known = {PREFIX + item.name.upper(): item for item in fields(cls)}
        values: dict[str, Any] = {}
        for name, text in environ.items():
            if not name.startswith(PREFIX):
                continue
            if name not in known:
                listed = ", ".join(sorted(known))
                raise SettingsError(f"{name} is not a setting of the portal. The settings are: {listed}.")
            try:
                values[known[name].name] = known[name].metadata["read"](text)
            except ValueError as problem:
                said = name if known[name].metadata["secret"] else f"{name} is {text!r}"
                raise SettingsError(f"{said}: {problem}.") from None
        return cls(**values)
