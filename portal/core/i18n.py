"""Languages: which catalogue a request speaks, and zh-Hant made from zh-Hans where nobody wrote it."""

from __future__ import annotations

import re
from functools import lru_cache

import flask
from flask_babel import Babel, gettext
from opencc import OpenCC

from portal.core.errors import Said

CATALOGUES = {"zh-Hans": "zh_Hans", "zh-Hant": "zh_Hant", "en": "en"}

# What `s2hk` writes by the Hong Kong standard but readers of this site's zh-Hant expect otherwise, corrected by hand.
OVERRIDES = (
    ("裏", "裡"),
    ("麪", "麵"),
    ("鈎", "鉤"),
    ("羣", "群"),
    ("峯", "峰"),
    ("衞", "衛"),
    ("綫", "線"),
    ("啓", "啟"),
    # Where a word boundary was guessed wrong:
    ("亂髮", "亂發"),
    ("髮卡", "發卡"),
    ("卡里", "卡裡"),
    ("電話里", "電話裡"),
)

babel = Babel()
_TAG = re.compile(r"(<[^>]*>)")


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    return OpenCC("s2hk")


@lru_cache(maxsize=4096)
def _short(text: str) -> str:
    return _convert(text)


def _convert(text: str) -> str:
    converted: str = _converter().convert(text)
    for wrong, right in OVERRIDES:
        converted = converted.replace(wrong, right)
    return converted


def to_hant(text: str) -> str:
    """Return zh-Hans `text` in traditional characters; mainland words stay (网络 becomes 網絡, not 網路)."""
    return _short(text) if len(text) < 200 else _convert(text)


def html_to_hant(html: str) -> str:
    """Return sanitised `html` with its text in traditional characters; addresses and attributes stay as they are."""
    pieces = _TAG.split(html)
    pieces[::2] = [to_hant(text) if text else text for text in pieces[::2]]
    return "".join(pieces)


def select_locale() -> str:
    """Return the catalogue of the request at hand; English outside requests."""
    if not flask.has_request_context():
        return "en"
    return CATALOGUES[flask.g.get("locale", "zh-Hans")]


def in_words(sentence: str) -> str:
    """Return a sentence of the rules in the language of the request."""
    if not isinstance(sentence, Said):
        return sentence
    values = {name: in_words(value) if isinstance(value, str) else value for name, value in sentence.values.items()}
    return str(gettext(sentence.msgid, **values))
