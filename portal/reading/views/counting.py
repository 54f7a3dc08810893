"""What a small script on a page tells: that it was read, or what was searched for. Nobody is asked who they are.

Pages come from caches (`core.delivery`), of the portal and of browsers, so the portal does not see each time somebody
reads one. That holds for pages of searches too: a question that two readers ask is answered once. So the page itself
tells, and readers without scripts are not counted.

An answer must cost nothing: what is told is noted in memory and answered with 204, whatever becomes of it. A thread
writes down what has come within a second, as one unit. Where the database does not let it in time, or the process
ends, these notes are lost; readers never wait for them.
"""

from __future__ import annotations

import hmac
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

import flask
from flask import Flask, Response
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from portal.articles import services
from portal.articles.rules import choose, is_bot, kept_term
from portal.articles.services import Asked, Opened
from portal.core import clock, crypto
from portal.core.database import db, site_version, transaction
from portal.core.settings import Audience, Locale, Settings
from portal.core.web import is_from_here, public_page
from portal.reading.queries import Keeper
from portal.reading.views.reader import Reader, blueprint

log = logging.getLogger(__name__)

GATHER_S = 1.0
"""How long notes are gathered before they are written down together."""
MOST_WAITING = 2_000
"""Notes that wait in one process; what comes on top is not counted."""
AGENT_CHARS = 300
PURPOSE = "asked"


@dataclass(frozen=True, slots=True)
class _Opening:
    """An article's page was read in the edition that its address names."""

    slug: str
    audience: Audience
    locale: Locale
    completed: bool
    address: str
    agent: str
    at: datetime


_Told = _Opening | Asked


class Notebook:
    """What pages have told this process and nobody has written down yet."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._waiting: list[_Told] = []
        self._list = threading.Lock()
        self._writing = threading.Lock()
        self._thread: threading.Thread | None = None

    def note(self, told: _Told) -> None:
        """Write `told` down soon. Never waits for the database, and never raises."""
        with self._list:
            if len(self._waiting) >= MOST_WAITING:
                return
            self._waiting.append(told)
            # A process that was forked has the thread's name and not the thread.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, name="counting", daemon=True)
                try:
                    self._thread.start()
                except RuntimeError:  # no thread to be had: the next note tries again
                    self._thread = None

    def flush(self) -> None:
        """Write down what waits, or lose it."""
        with self._writing:
            with self._list:
                told, self._waiting = self._waiting, []
            if told:
                try:
                    self._write(told)
                except Exception as problem:  # lost, and nobody's page with it
                    log.warning("%d reads and searches were not counted: %s", len(told), type(problem).__name__)

    def _work(self) -> None:
        while True:
            time.sleep(GATHER_S)
            self.flush()
            with self._list:
                if not self._waiting:
                    self._thread = None
                    return

    def _write(self, told: list[_Told]) -> None:
        settings: Settings = self._app.config["PORTAL"]
        keeper: Keeper = self._app.extensions["reading"]
        with self._app.app_context():
            try:
                cards = keeper.snapshot(db.session, site_version(db.session())).cards_by_slug
                notes: list[Opened | Asked] = []
                for one in told:
                    if isinstance(one, Asked):
                        notes.append(one)
                    # The edition that was shown, by the rule that shows it; of what is not public, none.
                    elif choice := choose(cards.get(one.slug, {}), audience=one.audience, locale=one.locale):
                        notes.append(
                            Opened(
                                slug=one.slug,
                                audience=choice.audience,
                                locale=choice.locale,
                                completed=one.completed,
                                address=one.address,
                                agent=one.agent,
                                at=one.at,
                            )
                        )
                with transaction() as session:
                    services.count(session, notes=notes, zone=settings.timezone, at=clock.now())
            finally:
                db.session.remove()


def notebook(app: Flask) -> Notebook:
    """Return the notebook of an application."""
    found: Notebook = app.extensions["counting"]
    return found


@public_page(blueprint, "/articles/<slug:slug>/read", methods=("POST",))
def read(slug: str) -> ResponseReturnValue:
    """Take in that an article has been on somebody's screen for a while."""
    return _opened(slug, completed=False)


@public_page(blueprint, "/articles/<slug:slug>/completed", methods=("POST",))
def completed(slug: str) -> ResponseReturnValue:
    """Take in that somebody has come to the end of an article, not faster than anybody reads."""
    return _opened(slug, completed=True)


@public_page(blueprint, "/search/asked", methods=("POST",))
def asked() -> ResponseReturnValue:
    """Take in what somebody has searched for, as the page of its results has it sealed.

    Without the seal anybody could put words into the figures that the search has never answered.
    """
    form = flask.request.form
    term, nothing, seal = form.get("term", ""), form.get("nothing", ""), form.get("seal", "")
    known = crypto.keyed_digests(_sealed(term, nothing), purpose=PURPOSE)
    if not any(hmac.compare_digest(one.encode(), seal.encode()) for one in known):
        return _thanks()
    return _take(lambda address, agent: Asked(address, agent, clock.now(), term, nothing == "1"))


def telling(reader: Reader, text: str, *, total: int) -> dict[str, str]:
    """Return what the page of a search tells the portal when somebody looks at it: the address, and the form."""
    term, nothing = kept_term(text), "0" if total else "1"
    if not term:
        return {}
    seal = crypto.keyed_digest(_sealed(term, nothing), purpose=PURPOSE)
    return {
        "place": reader.url("/search/asked"),
        "form": urlencode({"term": term, "nothing": nothing, "seal": seal}),
    }


def _sealed(term: str, nothing: str) -> str:
    return f"{nothing}\n{term}"


def _opened(slug: str, *, completed: bool) -> Response:
    audience, locale = Audience(flask.g.audience), Locale(flask.g.locale)
    return _take(lambda address, agent: _Opening(slug, audience, locale, completed, address, agent, clock.now()))


def _take(told: Callable[[str, str], _Told]) -> Response:
    """Note what a reader's page tells. The answer says nothing of what becomes of it."""
    request = flask.request
    agent = request.headers.get("User-Agent", "")[:AGENT_CHARS]
    if is_from_here() and _is_beacon() and not is_bot(agent):
        notebook(flask.current_app).note(told(request.remote_addr or "", agent))
    return _thanks()


def _is_beacon() -> bool:
    """Return whether a browser says that a script of a page of ours sends this, now that somebody looks at it.

    Browsers say it by `Sec-Fetch-*`; those of before 2023, and all where there is no TLS, by `Origin` alone.
    """
    said = flask.request.headers
    if "prefetch" in said.get("Sec-Purpose", said.get("Purpose", "")):
        return False
    if "Sec-Fetch-Site" in said:
        return said["Sec-Fetch-Site"] == "same-origin" and said.get("Sec-Fetch-Mode") != "navigate"
    return "Origin" in said


def _thanks() -> Response:
    answer = Response(status=204)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.record_once
def _without_token(state: BlueprintSetupState) -> None:
    state.app.extensions["counting"] = Notebook(state.app)  # type: ignore[arg-type]  # an App that is a Flask
    # No token, as for "Was this helpful?": pages are the same for everybody, and nothing is done in anybody's name.
    for view in (read, completed, asked):
        state.app.extensions["csrf"].exempt(view)
