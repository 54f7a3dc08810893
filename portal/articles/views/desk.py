"""The list that answers "what must I do now", all articles, and beginning one."""

from __future__ import annotations

import flask
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.articles import queries, services
from portal.articles.forms import NewForm
from portal.articles.queries import Filter, TaskKind
from portal.articles.rules import Kind, State
from portal.articles.views.common import blueprint, me, refusals, today
from portal.articles.views.words import FILTERS, KINDS, TASKS
from portal.core import clock
from portal.core.access import Permission, actor, requires
from portal.core.database import db, local_day, transaction
from portal.core.settings import AUDIENCES, LOCALES
from portal.reference import queries as reference

SHOWS = ("all", "mine", "review", "scheduled", "overdue", "waiting")
OF_SHOW = {
    "review": {TaskKind.REVIEW, TaskKind.CONFIRM, TaskKind.PUBLISH},
    "scheduled": {TaskKind.SCHEDULED, TaskKind.FAILED},
    "overdue": {TaskKind.OVERDUE, TaskKind.SOURCE, TaskKind.LINK, TaskKind.SOON},
    "waiting": {TaskKind.WAITING},
}


@blueprint.get("/desk/")
@requires(Permission.DESK)
def desk() -> ResponseReturnValue:
    """Show what the person must do now, the most urgent first."""
    now = clock.now()
    day = local_day(db.session(), at=now)
    found = queries.tasks(db.session(), me(), now=now, today=day)
    shown = flask.request.args.get("show", "all")
    groups = {
        "all": found,
        "mine": [task for task in found if task.is_mine],
        **{name: [task for task in found if task.kind in kinds] for name, kinds in OF_SHOW.items()},
    }
    shown = shown if shown in SHOWS else "all"
    mine = groups["mine"]
    return flask.render_template(
        "articles/desk.html",
        here_section="articles.desk",
        tasks=groups[shown],
        shown=shown,
        counts={name: len(groups[name]) for name in SHOWS},
        first=mine[0] if mine else None,
        mine=len(mine),
        words=TASKS,
        filters=FILTERS,
        now=now,
        today=day.isoformat(),
    )


def broken_hotlines() -> tuple[str, str] | None:
    """Tell who brings content packages, on the desk's first page, of which numbers the source leads nowhere."""
    asking = actor()
    if asking is None or not asking.may(Permission.MOVE_CONTENT):
        return None
    numbers = queries.broken_hotlines(db.session(), now=clock.now())
    if not numbers:
        return None
    sentence = gettext("The link to the source leads nowhere: %(numbers)s", numbers=gettext(", ").join(numbers))
    return sentence, flask.url_for("reading.hotlines")


@blueprint.get("/desk/articles/")
@requires(Permission.DESK)
def index() -> ResponseReturnValue:
    """List the articles, by topic, audience, state and words; the words are looked for in the drafts."""
    args = flask.request.args
    session = db.session()
    topics = reference.topics(session)
    state, audience, topic = args.get("state", ""), args.get("audience", ""), args.get("topic", "")
    wanted = Filter(
        topic=topic if topic in {entry.key for entry in topics} else "",
        audience=audience if audience in AUDIENCES else "",
        state=state if state in tuple(State) else "",
        words=args.get("q", "").replace("\x00", "").strip()[:100],
    )
    return flask.render_template(
        "articles/index.html",
        here_section="articles.index",
        entries=queries.entries(session, wanted),
        wanted=wanted,
        topics=topics,
        audiences=AUDIENCES,
        locales=LOCALES,
        states=list(State),
    )


@blueprint.route("/desk/articles/new", methods=["GET", "POST"])
@requires(Permission.WRITE)
@refusals
def new() -> ResponseReturnValue:
    """Begin an article."""
    form = NewForm()
    form.kind.choices = [(kind.value, str(KINDS[kind]())) for kind in Kind]
    form.topic.choices = topic_choices()
    if form.validate_on_submit():
        try:
            with transaction() as session:
                article = services.create(
                    session,
                    kind=Kind(form.kind.data),
                    values={
                        "slug": form.slug.data,
                        "topic": form.topic.data,
                        "checked_on": today(),
                        "review_by": _in_a_quarter(),
                        "expires_at": None,
                        "related": [],
                        "facts": [],
                        "sources": [],
                    },
                    by=me(),
                    at=clock.now(),
                )
                number = article.id
        except services.SlugTaken:
            form.refuse("slug", TASKS["slug-taken"]())
        else:
            return flask.redirect(flask.url_for("articles.facts", article_id=number), 303)
    status = 400 if form.wrong else 200
    return flask.render_template("articles/new.html", here_section="articles.index", form=form), status


def topic_choices() -> list[tuple[str, str]]:
    """Return the topics that an article can belong to, with their names in simplified Chinese."""
    found = reference.topics(db.session())
    parents = {topic.parent for topic in found}
    return [(topic.key, topic.name["zh-Hans"]) for topic in found if topic.key not in parents]


def _in_a_quarter() -> str:
    """Return the day, three months on, by which a new article is to be checked again."""
    day = local_day(db.session(), at=clock.now())
    month = day.month + 3
    year, month = (day.year + 1, month - 12) if month > 12 else (day.year, month)
    return day.replace(year=year, month=month, day=min(day.day, 28)).isoformat()
