"""The audiences and languages that the portal speaks to, and the addresses of their pages."""

from __future__ import annotations

from collections.abc import Mapping

from portal.core.settings import AUDIENCES, LOCALES, Audience, Locale

__all__ = ["AUDIENCES", "DEFAULT_AUDIENCE", "DEFAULT_LOCALE", "LOCALES", "Audience", "Locale", "address", "localised"]

DEFAULT_AUDIENCE = Audience.GENERAL
DEFAULT_LOCALE = Locale.HANS


def address(path: str, *, locale: str = DEFAULT_LOCALE, audience: str = DEFAULT_AUDIENCE) -> str:
    """Return the address of `path` (which begins with a slash) in one language and edition.

    The defaults are left out, so that every page has exactly one address.
    """
    prefix = "" if locale == DEFAULT_LOCALE else f"/{locale}"
    if audience != DEFAULT_AUDIENCE:
        prefix += f"/{audience}"
    return prefix + path if prefix == "" or path != "/" else prefix + "/"


def localised(text: Mapping[str, str], locale: str) -> tuple[str, Locale]:
    """Return localised `text` for `locale` and the language it is really in.

    zh-Hant and en fall back to zh-Hans, the language every text exists in; the caller converts or says so.
    """
    if locale in text:
        return text[locale], Locale(locale)
    return text.get(Locale.HANS, ""), Locale.HANS
