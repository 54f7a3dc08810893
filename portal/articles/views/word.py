"""Bringing a Word file into the editor: it stands there as typed text, not saved."""

from __future__ import annotations

from collections.abc import Callable

import flask
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from portal.articles import services
from portal.articles.services import Dropped, WordFlaw
from portal.articles.views.common import article_or_404, blueprint, refusals
from portal.articles.views.editor import PARTS, PLACE, keep_typed, present_text
from portal.core.access import Permission, requires

FLAWS: dict[WordFlaw, Callable[[], str]] = {
    WordFlaw.NOT_WORD: lambda: gettext("This is no Word file that can be read. Save it as .docx and try again."),
    WordFlaw.TOO_LARGE: lambda: gettext("The file is too large. Take its pictures out and try again."),
    WordFlaw.EMPTY: lambda: gettext("There is no text in this file."),
    WordFlaw.TOO_LONG: lambda: gettext("The text is longer than an article may be. Divide it."),
}
LEFT_OUT: dict[Dropped, Callable[[int], str]] = {
    Dropped.PICTURES: lambda count: ngettext("%(num)d picture", "%(num)d pictures", count),
    Dropped.FOOTNOTES: lambda count: ngettext("%(num)d footnote", "%(num)d footnotes", count),
    Dropped.COMMENTS: lambda count: ngettext("%(num)d comment", "%(num)d comments", count),
    Dropped.BOXES: lambda count: ngettext("%(num)d text box", "%(num)d text boxes", count),
    Dropped.LINKS: lambda count: ngettext("the target of %(num)d link", "the targets of %(num)d links", count),
    Dropped.TABLES: lambda count: ngettext(
        "the lines of %(num)d table inside a table", "the lines of %(num)d tables inside tables", count
    ),
}


@blueprint.post(f"{PLACE}/word")
@requires(Permission.WRITE)
@refusals
def word(article_id: int, audience: str, language: str) -> ResponseReturnValue:
    """Take a Word file into the editor, in the place of what was typed and not saved."""
    article = article_or_404(article_id)
    there = flask.url_for("articles.edit", article_id=article.id, audience=audience, language=language)
    file = flask.request.files.get("file")
    try:
        found = services.from_word(file.read() if file is not None else b"")
    except services.WordRefused as problem:
        flask.flash(FLAWS[problem.flaw](), "careful")
        return flask.redirect(there, 303)
    _edition, latest = present_text(article, audience, language)
    content = {name: getattr(latest, name) if latest is not None else "" for name in PARTS}
    content |= {"body": found.body, "title": content["title"] or found.title[:120]}
    keep_typed(article, audience, language, content, base=latest.number if latest is not None else 0)
    flask.flash(gettext("The text of the Word file stands in the form. It is not saved yet."))
    dropped = [LEFT_OUT[kind](found.dropped[kind]) for kind in Dropped if found.dropped[kind]]
    if dropped:
        flask.flash(gettext("Left out: %(what)s.", what=gettext(", ").join(dropped)), "careful")
    return flask.redirect(there, 303)
