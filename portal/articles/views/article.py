"""One article on the desk: its editions, its facts, and what is done with several editions at once."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

import flask
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from werkzeug.datastructures import MultiDict

from portal.articles import queries, services
from portal.articles.forms import (
    AloneForm,
    ConfirmFactsForm,
    FactsForm,
    OwnersForm,
    PreviewForm,
    SubmitForm,
    WithdrawForm,
    facts_form,
    moved_rows,
    rows_of,
    typed_of_sheet,
)
from portal.articles.models import Article, Sheet
from portal.articles.rules import Act, Kind, why_not, why_not_all
from portal.articles.views.common import (
    article_or_404,
    blueprint,
    edition_word,
    me,
    people_choices,
    refusals,
    settings,
    today,
)
from portal.articles.views.desk import topic_choices
from portal.articles.views.words import OUTCOMES
from portal.core import clock
from portal.core.access import Permission, requires
from portal.core.database import db, transaction
from portal.core.forms import whole_number
from portal.core.settings import AUDIENCES, Locale

ID = "<int(max=9007199254740991):article_id>"


@blueprint.get(f"/desk/articles/{ID}")
@requires(Permission.DESK)
def overview(article_id: int) -> ResponseReturnValue:
    """Show an article's editions, what stands in their way, and what can be done."""
    return flask.render_template("articles/article.html", **_context(article_or_404(article_id)))


def _context(article: Article, **forms: Any) -> dict[str, Any]:
    session = db.session()
    person, now = me(), clock.now()
    editions = queries.editions_of(session, article_id=article.id)
    judge = services.Judge(session)
    standings = {
        edition.id: services.standing(session, article=article, edition=edition, judge=judge, at=now)
        for edition in editions
    }
    choices = [(str(edition.id), edition_word(edition)) for edition in editions]
    submit_form = forms.get("submit_form") or SubmitForm(formdata=None)
    withdraw_form = forms.get("withdraw_form") or WithdrawForm(formdata=None)
    submit_form.editions.choices = withdraw_form.editions.choices = choices
    preview_form = forms.get("preview_form") or PreviewForm(formdata=None, days="7")
    preview_form.days.choices = preview_days()
    owners_form = forms.get("owners_form") or OwnersForm(
        formdata=None, owner=str(article.owner_id or ""), deputy=str(article.deputy_id or "")
    )
    owners_form.owner.choices = owners_form.deputy.choices = people_choices()
    if "submit_form" not in forms:
        ready = [one for one in editions if why_not(Act.SUBMIT, person, standings[one.id]) is None]
        submit_form.editions.data = [str(edition.id) for edition in ready]
    texts = {edition.id: services.latest(session, edition) for edition in editions}
    shown = services.sheet(session, article=article)
    first = next((texts[edition.id] for edition in editions if texts[edition.id]), None)
    return {
        "here_section": "articles.index",
        "article": article,
        "sheet": shown,
        "title": first.title if first else article.slug,
        "grid": {(edition.audience, edition.locale): edition for edition in editions},
        "editions": editions,
        "texts": texts,
        "standings": standings,
        "audiences": AUDIENCES,
        "locales": [Locale.HANS, Locale.EN, Locale.HANT],
        "refusal": {
            (edition.id, act): why_not(act, person, standings[edition.id])
            for edition in editions
            for act in (Act.SUBMIT, Act.WITHDRAW)
        },
        "alone": why_not_all(Act.PUBLISH_ALONE, person, list(standings.values())),
        "reviews": queries.article_reviews(session, article_id=article.id),
        "receipts": queries.receipts(session, article_id=article.id) if article.kind is Kind.ALERT else [],
        "links": queries.preview_links(session, article_id=article.id, now=now),
        "broken": queries.broken_links(session, now=now, article_id=article.id).get(article.id, []),
        "outcomes": OUTCOMES,
        "submit_form": submit_form,
        "preview_form": preview_form,
        "owners_form": owners_form,
        "withdraw_form": withdraw_form,
        "alone_form": forms.get("alone_form") or AloneForm(formdata=None),
        "confirm_form": forms.get("confirm_form") or ConfirmFactsForm(formdata=None),
        "today": today(),
        "is_alert": article.kind is Kind.ALERT,
    }


def _back(article_id: int) -> ResponseReturnValue:
    return flask.redirect(flask.url_for("articles.overview", article_id=article_id), 303)


def _chosen(form: SubmitForm | WithdrawForm, article: Article) -> None:
    editions = queries.editions_of(db.session(), article_id=article.id)
    form.editions.choices = [(str(edition.id), edition_word(edition)) for edition in editions]


@blueprint.post(f"/desk/articles/{ID}/submit")
@requires(Permission.WRITE)
@refusals
def submit(article_id: int) -> ResponseReturnValue:
    """Ask for review of some editions as one set."""
    article = article_or_404(article_id)
    form = SubmitForm()
    _chosen(form, article)
    if not form.validate():
        return flask.render_template("articles/article.html", **_context(article, submit_form=form)), 400
    with transaction() as session:
        review = services.submit(
            session,
            article_id=article_id,
            edition_ids=[int(value) for value in form.editions.data],
            note=form.note.data or "",
            by=me(),
            at=clock.now(),
        )
        number = review.id
        writers = frozenset().union(
            *(services.authors(session, article, edition) for edition in services.members(session, review))
        )
        services.tell_submitted(session, review=review, writers=writers, site=settings().base_url, at=clock.now())
    flask.flash(gettext("Submitted. Somebody who did not write it will look at it."))
    return flask.redirect(flask.url_for("articles.review", review_id=number), 303)


@blueprint.post(f"/desk/articles/{ID}/withdraw")
@requires(Permission.REVIEW)
@refusals
def withdraw(article_id: int) -> ResponseReturnValue:
    """Take editions from the public at once."""
    article = article_or_404(article_id)
    form = WithdrawForm()
    _chosen(form, article)
    valid = form.validate()
    if form.to.data and form.to.data not in queries.slugs(db.session()):
        form.refuse("to", gettext("There is no article of this name."))
        valid = False
    if not valid:
        return flask.render_template("articles/article.html", **_context(article, withdraw_form=form)), 400
    with transaction() as session:
        services.withdraw(
            session,
            article_id=article_id,
            edition_ids=[int(value) for value in form.editions.data],
            note=form.note.data,
            to=form.to.data or "",
            by=me(),
            at=clock.now(),
        )
    flask.flash(gettext("Withdrawn. The public no longer reads it."))
    return _back(article_id)


@blueprint.post(f"/desk/articles/{ID}/publish-alone")
@requires(Permission.REVIEW)
@refusals
def publish_alone(article_id: int) -> ResponseReturnValue:
    """Publish an alert without a second person, with a reason."""
    article = article_or_404(article_id)
    form = AloneForm()
    if not form.validate():
        return flask.render_template("articles/article.html", **_context(article, alone_form=form)), 400
    with transaction() as session:
        ids = [edition.id for edition in queries.editions_of(session, article_id=article_id)]
        services.publish_alone(
            session, article_id=article_id, edition_ids=ids, reason=form.reason.data, by=me(), at=clock.now()
        )
    flask.flash(gettext("The alert is public. Another reviewer must confirm it within 72 hours."), "careful")
    return _back(article_id)


@blueprint.post(f"/desk/articles/{ID}/confirm-facts")
@requires(Permission.REVIEW)
@refusals
def confirm_facts(article_id: int) -> ResponseReturnValue:
    """Record that every fact was checked against its source today."""
    article = article_or_404(article_id)
    form = ConfirmFactsForm()
    valid = form.validate()
    if valid and form.review_by.data <= today():
        form.refuse("review_by", gettext("The next check must come after today."))
        valid = False
    if not valid:
        return flask.render_template("articles/article.html", **_context(article, confirm_form=form)), 400
    with transaction() as session:
        services.confirm_facts(
            session,
            article_id=article_id,
            today=today(),
            review_by=form.review_by.data,
            by=me(),
            at=clock.now(),
        )
    flask.flash(gettext("Readers now see that the facts were checked today."))
    return _back(article_id)


@blueprint.post(f"/desk/articles/{ID}/owners")
@requires(Permission.WRITE)
@refusals
def owners(article_id: int) -> ResponseReturnValue:
    """Name who looks after an article, and who in their absence."""
    article = article_or_404(article_id)
    form = OwnersForm()
    form.owner.choices = form.deputy.choices = people_choices()
    if not form.validate():
        return flask.render_template("articles/article.html", **_context(article, owners_form=form)), 400
    with transaction() as session:
        services.set_owners(
            session,
            article_id=article_id,
            owner_id=int(form.owner.data) if form.owner.data else None,
            deputy_id=int(form.deputy.data) if form.deputy.data else None,
            by=me(),
            at=clock.now(),
        )
    return _back(article_id)


@blueprint.post(f"/desk/articles/{ID}/read")
@requires(Permission.DESK)
@refusals
def mark_read(article_id: int) -> ResponseReturnValue:
    """Record that a member of staff has read an alert."""
    with transaction() as session:
        services.mark_read(session, article_id=article_id, by=me(), at=clock.now())
    return _back(article_id)


@blueprint.post(f"/desk/articles/{ID}/share")
@requires(Permission.WRITE)
@refusals
def share(article_id: int) -> ResponseReturnValue:
    """Make an address under which somebody without an account sees the working copies; it is shown this once."""
    article = article_or_404(article_id)
    form = PreviewForm()
    form.days.choices = preview_days()
    if not form.validate():
        return flask.render_template("articles/article.html", **_context(article, preview_form=form)), 400
    with transaction() as session:
        token = services.share_preview(
            session, article_id=article_id, note=form.note.data, days=int(form.days.data), by=me(), at=clock.now()
        )
    address = settings().base_url + flask.url_for("reading.shared_preview", token=token)
    return flask.render_template(
        "articles/shared.html", here_section="articles.index", article=article, address=address
    )


@blueprint.post("/desk/previews/<int(max=9007199254740991):link_id>/revoke")
@requires(Permission.WRITE)
@refusals
def revoke(link_id: int) -> ResponseReturnValue:
    """End such an address at once."""
    with transaction() as session:
        article_id = services.revoke_preview(session, link_id=link_id, by=me(), at=clock.now()).article_id
    flask.flash(gettext("The address no longer works."))
    return _back(article_id)


def preview_days() -> list[tuple[str, str]]:
    """Return for how long a preview can be shared."""
    return [(str(count), str(ngettext("%(num)d day", "%(num)d days", count))) for count in (1, 3, 7, 30)]


# --- facts --------------------------------------------------------------------------------------------------------


@blueprint.route(f"/desk/articles/{ID}/facts", methods=["GET", "POST"])
@requires(Permission.WRITE)
@refusals
def facts(article_id: int) -> ResponseReturnValue:
    """Write what all editions share."""
    article = article_or_404(article_id)
    topics = topic_choices()
    shown = services.sheet(db.session(), article=article)
    if flask.request.method == "GET":
        typed = typed_of_sheet(shown, settings().timezone) if shown is not None else MultiDict()
        return _facts_page(facts_form(typed, topics=topics), article)
    typed = MultiDict(flask.request.form)
    moved = moved_rows(typed, typed.get("action", ""))
    form = facts_form(moved if moved is not None else typed, topics=topics)
    if moved is not None:
        return _facts_page(form, article)
    form.validate()
    # What single fields cannot tell is told with the rest.
    sources, rows = rows_of(form)
    values = _values(form, article, sources, rows)
    return _save_facts(form, article, values) if values is not None else (_facts_page(form, article), 400)


def _facts_page(form: FactsForm, article: Article, theirs: Sheet | None = None) -> str:
    return flask.render_template(
        "articles/facts.html", here_section="articles.index", form=form, article=article, theirs=theirs
    )


def _values(
    form: FactsForm, article: Article, sources: list[dict[str, Any]], rows: list[dict[str, Any]]
) -> dict[str, Any] | None:
    """Return the checked values, or None after putting errors beside the fields."""
    known = queries.slugs(db.session())
    related = (form.related.data or "").replace(",", " ").split()
    unknown = [name for name in related if name not in known or name == article.slug]
    if unknown:
        form.refuse("related", gettext("There is no article `%(name)s`.", name=unknown[0]))
    if not form.review_by.errors and form.review_by.data <= today():
        form.refuse("review_by", gettext("The next check must come after today."))
    if form.wrong:
        return None
    zone = settings().timezone
    end = form.expires.data
    values: dict[str, Any] = {
        "slug": form.slug.data,
        "topic": form.topic.data,
        "related": related,
        "review_by": form.review_by.data,
        "expires_at": datetime.combine(datetime.fromisoformat(end), time(23, 59, 59), zone) if end else None,
        "facts": rows,
        "sources": sources,
    }
    if form.checked.data:
        values["checked_on"] = today()
    return values


def _save_facts(form: FactsForm, article: Article, values: dict[str, Any]) -> ResponseReturnValue:
    try:
        with transaction() as session:
            services.save_facts(
                session,
                article_id=article.id,
                expected=whole_number(form.expected.data, otherwise=-1),
                values=values,
                by=me(),
                at=clock.now(),
            )
    except services.SlugTaken:
        form.refuse("slug", gettext("Another article has this name in its address, now or from before."))
    except services.Conflict as problem:
        form.expected.data = str(problem.theirs.number)
        theirs = db.session.merge(problem.theirs)
        assert isinstance(theirs, Sheet)  # noqa: S101  # a conflict of facts is with facts
        return _facts_page(form, article, theirs), 409
    else:
        flask.flash(gettext("Saved. The public sees it after review."))
        return _back(article.id)
    return _facts_page(form, article), 400
