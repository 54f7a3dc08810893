"""The item bank, and the editor of a question: its fields by kind, every voice of it, the check beside it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import flask
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from portal.articles.rules import State
from portal.core import clock
from portal.core.access import Permission, requires
from portal.core.database import db, local_day, transaction
from portal.core.forms import Form, whole_number
from portal.media import queries as media
from portal.quizzes import forms, services
from portal.quizzes.models import Document, Revision
from portal.quizzes.queries import desk as queries
from portal.quizzes.queries import results
from portal.quizzes.rules.bank import Sort
from portal.quizzes.rules.items import Difficulty, Item, Kind, from_plain, markings, to_plain
from portal.quizzes.views import words
from portal.quizzes.views.common import blueprint, document_or_404, me, refusals, save
from portal.quizzes.views.judging import Changes, compare, item_parts, panel, sayings, share_word, typed_panel
from portal.reference import queries as reference

SECTION = "bank.questions"


@blueprint.get("/desk/questions/")
@requires(Permission.DESK)
def questions() -> ResponseReturnValue:
    """List the questions, by topic, kind, difficulty, state and words, with where they are used."""
    session = db.session()
    args = flask.request.args
    topics = reference.topics(session)
    wanted = queries.BankFilter(
        topic=_one_of(args.get("topic"), {topic.key for topic in topics}),
        kind=_one_of(args.get("kind"), set(Kind)),
        difficulty=_one_of(args.get("difficulty"), set(Difficulty)),
        state=_one_of(args.get("state"), set(State)),
        words=args.get("q", "").replace("\x00", "").strip()[:100],
    )
    found = queries.bank(session, wanted)
    pages = max(1, -(-len(found) // queries.PAGE))
    page = min(max(1, whole_number(args.get("page"), otherwise=1)), pages)
    shown = found[(page - 1) * queries.PAGE : page * queries.PAGE]
    judge, today = services.BankJudge(session), local_day(db.session(), at=clock.now())
    held = {
        row.item.name: judge.item(row.item, today=today).kept_back(services.waivers(session, row.document))
        for row in shown
    }
    return flask.render_template(
        "quizzes/desk/questions.html",
        here_section=SECTION,
        rows=shown,
        held=held,
        usage=queries.usage(session, [row.item for row in shown]),
        total=len(found),
        page=page,
        pages=pages,
        wanted=wanted,
        topics=topics,
        topic_names={topic.key: topic.name["zh-Hans"] for topic in topics},
        kinds=words.KINDS,
        difficulties=words.DIFFICULTIES,
        states=list(State),
        voices=("elderly", "youth", "new-resident", "general.en"),
    )


def _one_of(value: str | None, known: set[Any]) -> str:
    return value if value in known and value else ""


# --- the editor ---------------------------------------------------------------------------------------------------


@blueprint.get("/desk/questions/new")
@requires(Permission.WRITE)
def new_question() -> ResponseReturnValue:
    """Choose the kind of a new question; then write it."""
    kind = flask.request.args.get("kind", "")
    if kind not in set(Kind):
        page = flask.render_template("quizzes/desk/new_question.html", here_section=SECTION, kinds=words.KINDS)
        return page, 400 if kind else 200
    old = _nothing(Kind(kind))
    return _page(old, _form(old, forms.blank(old.kind), new=True), None, None)


@blueprint.post("/desk/questions/new")
@requires(Permission.WRITE)
@refusals
def add_question() -> ResponseReturnValue:
    """Store a new question as a draft."""
    kind = flask.request.form.get("kind", "")
    if kind not in set(Kind):
        flask.abort(400)
    return _take(_nothing(Kind(kind)), None, None)


@blueprint.get("/desk/questions/<slug:name>")
@requires(Permission.DESK)
def question(name: str) -> ResponseReturnValue:
    """Show a question to whoever writes or looks at it."""
    document, latest = document_or_404(Sort.ITEM, name)
    item = from_plain(latest.content)
    return _page(item, _form(item, forms.typed_of(item, base=latest.number), new=False), document, latest)


@blueprint.post("/desk/questions/<slug:name>")
@requires(Permission.WRITE)
@refusals
def save_question(name: str) -> ResponseReturnValue:
    """Save a question as its next revision; give it another row; or only check what was typed."""
    document, latest = document_or_404(Sort.ITEM, name)
    return _take(from_plain(latest.content), document, latest)


def _nothing(kind: Kind) -> Item:
    return Item(name="", kind=kind, stem="", marking=markings(kind)[0])


def _form(old: Item, typed: forms.Typed, *, new: bool) -> Form:
    session = db.session()
    topics = reference.topics(session)
    groups = {topic.parent for topic in topics}
    of_topics = [(topic.key, topic.name["zh-Hans"]) for topic in topics if topic.key not in groups]
    if old.topic and old.topic not in {key for key, _name in of_topics}:
        of_topics.append((old.topic, old.topic))
    articles = queries.article_titles(session)
    if old.article and old.article not in dict(articles):
        articles.append((old.article, old.article))
    picture = old.stimulus.picture if old.stimulus else ""
    shelf = forms.Shelf(
        topics=(("", "–"), *of_topics),
        articles=tuple(articles),
        pictures=(("", "–"), *queries.pictures(session, [picture])) if old.kind is Kind.JUDGEMENT else (),
        difficulties=tuple((one.value, say()) for one, say in words.DIFFICULTIES.items()),
        media=tuple((one.value, say()) for one, say in words.MEDIA.items()),
        markings=tuple((rule.value, words.MARKINGS[rule][0]()) for rule in markings(old.kind)),
    )
    rows = int(typed["rows"])
    return forms.item_form(old.kind, rows=rows, shelf=shelf, new=new, typed=typed)


def _take(old: Item, document: Document | None, latest: Revision | None) -> ResponseReturnValue:
    """Do what the pressed button says with what was typed."""
    typed = forms.settled(MultiDict(flask.request.form), old)
    action = typed.get("action", "save")
    moved = None
    if old.kind not in forms.FIXED:
        moved = forms.changed(typed, action, most=max(forms.MOST_ROWS, len(old.options)))
    form = _form(old, moved or typed, new=document is None)
    if moved is not None:
        return _page(old, form, document, latest)
    item = _said(form, old)
    if form.wrong or item is None:
        return _page(old, form, document, latest, typed=item), 400
    if action == "check":
        return _page(old, form, document, latest, typed=item)
    try:
        save(Sort.ITEM, to_plain(item), form, is_new=document is None)
    except services.NameTaken:
        form.refuse("name", gettext("There is another question of this name."))
        return _page(old, form, document, latest, typed=item), 400
    except services.Conflict:
        document, latest = document_or_404(Sort.ITEM, item.name)
        theirs = from_plain(latest.content)
        form["base"].data = str(latest.number)
        changes = compare(item_parts(theirs), item_parts(item))
        return _page(theirs, form, document, latest, typed=item, changes=changes), 409
    flask.flash(gettext("Saved as a draft. The public sees it after review."))
    return flask.redirect(flask.url_for("bank.question", name=item.name), 303)


def _said(form: Form, old: Item) -> Item | None:
    """Return what was typed as a question, after putting errors beside fields; None: it cannot be judged like that."""
    if form.validate():
        forms.look_again(form, old.kind)
    return forms.item_of(form, old) if forms.can_be_judged(form) else None


@blueprint.post("/desk/questions/new/check", defaults={"name": ""})
@blueprint.post("/desk/questions/<slug:name>/check")
@requires(Permission.WRITE)
def check(name: str) -> ResponseReturnValue:
    """Return the check of what is being typed, as the panel beside the editor."""
    document = None
    if name:
        document, latest = document_or_404(Sort.ITEM, name)
        old = from_plain(latest.content)
    else:
        kind = flask.request.form.get("kind", "")
        if kind not in set(Kind):
            flask.abort(400)
        old = _nothing(Kind(kind))
    form = _form(old, forms.settled(MultiDict(flask.request.form), old), new=document is None)
    item = _said(form, old)
    return typed_panel(form, _checked(item), document)


def _checked(item: Item | None) -> services.Checked | None:
    """Return what the check says of a question that need not be saved."""
    if item is None:
        return None
    session = db.session()
    return services.BankJudge(session).item(item, today=local_day(session, at=clock.now()))


@dataclass(frozen=True, slots=True)
class VoiceFields:
    """The fields of one voice in the editor."""

    key: str
    start: str
    """How the names of its fields begin."""
    word: str
    written: bool
    wrong: bool


def _voice(form: Form, key: str, word: str) -> VoiceFields:
    start = forms.VOICES[key]
    own = [
        field
        for field in form
        if re.match(rf"{start}_(\d+_)?(?:stem|stimulus|explanation|text|match|feedback)\Z", field.name)
    ]
    return VoiceFields(key, start, word, any(field.data for field in own), any(field.errors for field in own))


def _page(
    old: Item,
    form: Form,
    document: Document | None,
    latest: Revision | None,
    *,
    typed: Item | None = None,
    changes: Changes | None = None,
) -> str:
    """Return the editor, with what the check says of what was typed, or else of what is stored."""
    session = db.session()
    context = panel(_checked(typed or (old if document is not None else None)), document)
    if document is not None:
        context["usage"] = queries.usage(session, [old])[old.name]
        asked = Permission.ANALYSE in me().permissions and any(results.versions_asking(session, document.name))
        context["figures"] = flask.url_for("figures.question", name=document.name) if asked else ""
        context["revisions"] = queries.revisions(session, document.id)
        context["reviews"] = queries.reviews_of(session, document.id)
        if document.published_number is not None and Permission.REVIEW in me().permissions:
            asking = list(results.versions_asking(session, document.name))
            taken = results.taken_versions(session, [version for _slug, version in asking])
            context["taken"] = [(slug, version) for slug, version in asking if version.id in taken]
    picture = old.stimulus.picture if old.stimulus else ""
    return flask.render_template(
        "quizzes/desk/question.html",
        here_section=SECTION,
        form=form,
        item=old,
        kind=old.kind,
        fixed=forms.FIXED.get(old.kind, ()),
        document=document,
        latest=latest,
        changes=changes,
        voices=[_voice(form, key, say()) for key, say in words.VOICES.items()],
        markings=words.marking_choices(old.kind),
        articles=queries.article_titles(session),
        figure=media.figure(session, picture) if picture else None,
        sayings=sayings(old),
        shares={option.id: share_word(old, option) for option in old.options},
        **context,
    )


@blueprint.post("/desk/questions/<slug:name>/withdraw")
@requires(Permission.REVIEW)
@refusals
def withdraw_question(name: str) -> ResponseReturnValue:
    """Take a question from the public."""
    document, _latest = document_or_404(Sort.ITEM, name)
    with transaction() as session:
        services.withdraw(session, document_id=document.id, by=me(), at=clock.now())
    flask.flash(gettext("Withdrawn. New attempts no longer ask it; what was answered stays."))
    return flask.redirect(flask.url_for("bank.question", name=name), 303)
