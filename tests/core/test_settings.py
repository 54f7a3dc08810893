"""Settings: every variable is read, and every mistake is named."""

import dataclasses
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.settings import PREFIX, ROOT, Settings, SettingsError

READ = [
    ("DATA", "/srv/portal", "data", Path("/srv/portal")),
    ("DATA", "var/x", "data", ROOT / "var" / "x"),
    ("DATABASE_URL", "postgresql://me@db/portal", "database_url", "postgresql://me@db/portal"),
    ("DATABASE_URL", "postgresql+psycopg://me@db:5432/p", "database_url", "postgresql+psycopg://me@db:5432/p"),
    ("DATABASE_URL", "sqlite:////srv/p.sqlite3", "database_url", "sqlite:////srv/p.sqlite3"),
    ("PUBLIC_URL", "https://example.org/", "public_url", "https://example.org"),
    ("PUBLIC_URL", "http://example.org:8080", "public_url", "http://example.org:8080"),
    ("TRUSTED_HOSTS", "Example.org, .b.example,", "trusted_hosts", ("example.org", ".b.example")),
    ("PROXIES", "2", "proxies", 2),
    ("HOST", "0.0.0.0", "host", "0.0.0.0"),  # noqa: S104  # a value to read, nothing is bound
    ("HOST", "localhost", "host", "127.0.0.1"),
    ("HOST", "::1", "host", "::1"),
    ("PORT", "0", "port", 0),
    ("WORKERS", "64", "workers", 64),
    ("THREADS", " 2 ", "threads", 2),
    ("TIMEZONE", "Europe/Berlin", "timezone", ZoneInfo("Europe/Berlin")),
    ("PAGE_CACHE_MB", "0", "page_cache_mb", 0),
    ("SECRET_KEY", "k" * 32, "secret_key", "k" * 32),
    ("OLD_SECRET_KEYS", f"{'a' * 32}, {'b' * 32},", "old_secret_keys", ("a" * 32, "b" * 32)),
    ("KEEP_CONTACTS_DAYS", "14", "keep_contacts_days", 14),
    ("KEEP_ACCESS_DAYS", "0", "keep_access_days", 0),
    ("KEEP_GUARDIANS_DAYS", "3650", "keep_guardians_days", 3650),
    ("CHECK_LINKS", "on", "check_links", True),
    ("CHECK_LINKS", "0", "check_links", False),
    ("SCANNER", "/bin/sh", "scanner", "/bin/sh"),
    ("MAIL", "smtp://mail.example:25", "mail", "smtp://mail.example:25"),
    ("MAIL", "smtp+starttls://me:word@mail.example:587", "mail", "smtp+starttls://me:word@mail.example:587"),
    ("MAIL", "file:/srv/mail", "mail", "file:/srv/mail"),
    ("MAIL", "file:var/mail", "mail", f"file:{ROOT / 'var' / 'mail'}"),
    ("MAIL_FROM", "portal@bank.example", "mail_from", "portal@bank.example"),
    ("SMS", "https://me:word@sms.example/send?v=1", "sms", "https://me:word@sms.example/send?v=1"),
    ("SMS", "http://127.0.0.1:8080/send", "sms", "http://127.0.0.1:8080/send"),
    ("SMS", "file:/srv/sms", "sms", "file:/srv/sms"),
]
MALFORMED = [
    *[("SECRET_KEY", text) for text in ("", "short", "k" * 31)],
    *[("OLD_SECRET_KEYS", text) for text in ("short", "k" * 31, f"{'k' * 32},short")],
    *[("KEEP_CONTACTS_DAYS", text) for text in ("", "0", "366", "x")],
    *[("KEEP_ACCESS_DAYS", text) for text in ("-1", "31")],
    *[("KEEP_GUARDIANS_DAYS", text) for text in ("29", "3651")],
    *[("CHECK_LINKS", text) for text in ("", "2", "maybe")],
    *[("SCANNER", text) for text in ("", "sh", "/no/such/program", "/tmp", "/bin/sh -c", "/bin/s\0h")],  # noqa: S108  # a folder
    *[("MAIL", text) for text in ("", "mail.example", "http://mail.example", "smtp://", "smtp://h:x", "smtp://h/path")],
    *[
        ("SMS", text)
        for text in ("", "sms.example", "http://sms.example/send", "https://", "https://h:x/", "https://h/#x")
    ],
    *[("MAIL_FROM", text) for text in ("", "me", "me@", "a@b\nBcc: c@d", "Me <me@b>", "a@b, c@d")],
    *[("DATA", text) for text in ("", "  ", "a\0b")],
    *[
        ("DATABASE_URL", text)
        for text in (
            "",
            "postgres://me@db/p",
            "mysql://me@db/p",
            "sqlite://",
            "sqlite:///",
            "sqlite:///:memory:",
            "sqlite:///relative.db",
            "sqlite:////srv/p.db?timeout=1",
            "postgresql://me@db:port/p",
            "postgresql://me@db:99999/p",
        )
    ],
    *[
        ("PUBLIC_URL", text)
        for text in (
            "",
            "example.org",
            "ftp://example.org",
            "https://",
            "https://example.org/portal",
            "https://example.org?a=b",
            "https://example.org#a",
            "https://exa mple.org",
            "https://example.org:99999",
            "https://user:secret@example.org",
            "http://[",
            "javascript:alert(1)",
        )
    ],
    *[("TRUSTED_HOSTS", text) for text in ("", ",", "https://example.org", "a b", "me@b", "a\\b", "a\tb", "a<b")],
    *[("PROXIES", text) for text in ("", "-1", "6", "one", "１", "1.0", "9" * 5000)],
    *[("HOST", text) for text in ("", "example.org", "256.1.1.1", "127.0.0.1:80")],
    *[("PORT", text) for text in ("", "-1", "65536", "8000 8001", "0x50")],
    *[("WORKERS", text) for text in ("", "0", "65")],
    *[("THREADS", text) for text in ("", "1", "65")],
    *[("TIMEZONE", text) for text in ("", "Mars/Base", "../etc/passwd", "/etc/passwd", "Asia", "a\0b")],
    *[("PAGE_CACHE_MB", text) for text in ("", "-1", "4097", "all")],
]


@pytest.mark.parametrize(("name", "text", "field", "value"), READ)
def test_a_variable_becomes_its_field(name: str, text: str, field: str, value: object) -> None:
    assert getattr(Settings.from_env({PREFIX + name: text}), field) == value


def test_every_field_has_a_reading_test_and_a_malformed_one() -> None:
    names = {field.name for field in dataclasses.fields(Settings)}
    assert {field for _name, _text, field, _value in READ} == names
    assert {name.lower() for name, _text in MALFORMED} == names


@pytest.mark.parametrize(("name", "text"), MALFORMED)
def test_a_malformed_value_stops_with_a_sentence_that_names_the_variable(name: str, text: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_env({PREFIX + name: text})
    # A mistyped key or password goes into no log.
    secret = name in ("SECRET_KEY", "OLD_SECRET_KEYS", "MAIL", "DATABASE_URL")
    assert str(refused.value).startswith(f"{PREFIX}{name}: " if secret else f"{PREFIX}{name} is {text!r}: ")
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize("name", ["PORTAL_", "PORTAL_DEBUG", "PORTAL_data", "PORTAL_PORTS", "PORTAL_端口"])
def test_an_unknown_variable_stops_with_a_sentence_that_lists_the_known_ones(name: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_env({name: "1"})
    assert str(refused.value).startswith(
        f"{name} is not a setting of the portal. The settings are: PORTAL_CHECK_LINKS, "
    )


def test_other_variables_are_no_business_of_the_portal() -> None:
    assert Settings.from_env({"PATH": "/bin", "XPORTAL_PORT": "x", "portal_port": "x"}) == Settings()


def test_settings_cannot_be_changed() -> None:
    settings = Settings()
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.port = 1  # type: ignore[misc]  # the point of the test


def test_the_database_lies_under_data_unless_named() -> None:
    assert Settings(data=Path("/srv")).sqlalchemy_url == "sqlite:////srv/portal.sqlite3"
    assert Settings(data=Path("/srv")).is_sqlite is True
    named = Settings(database_url="postgresql://db/p")
    assert (named.sqlalchemy_url, named.is_sqlite) == ("postgresql+psycopg://db/p", False)


def test_the_base_address_is_the_public_one_or_that_of_the_server() -> None:
    assert Settings(public_url="https://example.org").base_url == "https://example.org"
    assert Settings(port=8001).base_url == "http://127.0.0.1:8001"
    assert Settings(host="::1").base_url == "http://[::1]:8000"


@given(name=st.sampled_from([field.name for field in dataclasses.fields(Settings)]), text=st.text())
def test_any_value_is_read_or_refused_with_its_name(name: str, text: str) -> None:
    variable = PREFIX + name.upper()
    refusal = ""
    try:
        Settings.from_env({variable: text})
    except SettingsError as refused:
        refusal = str(refused)
    assert refusal == "" or refusal.startswith((f"{variable} is ", f"{variable}: "))
