"""Bringing a text from Word into the editor, as a file or by the clipboard; nothing is saved."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import flask
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from portal.articles import services
from portal.articles.rules.written import MOST_PICTURES, Converted, Dropped, presentable, with_pictures
from portal.articles.services import WordFlaw
from portal.articles.services.word import MAX_FILE
from portal.articles.views.common import article_or_404, blueprint, refusals
from portal.articles.views.editor import LANGUAGE, PARTS, PLACE, keep_typed, present_text
from portal.core import access, clock
from portal.core.access import Permission, requires
from portal.core.database import db, transaction
from portal.core.settings import Locale, Settings
from portal.media import services as media
from portal.media.rules import MARKS, Kind, Refused
from portal.media.rules.words import LONGEST, Words

FLAWS: dict[WordFlaw, Callable[[], str]] = {
    WordFlaw.NOT_WORD: lambda: gettext("This is no Word file that can be read. Save it as .docx and try again."),
    WordFlaw.TOO_LARGE: lambda: gettext("The file is too large. Take its pictures out and try again."),
    WordFlaw.EMPTY: lambda: gettext("There is no text in this file."),
    WordFlaw.TOO_LONG: lambda: gettext("The text is longer than an article may be. Divide it."),
}
LEFT_OUT: dict[Dropped, Callable[[int], str]] = {
    Dropped.PICTURES: lambda count: ngettext("%(num)d picture", "%(num)d pictures", count),
    Dropped.UNDESCRIBED: lambda count: ngettext(
        "%(num)d picture without alternative text (in Word: right click, alternative text)",
        "%(num)d pictures without alternative text (in Word: right click, alternative text)",
        count,
    ),
    Dropped.UNSOURCED: lambda count: ngettext(
        "%(num)d picture, because its source and licence were not given",
        "%(num)d pictures, because their source and licence were not given",
        count,
    ),
    Dropped.FOOTNOTES: lambda count: ngettext("%(num)d footnote", "%(num)d footnotes", count),
    Dropped.COMMENTS: lambda count: ngettext("%(num)d comment", "%(num)d comments", count),
    Dropped.BOXES: lambda count: ngettext("%(num)d text box", "%(num)d text boxes", count),
    Dropped.LINKS: lambda count: ngettext("the target of %(num)d link", "the targets of %(num)d links", count),
    Dropped.TABLES: lambda count: ngettext(
        "the lines of %(num)d table inside a table", "the lines of %(num)d tables inside tables", count
    ),
}

ABOUT = ("source", "licence")
"""What is said once of all pictures of a file or clipboard."""


@blueprint.url_value_preprocessor
def _allow_file(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Let a Word file or copied pictures be sent, before anything reads the form; whoever does not write is refused."""
    asking = access.actor()
    if endpoint in ("articles.word", "articles.pasted") and asking and asking.may(Permission.WRITE):
        flask.request.max_content_length = MAX_FILE + 100_000


@blueprint.post(f"{PLACE}/word")
@requires(Permission.WRITE)
@refusals
def word(article_id: int, audience: str, language: str) -> ResponseReturnValue:
    """Take a Word file into the editor, in the place of what was typed and not saved; its pictures into the library."""
    article = article_or_404(article_id)
    place_of: dict[str, Any] = {"article_id": article.id, "audience": audience, "language": language}
    file = flask.request.files.get("file")
    try:
        found = services.from_word(file.read() if file is not None else b"")
    except services.WordRefused as problem:
        flask.flash(FLAWS[problem.flaw](), "careful")
        again: dict[str, Any] = {name: value for name in ABOUT if (value := _about(name))}
        return flask.redirect(flask.url_for("articles.edit", **place_of, **again), 303)
    body = _with_pictures(found, Locale(language))
    _edition, latest = present_text(article, audience, language)
    content = {name: getattr(latest, name) if latest is not None else "" for name in PARTS}
    content |= {"body": body, "title": content["title"] or found.title[:120]}
    keep_typed(article, audience, language, content, base=latest.number if latest is not None else 0)
    flask.flash(gettext("The text of the Word file stands in the form. It is not saved yet."))
    told = left_out(found.dropped)
    if told:
        flask.flash(told, "careful")
    return flask.redirect(flask.url_for("articles.edit", **place_of), 303)


@blueprint.post(f"/desk/pasted/{LANGUAGE}")
@requires(Permission.WRITE)
def pasted(language: str) -> ResponseReturnValue:
    """Return what was copied in Word or a browser as Markdown, its pictures in the library, and what was left out."""
    pictures = {
        name.removeprefix("picture-"): (file.filename or "", file.read())
        for name, file in list(flask.request.files.items())[:MOST_PICTURES]
    }
    try:
        found = services.from_clipboard(flask.request.form.get("html", ""), pictures)
    except services.PastedRefused:
        return {"said": gettext("Only the bare words were taken: what you copied is too large or holds no text.")}, 422
    return {"text": _with_pictures(found, Locale(language)), "said": left_out(found.dropped)}


def _about(name: str) -> str:
    """Return what was typed of the pictures of a Word file."""
    return " ".join(flask.request.form.get(name, "").split())[: LONGEST[name]]


def left_out(dropped: Counter[Dropped]) -> str:
    """Return in words what was left out; empty: nothing."""
    parts = [LEFT_OUT[kind](dropped[kind]) for kind in Dropped if dropped[kind]]
    return str(gettext("Left out: %(what)s.", what=gettext(", ").join(parts))) if parts else ""


def _with_pictures(found: Converted, locale: Locale) -> str:
    """Return the text with its pictures in the library of media; of those that cannot be there stands a word."""
    settings: Settings = flask.current_app.config["PORTAL"]
    source, licence = (_about(name) for name in ABOUT)
    lines: dict[int, str] = {}
    with ExitStack() as files:
        taken: list[tuple[int, media.Received, Words]] = []
        for number, picture in presentable(found, source=source, licence=licence).items():
            said = picture.said[: LONGEST["alt"]]
            words = Words(title=said[: LONGEST["title"]], alt=said, source=source, licence=licence, locale=locale)
            stream = io.BytesIO(picture.data)
            try:
                received = files.enter_context(
                    media.received(stream, filename=picture.name, data=settings.data, scanner=settings.scanner)
                )
            except Refused:
                found.dropped[Dropped.PICTURES] += 1
            else:
                taken.append((number, received, words))
        if taken:
            with transaction():
                for number, received, words in taken:
                    key = _into_library(received, words, settings)
                    lines[number] = f"[{MARKS[Kind.PICTURE]}：{key}]"
    return with_pictures(found, lines)


def _into_library(received: media.Received, words: Words, settings: Settings) -> str:
    try:
        return media.add(
            db.session(), received=received, words=words, data=settings.data, by=access.present().name, at=clock.now()
        ).key
    except media.Duplicate as there:
        return there.key
