"""Submitting questions and quizzes as a set, deciding on it, and letting the public have it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import flask
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from portal.articles.rules import Act, ReviewState, why_not_all
from portal.articles.services import Refused
from portal.core import access, clock
from portal.core.access import Permission, requires
from portal.core.database import db, local_day, transaction
from portal.core.forms import whole_number
from portal.prose.rules.diff import Mark
from portal.quizzes import forms, services
from portal.quizzes.models import Document, Review, Revision
from portal.quizzes.queries import desk as queries
from portal.quizzes.rules.bank import Sort
from portal.quizzes.rules.items import Item, from_plain
from portal.quizzes.rules.quizzes import Quiz, quiz_from_plain
from portal.quizzes.views.common import (
    ID,
    PLACE,
    address,
    blueprint,
    document_or_404,
    me,
    refusals,
    seen,
    settings,
    sort_at,
)
from portal.quizzes.views.judging import Changes, Remark, compare, item_parts, quiz_parts, remarks, sayings, share_word

SECTION = "bank.reviews"


@dataclass(frozen=True, slots=True)
class Member:
    """One document in a review: what was submitted, what the public has, and what the check says."""

    document: Document
    text: Revision
    item: Item | None
    quiz: Quiz | None
    changes: Changes
    problems: tuple[str, ...]
    remarks: list[Remark]
    parts: dict[str, str]
    """The document as text, part by part."""

    @property
    def places(self) -> int:
        """How many passages are different."""
        passages = [passage for _part, found in self.changes for passage in found]
        return sum(any(piece.mark is not Mark.SAME for piece in passage.pieces) for passage in passages)

    @property
    def sayings(self) -> list[tuple[str, str, Item]]:
        """The question as each of its voices says it."""
        return sayings(self.item) if self.item else []

    @property
    def shares(self) -> dict[str, str]:
        """What each option is worth, in words."""
        return {option.id: share_word(self.item, option) for option in self.item.options} if self.item else {}


def waiting() -> tuple[str, str] | None:
    """Tell a reviewer, on the desk's first page, how many sets wait for a decision."""
    asking = access.actor()
    count = queries.waiting(db.session()) if asking and asking.may(Permission.REVIEW) else 0
    if not count:
        return None
    sentence = ngettext("%(num)d set of questions waits for review", "%(num)d sets of questions wait for review", count)
    return str(sentence), flask.url_for("bank.reviews")


# --- submitting ---------------------------------------------------------------------------------------------------


@blueprint.route("/desk/quiz-reviews/new", methods=["GET", "POST"])
@requires(Permission.WRITE)
@refusals
def submit() -> ResponseReturnValue:
    """Choose what is submitted together, and ask for review of it."""
    form = forms.SubmitForm()
    found = queries.to_submit(db.session())
    form.documents.choices = [(str(one.id), one.label) for one in found]
    if flask.request.method == "GET":
        form.documents.data = _together(whole_number(flask.request.args.get("document"), otherwise=0))
        return _submit_page(form, found)
    if not form.validate():
        return _submit_page(form, found), 400
    ids = [int(value) for value in form.documents.data]
    try:
        with transaction() as session:
            review = services.submit(session, document_ids=ids, note=form.note.data or "", by=me(), at=clock.now())
            services.tell_submitted(session, review=review, site=settings().base_url, at=clock.now())
            review_id = review.id
    except Refused as problem:
        return _submit_page(form, queries.to_submit(db.session()), why=problem.why.value, ids=ids), 409
    flask.flash(gettext("Submitted. Somebody who did not write it will look at it."))
    return flask.redirect(flask.url_for("bank.review", review_id=review_id), 303)


def _together(document_id: int) -> list[str]:
    """Return a document and, of a quiz, the questions that it names and that are not public as they stand."""
    session = db.session()
    document = session.get(Document, document_id) if document_id else None
    if document is None:
        return []
    chosen = [document.id]
    latest = services.revision(session, document)
    if document.sort is Sort.QUIZ and latest is not None:
        labels = queries.labels(session)
        for slot in quiz_from_plain(latest.content).slots:
            number_, _label, _state, is_public = labels.get(slot.item, (0, "", None, True))
            if not is_public:
                chosen.append(number_)
    return [str(one) for one in chosen]


def _submit_page(form: forms.SubmitForm, found: list[Document], *, why: str = "", ids: list[int] | None = None) -> str:
    """Return the page; after a refusal by the check, with what it holds against each of the chosen."""
    session = db.session()
    held: dict[int, int] = {}
    if ids:
        judge = services.BankJudge(session)
        for document in found:
            if document.id in ids:
                checked = services.checked(session, document, judge=judge, together=ids, at=clock.now())
                held[document.id] = checked.kept_back(services.waivers(session, document)) if checked else 0
    chosen = set(form.documents.data or ())
    # What was asked for stands first.
    found = sorted(found, key=lambda one: str(one.id) not in chosen)
    return flask.render_template(
        "quizzes/desk/submit.html",
        here_section=SECTION,
        form=form,
        documents=found,
        chosen=chosen,
        why=why,
        held=held,
    )


# --- deciding -----------------------------------------------------------------------------------------------------


@blueprint.get("/desk/quiz-reviews/")
@requires(Permission.DESK)
def reviews() -> ResponseReturnValue:
    """List submitted sets, those that wait for somebody first."""
    return flask.render_template("quizzes/desk/reviews.html", here_section=SECTION, found=queries.reviews(db.session()))


@blueprint.get(f"/desk/quiz-reviews/<{ID}:review_id>")
@requires(Permission.DESK)
def review(review_id: int) -> ResponseReturnValue:
    """Show a submitted set to whoever decides on it."""
    return flask.render_template("quizzes/desk/review.html", **_context(_review_or_404(review_id)))


def _review_or_404(review_id: int) -> Review:
    return db.session.get(Review, review_id) or flask.abort(404)


def _context(found: Review, **given: Any) -> dict[str, Any]:
    session, now = db.session(), clock.now()
    inside = queries.set_members(session, found.id)
    together = [one.document.id for one in inside]
    judge = services.BankJudge(session)
    members = [_member(one, judge, together) for one in inside]
    standings = [services.standing(session, one.document, judge=judge, together=together, at=now) for one in inside]
    person = me()
    is_live = found.state in (ReviewState.OPEN, ReviewState.APPROVED)
    return {
        "here_section": SECTION,
        "review": found,
        "members": members,
        "title": members[0].document.label if members else "",
        "refusal": {act: why_not_all(act, person, standings) if is_live else None for act in Act},
        "is_live": is_live,
        "may_waive": is_live and not why_not_all(Act.WAIVE, person, standings),
        "decide_form": given.get("decide_form") or forms.DecideForm(formdata=None),
        "waive_form": given.get("waive_form") or forms.WaiveForm(formdata=None),
    }


def _member(one: queries.SetMember, judge: services.BankJudge, together: list[int]) -> Member:
    document, text = one.document, one.text
    found = judge.document(document, text, together=together, today=local_day(db.session(), at=clock.now()))
    item = from_plain(text.content) if document.sort is Sort.ITEM else None
    quiz = quiz_from_plain(text.content) if document.sort is Sort.QUIZ else None
    new = _parts(document, text)
    old = _parts(document, one.base) if one.base else {}
    said = remarks(found, services.waivers(db.session(), document))
    return Member(document, text, item, quiz, compare(old, new), found.problems, said, new)


def _back(review_id: int) -> ResponseReturnValue:
    return flask.redirect(flask.url_for("bank.review", review_id=review_id), 303)


@blueprint.post(f"/desk/quiz-reviews/<{ID}:review_id>/decide")
@requires(Permission.REVIEW)
@refusals
def decide(review_id: int) -> ResponseReturnValue:
    """Approve a set, or send it back with a reason."""
    found = _review_or_404(review_id)
    form = forms.DecideForm()
    approve = flask.request.form.get("decision") == "approve"
    valid = form.validate()
    if not approve and not form.opinion.data:
        form.refuse("opinion", gettext("Say what is to be changed: the author reads it."))
        valid = False
    if not valid:
        return flask.render_template("quizzes/desk/review.html", **_context(found, decide_form=form)), 400
    with transaction() as session:
        decided = services.decide(
            session, review_id=review_id, approve=approve, opinion=form.opinion.data or "", by=me(), at=clock.now()
        )
        if not approve:
            services.tell_sent_back(session, review=decided, site=settings().base_url, at=clock.now())
    flask.flash(gettext("Approved.") if approve else gettext("Sent back to the author."))
    return _back(review_id)


@blueprint.post(f"/desk/quiz-reviews/<{ID}:review_id>/publish")
@requires(Permission.REVIEW)
@refusals
def publish(review_id: int) -> ResponseReturnValue:
    """Let the public have an approved set now."""
    _review_or_404(review_id)
    with transaction() as session:
        services.publish(session, review_id=review_id, by=me(), at=clock.now())
    flask.flash(gettext("Published. Quizzes that it changes have a new version."))
    return _back(review_id)


@blueprint.post(f"/desk/quiz-reviews/<{ID}:review_id>/take-back")
@requires(Permission.WRITE)
@refusals
def take_back(review_id: int) -> ResponseReturnValue:
    """Take a submitted set back to go on writing."""
    _review_or_404(review_id)
    with transaction() as session:
        services.take_back(session, review_id=review_id, by=me(), at=clock.now())
    flask.flash(gettext("Taken back. You can go on writing."))
    return _back(review_id)


@blueprint.post(f"/desk/quiz-reviews/waive/<{ID}:document_id>")
@requires(Permission.REVIEW)
@refusals
def waive(document_id: int) -> ResponseReturnValue:
    """Let a finding of the check stand, with a reason that is kept."""
    document = db.session.get(Document, document_id) or flask.abort(404)
    form = forms.WaiveForm()
    found = db.session.get(Review, document.review_id) if document.review_id else None
    if not form.validate():
        if found is None:
            flask.abort(400)
        return flask.render_template("quizzes/desk/review.html", **_context(found, waive_form=form)), 400
    with transaction() as session:
        services.waive(
            session,
            document_id=document_id,
            finding=form.finding.data,
            reason=form.reason.data,
            by=me(),
            at=clock.now(),
        )
    flask.flash(gettext("Kept with your name and reason."))
    return _back(found.id) if found is not None else flask.redirect(address(document), 303)


@blueprint.get(f"/desk/quiz-reviews/<{ID}:review_id>/opinion")
@requires(Permission.DESK)
def opinion(review_id: int) -> ResponseReturnValue:
    """Show the numbered opinion (消保审查意见) as a document to print."""
    found = _review_or_404(review_id)
    if found.opinion_number is None:
        flask.abort(404)
    return flask.render_template("quizzes/desk/opinion.html", **_context(found))


# --- history ------------------------------------------------------------------------------------------------------


@blueprint.get(f"/desk/{PLACE}/<slug:name>/history")
@requires(Permission.DESK)
def history(place: str, name: str) -> ResponseReturnValue:
    """Show who wrote what when, and what changed between two revisions."""
    document, _latest = document_or_404(sort_at(place), name)
    found = queries.revisions(db.session(), document.id)
    by_number = {one.number: one for one in found}
    new = by_number.get(whole_number(flask.request.args.get("to"), otherwise=0)) or found[0]
    before = whole_number(flask.request.args.get("from"), otherwise=new.number - 1)
    old = by_number.get(before)
    return flask.render_template(
        "quizzes/desk/history.html",
        here_section=f"bank.{place}",
        place=place,
        document=document,
        revisions=found,
        old=old,
        new=new,
        changes=compare(_parts(document, old) if old else {}, _parts(document, new)),
    )


@blueprint.post(f"/desk/{PLACE}/<slug:name>/restore/<{ID}:number>")
@requires(Permission.WRITE)
@refusals
def restore(place: str, name: str, number: int) -> ResponseReturnValue:
    """Make an old revision of a question or quiz the working copy again."""
    document, _latest = document_or_404(sort_at(place), name)
    base = seen(flask.request.form.get("expected"))
    with transaction() as session:
        services.restore(session, document_id=document.id, number=number, base=base, by=me(), at=clock.now())
    flask.flash(gettext("The old text is the working copy again. The public reads it after review."))
    return flask.redirect(flask.url_for("bank.history", place=place, name=name), 303)


def _parts(document: Document, text: Revision) -> dict[str, str]:
    if document.sort is Sort.ITEM:
        return item_parts(from_plain(text.content))
    return quiz_parts(quiz_from_plain(text.content), queries.names_of(db.session()))
