"""The review screen: what changed against what the public reads, the findings, the facts, and the decision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import flask
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.articles import queries, services
from portal.articles.forms import DecideForm, ScheduleForm, WaiveForm
from portal.articles.models import Edition, Review, Revision
from portal.articles.rules import Act, ReviewState, why_not_all
from portal.articles.views.common import (
    article_or_404,
    blueprint,
    edition_or_404,
    edition_word,
    me,
    refusals,
    settings,
)
from portal.articles.views.editor import PARTS, Remark, compare, remarks
from portal.core import clock
from portal.core.access import Permission, requires
from portal.core.database import db, transaction
from portal.prose.rules.diff import Mark, Passage

ID = "<int(max=9007199254740991):review_id>"


@dataclass(frozen=True, slots=True)
class Member:
    """One edition in a review: what was submitted, what the public reads, and what the check says."""

    edition: Edition
    name: str
    text: Revision
    changes: list[tuple[str, list[Passage]]]
    remarks: list[Remark]

    @property
    def places(self) -> int:
        """How many passages are different."""
        return sum(1 for _part, passages in self.changes for passage in passages if _is_changed(passage))


def _is_changed(passage: Passage) -> bool:
    return any(piece.mark is not Mark.SAME for piece in passage.pieces)


def _review_or_404(review_id: int) -> Review:
    return db.session.get(Review, review_id) or flask.abort(404)


@blueprint.get(f"/desk/reviews/{ID}")
@requires(Permission.DESK)
def review(review_id: int) -> ResponseReturnValue:
    """Show a submitted set to whoever decides on it."""
    return flask.render_template("articles/review.html", **_context(_review_or_404(review_id)))


def _context(found: Review, **forms: Any) -> dict[str, Any]:
    session = db.session()
    article = article_or_404(found.article_id)
    editions = services.members(session, found)
    numbers = queries.item_numbers(session, review_id=found.id)
    judge, now = services.Judge(session), clock.now()
    sheet = services.sheet(session, article=article, number=found.sheet_number or article.published_sheet)
    members = []
    for edition in editions:
        item = numbers[edition.id]
        text = queries.revision(session, edition_id=edition.id, number=item.number)
        assert text is not None  # noqa: S101  # an item names a revision
        base = queries.revision(session, edition_id=edition.id, number=item.base_number) if item.base_number else None
        judgement = services.judged(session, article=article, edition=edition, revision=text, judge=judge, at=now)
        old = {name: getattr(base, name) if base else "" for name in PARTS}
        changes = compare(old, {name: getattr(text, name) for name in PARTS})
        said = remarks(judgement, services.waivers(session, edition))
        members.append(Member(edition, edition_word(edition), text, changes, said))
    standings = [services.standing(session, article=article, edition=one, judge=judge, at=now) for one in editions]
    person = me()
    before = (
        services.sheet(session, article=article, number=article.published_sheet) if article.published_sheet else None
    )
    return {
        "here_section": "articles.desk",
        "review": found,
        "article": article,
        "sheet": sheet,
        "sheet_before": before if found.sheet_number and before is not None else None,
        "title": members[0].text.title if members else article.slug,
        "members": members,
        "refusal": {act: why_not_all(act, person, standings) for act in Act},
        "is_live": found.state in (ReviewState.OPEN, ReviewState.APPROVED, ReviewState.SCHEDULED),
        "is_alone": found.state is ReviewState.PUBLISHED and found.confirm_by is not None and not found.confirmed_at,
        "Act": Act,
        "ReviewState": ReviewState,
        "decide_form": forms.get("decide_form") or DecideForm(formdata=None),
        "schedule_form": forms.get("schedule_form") or ScheduleForm(formdata=None),
        "waive_form": forms.get("waive_form") or WaiveForm(formdata=None),
    }


def _back(review_id: int) -> ResponseReturnValue:
    return flask.redirect(flask.url_for("articles.review", review_id=review_id), 303)


@blueprint.post(f"/desk/reviews/{ID}/decide")
@requires(Permission.REVIEW)
@refusals
def decide(review_id: int) -> ResponseReturnValue:
    """Approve a set, or send it back with a reason."""
    found = _review_or_404(review_id)
    form = DecideForm()
    approve = flask.request.form.get("decision") == "approve"
    valid = form.validate()
    if not approve and not form.opinion.data:
        form.refuse("opinion", gettext("Say what is to be changed: the author reads it."))
        valid = False
    if not valid:
        return flask.render_template("articles/review.html", **_context(found, decide_form=form)), 400
    with transaction() as session:
        decided = services.decide(
            session, review_id=review_id, approve=approve, opinion=form.opinion.data or "", by=me(), at=clock.now()
        )
        if not approve:
            services.tell_sent_back(session, review=decided, site=settings().base_url, at=clock.now())
    flask.flash(gettext("Approved.") if approve else gettext("Sent back to the author."))
    return _back(review_id)


@blueprint.post(f"/desk/reviews/{ID}/publish")
@requires(Permission.REVIEW)
@refusals
def publish(review_id: int) -> ResponseReturnValue:
    """Let the public read an approved set now."""
    _review_or_404(review_id)
    with transaction() as session:
        services.publish(session, review_id=review_id, by=me(), at=clock.now())
    flask.flash(gettext("Published. The public reads it now."))
    return _back(review_id)


@blueprint.post(f"/desk/reviews/{ID}/schedule")
@requires(Permission.REVIEW)
@refusals
def schedule(review_id: int) -> ResponseReturnValue:
    """Have an approved set published at a time in the site's zone."""
    found = _review_or_404(review_id)
    form = ScheduleForm()
    moment = form.moment(settings().timezone) if form.validate() else None
    if moment is not None and moment <= clock.now():
        form.refuse("day", gettext("This time has passed. Choose a later one, or publish now."))
        moment = None
    if moment is None:
        return flask.render_template("articles/review.html", **_context(found, schedule_form=form)), 400
    with transaction() as session:
        services.schedule(session, review_id=review_id, publish_at=moment, by=me(), at=clock.now())
    flask.flash(gettext("It goes out at this time."))
    return _back(review_id)


@blueprint.post(f"/desk/reviews/{ID}/unschedule")
@requires(Permission.REVIEW)
@refusals
def unschedule(review_id: int) -> ResponseReturnValue:
    """Take the time from a set; it stays approved."""
    _review_or_404(review_id)
    with transaction() as session:
        services.unschedule(session, review_id=review_id, by=me(), at=clock.now())
    return _back(review_id)


@blueprint.post(f"/desk/reviews/{ID}/take-back")
@requires(Permission.WRITE)
@refusals
def take_back(review_id: int) -> ResponseReturnValue:
    """Take a submitted set back to go on writing."""
    found = _review_or_404(review_id)
    with transaction() as session:
        services.take_back(session, review_id=review_id, by=me(), at=clock.now())
    flask.flash(gettext("Taken back. You can go on writing."))
    return flask.redirect(flask.url_for("articles.overview", article_id=found.article_id), 303)


@blueprint.post(f"/desk/reviews/{ID}/confirm")
@requires(Permission.REVIEW)
@refusals
def confirm(review_id: int) -> ResponseReturnValue:
    """Be the second person for an alert that somebody published alone."""
    found = _review_or_404(review_id)
    form = DecideForm()
    if not form.validate():
        return flask.render_template("articles/review.html", **_context(found, decide_form=form)), 400
    with transaction() as session:
        services.confirm(session, review_id=review_id, opinion=form.opinion.data or "", by=me(), at=clock.now())
    flask.flash(gettext("Confirmed. The alert stays public."))
    return _back(review_id)


@blueprint.post("/desk/editions/<int(max=9007199254740991):edition_id>/waive")
@requires(Permission.REVIEW)
@refusals
def waive(edition_id: int) -> ResponseReturnValue:
    """Let a finding of the check stand, with a reason that is kept."""
    edition = edition_or_404(edition_id)
    form = WaiveForm()
    found = db.session.get(Review, edition.review_id) if edition.review_id else None
    if not form.validate():
        if found is None:
            flask.abort(404)
        return flask.render_template("articles/review.html", **_context(found, waive_form=form)), 400
    with transaction() as session:
        services.waive(
            session,
            edition_id=edition_id,
            finding=form.finding.data,
            reason=form.reason.data,
            by=me(),
            at=clock.now(),
        )
    flask.flash(gettext("Kept with your name and reason."))
    if found is not None:
        return _back(found.id)
    return flask.redirect(flask.url_for("articles.overview", article_id=edition.article_id), 303)


@blueprint.get(f"/desk/reviews/{ID}/opinion")
@requires(Permission.DESK)
def opinion(review_id: int) -> ResponseReturnValue:
    """Show the numbered opinion (消保审查意见) as a document to print."""
    found = _review_or_404(review_id)
    if found.opinion_number is None:
        flask.abort(404)
    return flask.render_template("articles/opinion.html", **_context(found))
