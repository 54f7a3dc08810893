"""How short messages leave: to a gateway by HTTP, or into a folder.

A gateway gets a POST of `{"id": …, "to": "13800000000", "text": …}`. The same `id` is the same message: a gateway that
keeps ids delivers it once, also when it is sent again because an answer was lost.
"""

from __future__ import annotations

import base64
import http.client
import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from portal.core.settings import Settings
from portal.messages.queries import Letter
from portal.messages.services.transports import Refused, Unreachable, Way, write_privately

TIMEOUT_S = 20
ABOUT_US = frozenset({401, 403, 407})
"""The gateway does not know us: that is a setting, which somebody can mend, and no fault of the message."""
LATER = frozenset({408, 425, 429})
"""Answers of the 4xx kind that ask to come again."""


def way(settings: Settings) -> Way:
    """Return the way that these settings name."""
    if settings.sms.startswith("file:") or not settings.sms:
        named = settings.sms.removeprefix("file:")
        return Folder(Path(named) if named else settings.data / "sms")
    return Gateway(settings.sms)


class Folder:
    """Writes each message as a file that only its owner can read; the same message again replaces it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def hand_over(self, letter: Letter) -> None:
        """Write `<key>.txt`: the number, then the words."""
        write_privately(self._folder / f"{letter.key}.txt", f"{letter.recipient}\n{letter.body}\n".encode())

    def close(self) -> None:
        """Nothing is open."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows nothing: numbers and words go to the address that was set, and nowhere else."""

    def redirect_request(self, *_values: Any) -> None:
        """Refuse."""


class Gateway:
    """Hands each message to a gateway by HTTP; no proxy of the environment is asked."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "mingbai"}
        if parts.username:
            word = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            self._headers["Authorization"] = f"Basic {base64.b64encode(word.encode()).decode()}"
        self._url = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
        self._opener = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))

    def hand_over(self, letter: Letter) -> None:
        """Send one message; any answer of the 2xx kind takes it."""
        said = {"id": letter.key, "to": letter.recipient, "text": letter.body}
        request = urllib.request.Request(  # noqa: S310  # a setting, which is http or https
            self._url, json.dumps(said, ensure_ascii=False).encode(), self._headers, method="POST"
        )
        try:
            self._opener.open(request, timeout=TIMEOUT_S).close()
        except urllib.error.HTTPError as problem:
            problem.close()
            _refused(problem.code)
        except urllib.error.URLError as problem:
            # The reason says more, but only its kind is kept: its text may name what was sent.
            raise Unreachable(type(problem.reason).__name__) from None
        except (OSError, http.client.HTTPException) as problem:
            raise Unreachable(type(problem).__name__) from None

    def close(self) -> None:
        """Every message had a connection of its own."""


def _refused(code: int) -> None:
    if code in ABOUT_US or 300 <= code < 400:
        raise Unreachable(f"HTTP {code}")
    raise Refused(f"HTTP {code}", permanent=400 <= code < 500 and code not in LATER)
