"""Which language a localised text is given in; and the editions and addresses of `core.settings` under one roof."""

from __future__ import annotations

from collections.abc import Mapping

from portal.core.settings import AUDIENCES, DEFAULT_AUDIENCE, DEFAULT_LOCALE, LOCALES, Audience, Locale, address

__all__ = ["AUDIENCES", "DEFAULT_AUDIENCE", "DEFAULT_LOCALE", "LOCALES", "Audience", "Locale", "address", "localised"]


def localised(text: Mapping[str, str], locale: str) -> tuple[str, Locale]:
    """Return localised `text` for `locale` and the language it is really in.

    zh-Hant and en fall back to zh-Hans, the language every text exists in; the caller converts or says so.
    """
    if locale in text:
        return text[locale], Locale(locale)
    return text.get(Locale.HANS, ""), Locale.HANS
