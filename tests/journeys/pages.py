"""The kinds of public pages, the editions and languages they come in, and the screens people read them on."""

from __future__ import annotations

from urllib.parse import quote

from portal.core.settings import AUDIENCES, LOCALES
from portal.reference.rules import address

ARTICLE = "/articles/fake-police-safe-account"
PAGES = {
    "home": "/",
    "topics": "/topics/",
    "group": "/topics/fraud",
    "topic": "/topics/police-impersonation",
    "article": ARTICLE,
    "leaflet": f"{ARTICLE}/leaflet",
    "article without English": "/articles/brushing-orders",
    "numbers": "/hotlines",
    "words": "/glossary",
    "quizzes": "/quizzes/",
    "quiz": "/quizzes/spot-fake-police",
    "lectures": "/events/",
    "past lectures": "/events/?past=1&topic=fraud",
    "calendar": "/events/calendar",
    "lecture": "/events/example-deposits",
    "code of a registration": "/events/code",
    "about": "/about",
    "offline": "/offline",
    "search": "/search",
    "results": f"/search?q={quote('安全账户')}",
    "nothing found": "/search?q=qzqzqz",
    "missing": "/articles/no-such-article",
}
EDITIONS = [(locale.value, audience.value) for locale in LOCALES for audience in AUDIENCES]
CHINESE = [audience.value for audience in AUDIENCES]
WIDTHS = (320, 360, 768, 1024, 1280, 1440)
PHONE = (360, 740)
DESKTOP = (1280, 800)
PATIENCE_MS = 60_000
"""When something that never shows is given up; a busy machine may take long for what does."""
UNFOLD = "document.querySelectorAll('details').forEach(one => { one.removeAttribute('name'); one.open = true })"
"""A script that opens everything that is folded."""


def place(path: str, locale: str = "zh-Hans", audience: str = "general", **query: str) -> str:
    """Return the address of a page in an edition."""
    extra = "&".join(f"{name}={quote(value)}" for name, value in query.items())
    full = address(path, locale=locale, audience=audience)
    return full if not extra else f"{full}{'&' if '?' in full else '?'}{extra}"
