"""Quizzes at the desk: the list, and the editor of what they ask and how they are taken."""

from __future__ import annotations

from typing import Any

import flask
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from portal.core import clock
from portal.core.access import Permission, requires
from portal.core.database import db, local_day, transaction
from portal.core.forms import Form
from portal.quizzes import forms, services
from portal.quizzes.models import Document, Revision
from portal.quizzes.queries import desk as queries
from portal.quizzes.rules.bank import Sort
from portal.quizzes.rules.quizzes import Quiz, Slot, quiz_from_plain, quiz_to_plain
from portal.quizzes.views import words
from portal.quizzes.views.common import blueprint, document_or_404, me, refusals, save
from portal.quizzes.views.judging import Changes, compare, panel, quiz_parts, typed_panel
from portal.reference import queries as reference

SECTION = "bank.quizzes"


@blueprint.get("/desk/quizzes/")
@requires(Permission.DESK)
def quizzes() -> ResponseReturnValue:
    """List the quizzes with their places and the version that is public."""
    rows = queries.quizzes(db.session())
    return flask.render_template("quizzes/desk/quizzes.html", here_section=SECTION, rows=rows)


@blueprint.get("/desk/quizzes/new")
@requires(Permission.WRITE)
def new_quiz() -> ResponseReturnValue:
    """Begin a quiz."""
    old = Quiz(slug="", title="", slots=())
    return _page(old, _form(old, forms.typed_of_quiz(old, base=0), new=True), None, None)


@blueprint.post("/desk/quizzes/new")
@requires(Permission.WRITE)
@refusals
def add_quiz() -> ResponseReturnValue:
    """Store a new quiz as a draft."""
    return _take(Quiz(slug="", title="", slots=()), None, None)


@blueprint.get("/desk/quizzes/<slug:name>")
@requires(Permission.DESK)
def quiz(name: str) -> ResponseReturnValue:
    """Show a quiz to whoever writes or looks at it."""
    document, latest = document_or_404(Sort.QUIZ, name)
    stored = quiz_from_plain(latest.content)
    return _page(stored, _form(stored, forms.typed_of_quiz(stored, base=latest.number), new=False), document, latest)


@blueprint.post("/desk/quizzes/<slug:name>")
@requires(Permission.WRITE)
@refusals
def save_quiz(name: str) -> ResponseReturnValue:
    """Save a quiz as its next revision; change its places; or only check what was typed."""
    document, latest = document_or_404(Sort.QUIZ, name)
    return _take(quiz_from_plain(latest.content), document, latest)


def _topics(session: Any, *stored: str) -> list[tuple[str, str]]:
    topics = reference.topics(session)
    groups = {topic.parent for topic in topics}
    found = [(topic.key, topic.name["zh-Hans"]) for topic in topics if topic.key not in groups]
    known = {key for key, _name in found}
    return [("", "–"), *found, *((key, key) for key in dict.fromkeys(stored) if key and key not in known)]


def _form(old: Quiz, typed: forms.Typed, *, new: bool) -> Form:
    session = db.session()
    articles = queries.article_titles(session)
    if old.article and old.article not in dict(articles):
        articles.append((old.article, old.article))
    shelf = forms.QuizShelf(
        topics=tuple(_topics(session, old.topic, *(slot.pool.topic for slot in old.slots if slot.pool))),
        articles=tuple(articles),
        difficulties=(("", gettext("Any")), *((one.value, say()) for one, say in words.DIFFICULTIES.items())),
        feedback=tuple((one.value, say()) for one, say in words.FEEDBACK.items()),
        layouts=tuple((one.value, say()) for one, say in words.LAYOUTS.items()),
        counts=tuple((one.value, say()) for one, say in words.COUNTS.items()),
        items=queries.labels(session),
    )
    return forms.quiz_form(rows=int(typed["rows"]), shelf=shelf, new=new, typed=typed)


def _moved(typed: forms.Typed, action: str, most: int) -> forms.Typed | None:
    """Return what was typed with its places changed as a button says; None: no button of places was pressed."""
    if action == "pick":
        return typed
    picked = []
    if action == "take":
        picked = [Slot(item=name) for name in typed.getlist("picked")[:most]]
    elif action == "add-pool":
        picked = [Slot(item="")]
    elif action != "add":
        return forms.changed(typed, action, most=most)
    for slot in picked or [Slot(item="")]:
        row = int(typed["rows"])
        if row >= most:
            break
        typed.update(forms.typed_slot(row, slot))
        if action == "add-pool":
            typed.setlist(f"slot_{row}_sort", ["pool"])
            typed[f"slot_{row}_count"] = "1"
        typed["rows"] = str(row + 1)
    return typed


def _typed(old: Quiz) -> forms.Typed:
    """Return what was sent, with the number of places that a quiz can have."""
    typed: forms.Typed = MultiDict(flask.request.form)
    typed["rows"] = str(forms.count(typed, most=_most(old)))
    return typed


def _most(old: Quiz) -> int:
    return max(forms.MOST_SLOTS, len(old.slots))


def _take(old: Quiz, document: Document | None, latest: Revision | None) -> ResponseReturnValue:
    """Do what the pressed button says with what was typed."""
    typed = _typed(old)
    action = typed.get("action", "save")
    moved = _moved(typed, action, _most(old))
    form = _form(old, moved or typed, new=document is None)
    if moved is not None:
        return _page(old, form, document, latest, pick=moved.get("pick", "") if action == "pick" else "")
    made = _said(form, old)
    if form.wrong or made is None:
        return _page(old, form, document, latest, typed=made), 400
    if action == "check":
        return _page(old, form, document, latest, typed=made)
    try:
        save(Sort.QUIZ, quiz_to_plain(made), form, is_new=document is None)
    except services.NameTaken:
        form.refuse("slug", gettext("There is another quiz of this name."))
        return _page(old, form, document, latest, typed=made), 400
    except services.Conflict:
        document, latest = document_or_404(Sort.QUIZ, made.slug)
        theirs = quiz_from_plain(latest.content)
        form["base"].data = str(latest.number)
        names = queries.names_of(db.session())
        changes = compare(quiz_parts(theirs, names), quiz_parts(made, names))
        return _page(theirs, form, document, latest, typed=made, changes=changes), 409
    flask.flash(gettext("Saved as a draft. The public sees it after review."))
    return flask.redirect(flask.url_for("bank.quiz", name=made.slug), 303)


def _said(form: Form, old: Quiz) -> Quiz | None:
    """Return what was typed as a quiz, after putting errors beside fields; None: it cannot be judged like that."""
    if form.validate():
        forms.look_again_at_quiz(form)
    return forms.quiz_of(form, old) if forms.quiz_can_be_judged(form) else None


@blueprint.post("/desk/quizzes/new/check", defaults={"name": ""})
@blueprint.post("/desk/quizzes/<slug:name>/check")
@requires(Permission.WRITE)
def check_quiz(name: str) -> ResponseReturnValue:
    """Return the check of what is being typed, as the panel beside the editor."""
    document, old = None, Quiz(slug="", title="", slots=())
    if name:
        document, latest = document_or_404(Sort.QUIZ, name)
        old = quiz_from_plain(latest.content)
    form = _form(old, _typed(old), new=document is None)
    return typed_panel(form, _checked(_said(form, old)), document)


def _checked(quiz: Quiz | None) -> services.Checked | None:
    """Return what the check says of a quiz that need not be saved."""
    if quiz is None:
        return None
    session = db.session()
    return services.BankJudge(session).quiz(quiz, together=(), today=local_day(session, at=clock.now()))


def _page(
    old: Quiz,
    form: Form,
    document: Document | None,
    latest: Revision | None,
    *,
    typed: Quiz | None = None,
    changes: Changes | None = None,
    pick: str = "",
) -> str:
    """Return the editor, with what the check says of what was typed, or else of what is stored."""
    session = db.session()
    context = panel(_checked(typed or (old if document is not None else None)), document)
    if document is not None:
        versions = context["versions"] = queries.versions(session, document.id)
        asked = Permission.ANALYSE in me().permissions and versions
        context["figures"] = flask.url_for("figures.quiz", slug=document.name) if asked else ""
        context["revisions"] = queries.revisions(session, document.id)
        context["reviews"] = queries.reviews_of(session, document.id)
    picked = {slot.item for slot in (typed or old).slots}
    offered = queries.bank(session, queries.BankFilter(topic=pick)) if pick else []
    return flask.render_template(
        "quizzes/desk/quiz.html",
        here_section=SECTION,
        form=form,
        quiz=old,
        document=document,
        latest=latest,
        changes=changes,
        labels=queries.labels(session),
        articles=queries.article_titles(session),
        topics=_topics(session),
        voices=[(key, forms.VOICES[key], say()) for key, say in words.VOICES.items()],
        pick=pick,
        offered=[row for row in offered if row.item.name not in picked],
        parts=quiz_parts(old, queries.names_of(session)),
        **context,
    )


@blueprint.post("/desk/quizzes/<slug:name>/withdraw")
@requires(Permission.REVIEW)
@refusals
def withdraw_quiz(name: str) -> ResponseReturnValue:
    """Take a quiz from the public."""
    document, _latest = document_or_404(Sort.QUIZ, name)
    with transaction() as session:
        services.withdraw(session, document_id=document.id, by=me(), at=clock.now())
    flask.flash(gettext("Withdrawn. Nobody can begin it any more; what was answered stays."))
    return flask.redirect(flask.url_for("bank.quiz", name=name), 303)
