"""Words of messages about lectures that are made of values: the place, and what stands in calendars."""

from __future__ import annotations

import unicodedata

from portal.core.settings import Locale
from portal.events.rules.when import comma

ONLINE = {Locale.HANS: "线上", Locale.HANT: "線上", Locale.EN: "Online"}
CALLED_OFF = {Locale.HANS: "（取消）{}", Locale.HANT: "（取消）{}", Locale.EN: "Called off: {}"}
CODE = {
    Locale.HANS: "报名码：{}（到场时出示或念出来）",
    Locale.HANT: "報名碼：{}（到場時出示或唸出來）",
    Locale.EN: "Code: {} (show it or say it at the door)",
}
TELEPHONE = {Locale.HANS: "电话：{}", Locale.HANT: "電話：{}", Locale.EN: "Telephone: {}"}
LONGEST_TITLE, LONGEST_REASON = 40, 60
"""Characters of a title, and of a reason, in a short message."""


def place(venue: str, address: str, locale: Locale) -> str:
    """Return where a lecture is held, in one line."""
    return comma(locale).join(part for part in (one_line(venue), one_line(address)) if part)


def one_line(text: str) -> str:
    """Return a text of the desk as one line without control characters, fit for a subject."""
    spaced = "".join(" " if unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"} else sign for sign in text)
    return " ".join(spaced.split())


def short(text: str, most: int) -> str:
    """Return at most `most` characters of a line."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
