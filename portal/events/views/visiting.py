"""What pages of people who register share: the guard of their forms, how they are kept, the voice of the edition."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any, TypeVar

import flask
from flask import Flask, Response
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from portal.core import web
from portal.core.i18n import to_hant
from portal.core.settings import Audience, Locale, address
from portal.core.web import NO_REFERRER, say_instead
from portal.events.forms import voiced
from portal.events.models import Event
from portal.events.rules import codes, keeping
from portal.events.rules.keeping import AccessNeed, Relation
from portal.events.rules.questions import Question, said

View = TypeVar("View", bound=Callable[..., Any])


def sent_from_here(view: View) -> View:
    """Refuse forms that pages of other sites send; these forms carry no token of a session (`web.is_from_here`)."""

    @wraps(view)
    def guarded(*arguments: Any, **options: Any) -> ResponseReturnValue:
        if flask.request.method == "POST" and not web.is_from_here():
            flask.abort(403)
        answer: ResponseReturnValue = view(*arguments, **options)
        return answer

    return guarded  # type: ignore[return-value]  # the same view


def without_token(app: Flask, views: Iterable[Callable[..., Any]]) -> None:
    """Exempt views from the token of a session, which their visitors do not have; `sent_from_here` guards them."""
    for view in views:
        app.extensions["csrf"].exempt(view)


def here(path: str) -> str:
    """Return the address of a public page in the edition of the request."""
    return address(path, locale=flask.g.locale, audience=flask.g.audience)


def edition() -> tuple[Audience, Locale]:
    """Return the edition and the language of the request."""
    return Audience(flask.g.audience), Locale(flask.g.locale)


def sender() -> str:
    """Return where a request came from; it is counted by and never kept."""
    return flask.request.remote_addr or ""


def personal_page(template: str, *, status: int = 200, **context: Any) -> Response:
    """Return a page that nobody keeps and whose address no other site is told."""
    audience, _locale = edition()
    answer = web.reader_page(
        f"events/{template}",
        status=status,
        gettext=_voiced_gettext,
        ngettext=_voiced_ngettext,
        spoken=codes.spoken,
        keeping=keeping,
        needs_in_words=NEEDS,
        needs_options=[(need.value, voiced(words(), audience), "", "") for need, words in NEEDS.items()],
        relations=RELATIONS,
        relation_options=[(one.value, voiced(words(), audience), "", "") for one, words in RELATIONS.items()],
        choices_of=choices_of,
        young=audience is Audience.YOUTH,
        title_of=title_of,
        **context,
    )
    answer.headers["Cache-Control"] = "no-store"
    say_instead(NO_REFERRER)
    return answer


def title_of(event: Event) -> Mapping[str, str]:
    """Return the title of a lecture by language."""
    found: Mapping[str, str] = (event.words or {}).get("title", {})
    return found


def choices_of(question: Question) -> list[tuple[str, str, str, str]]:
    """Return the options of a question as rows of a form."""
    _audience, locale = edition()
    rows = []
    for option in question.options:
        words, language = said(option.label, locale)
        converts = locale is Locale.HANT and language is Locale.HANS
        foreign = language.value if language is not locale and not converts else ""
        rows.append((option.key, to_hant(words) if converts else words, "", foreign))
    return rows


NEEDS: dict[AccessNeed, Callable[[], str]] = {
    AccessNeed.STEP_FREE: lambda: gettext("A way without steps, and room for a wheelchair"),
    AccessNeed.HEARING: lambda: gettext("To hear well: a hearing loop, or a seat in front"),
    AccessNeed.SIGN_LANGUAGE: lambda: gettext("Sign language"),
    AccessNeed.LARGE_PRINT: lambda: gettext("Handouts in large print"),
    AccessNeed.CARER: lambda: gettext("A seat beside me for somebody who helps me"),
    AccessNeed.OTHER: lambda: gettext("Something else"),
}
RELATIONS: dict[Relation, Callable[[], str]] = {
    Relation.PARENT: lambda: gettext("Father or mother"),
    Relation.GRANDPARENT: lambda: gettext("Grandfather or grandmother who is the guardian"),
    Relation.OTHER_GUARDIAN: lambda: gettext("Another guardian"),
}


@pass_context
def _voiced_gettext(context: Context, text: str, **values: Any) -> str:
    """Say a text in the voice of the edition, as the `_` of templates does: what is put in is escaped."""
    return Markup(_voice(gettext(text))) % values  # noqa: S704  # nosec B704  # from the catalogue


@pass_context
def _voiced_ngettext(context: Context, one: str, many: str, num: int, **values: Any) -> str:
    """Say a text with a number in the voice of the edition."""
    safe = {name: escape(value) if isinstance(value, str) else value for name, value in values.items()}
    return Markup(_voice(ngettext(one, many, num, **safe)))  # noqa: S704  # nosec B704  # as above


def _voice(text: str) -> str:
    return voiced(text, flask.g.audience)
