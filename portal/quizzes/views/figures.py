"""What came of quizzes, for staff who read figures."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import flask
from flask import Blueprint, Flask
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.core import access, clock, web
from portal.core.access import DeskSection, Permission, requires
from portal.core.database import db, transaction
from portal.core.files import csv_file
from portal.core.settings import Audience
from portal.quizzes.models import QuizVersion
from portal.quizzes.queries import figures as gathering
from portal.quizzes.queries import results
from portal.quizzes.rules.cells import Cells
from portal.quizzes.rules.figures import LEANINGS, Figures, ItemFigures, lean, unsure_share
from portal.quizzes.rules.items import Item
from portal.quizzes.rules.quizzes import Counts, Quiz, instrument_from_plain
from portal.quizzes.rules.readings import SENTENCES
from portal.quizzes.services import exports

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from portal.quizzes.rules.sheets import Sheet

blueprint = Blueprint("figures", __name__)
EVERY = "all"
FORMS = ("csv", "xlsx")
KINDS = ("questions", "attempts")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Selection:
    """What figures were asked for."""

    slug: str
    versions: Sequence[QuizVersion]
    version: QuizVersion
    taken: set[int]
    """The versions that have been taken."""
    quarter: str
    audience: Audience | None
    every: bool
    roll: gathering.Roll
    cells: Cells

    @property
    def quiz(self) -> Quiz:
        """The quiz as it is in this version."""
        return instrument_from_plain(self.version.instrument).quiz

    @property
    def values(self) -> dict[str, str]:
        """What leads to these figures again."""
        return {
            "version": str(self.version.number),
            "quarter": self.quarter or EVERY,
            "audience": self.audience.value if self.audience else EVERY,
            "attempts": EVERY if self.every else "counting",
        }

    @property
    def address(self) -> str:
        """The page of these figures."""
        return f"{flask.url_for('figures.quiz', slug=self.slug)}?{urlencode(self.values)}"

    def ids(self) -> NDArray[Any]:
        """Return the attempts that the figures are made of; none: they are too few."""
        return self.roll.of(self.cells.leaves(self.quarter, self.audience, every=self.every))

    def sheet(self, ids: NDArray[Any]) -> Sheet:
        """Return the answers of these attempts."""
        return gathering.sheet(db.session(), self.version, ids, quarter=self.quarter, audience=self.audience)

    def figures(self) -> tuple[Figures | None, Sheet | None]:
        """Return the figures, and the answers that they come of; None: too few."""
        from portal.quizzes.rules import sheets  # noqa: PLC0415  # it loads numpy, which only these pages need

        ids = self.ids()
        if not len(ids):
            return None, None
        sheet = self.sheet(ids)
        apart = {}
        for audience in self.cells.audiences(self.quarter) if self.audience is None else ():
            leaves = self.cells.leaves(self.quarter, audience, every=self.every)
            apart[audience] = self.roll.among(ids, leaves)
        return sheets.figures(sheet, audiences=apart if len(apart) > 1 else {}, mix=self.cells.mix()[1]), sheet


def _selection(slug: str, asked: Any) -> Selection:
    """Return what the values of an address or form ask for; 404: there is no such thing."""
    session = db.session()
    versions = results.quiz_versions(session, slug)
    if not versions:
        flask.abort(404)
    taken = results.taken_versions(session, versions)
    newest = next((version for version in versions if version.id in taken), versions[0])
    number = asked.get("version", "") or str(newest.number)
    version = next((version for version in versions if str(version.number) == number), None) or flask.abort(404)
    roll = gathering.roll(session, version)
    cells = roll.cells()
    quarter, audience = asked.get("quarter", "") or EVERY, asked.get("audience", "") or EVERY
    attempts = asked.get("attempts", "") or "counting"
    if attempts not in (EVERY, "counting") or audience not in (EVERY, *Audience):
        flask.abort(404)
    # Asking for another version in a quarter in which that one was not taken shows all of it.
    if quarter != EVERY and quarter not in cells.quarters:
        if quarter not in results.quarters(session):
            flask.abort(404)
        quarter = EVERY
    return Selection(
        slug=slug,
        versions=versions,
        version=version,
        taken=taken,
        quarter="" if quarter == EVERY else quarter,
        audience=None if audience == EVERY else Audience(audience),
        every=attempts == EVERY,
        roll=roll,
        cells=cells,
    )


@blueprint.get("/desk/quiz-figures/")
@requires(Permission.ANALYSE)
def index() -> ResponseReturnValue:
    """List the quizzes that were taken in a quarter."""
    session = db.session()
    known = results.quarters(session)
    quarter = flask.request.args.get("quarter") or (known[0] if known else "")
    if quarter and quarter not in known:
        flask.abort(404)
    return flask.render_template(
        "quizzes/desk_figures_index.html",
        quarter=quarter,
        quarters=known,
        taken=results.taken(session, quarter=quarter) if quarter else [],
        here_section="figures.index",
    )


@blueprint.get("/desk/quiz-figures/<slug:slug>")
@requires(Permission.ANALYSE)
def quiz(slug: str) -> ResponseReturnValue:
    """Show the figures of a version."""
    chosen = _selection(slug, flask.request.args)
    found, sheet = chosen.figures()
    items = sheet.items if sheet else {}
    return flask.render_template(
        "quizzes/desk_figures.html",
        chosen=chosen,
        title=chosen.quiz.title,
        counts=counts_words(chosen.quiz.counts),
        found=found,
        rows=[_row(number, one, items) for number, one in enumerate(found.items, 1)] if found else [],
        drawn=[_row(one.column.slot + 1, one, items) for one in found.drawn] if found else [],
        said=[gettext(SENTENCES[one]) for one in found.readings] if found else [],
        judged=_judged(found) if found else None,
        mix_quarter=chosen.cells.mix()[0],
        audiences=list(Audience),
        left_out=chosen.cells.leaves_out(chosen.quarter, chosen.audience),
        most_in_xlsx=exports.MOST_IN_XLSX,
        here_section="figures.index",
    )


@dataclass(frozen=True, slots=True)
class ItemRow:
    """A place or a question, as the page shows it."""

    number: int
    figures: ItemFigures
    item: Item | None
    said: list[str]
    options: list[tuple[str, int | None, float]]
    """What was answered, how often, and the length of its bar."""


def _row(number: int, one: ItemFigures, items: Any) -> ItemRow:
    item: Item | None = items.get(one.item)
    counted = one.counted
    options: list[tuple[str, int | None, float]] = []
    if counted is not None and item is not None:
        labels = {option.id: option.text for option in item.options}
        for key, count in counted.options:
            label = OUTCOMES[key]() if counted.by_outcome else labels[key]
            options.append((label, count, _length(count, counted.n)))
        options.append((gettext("I don't know"), counted.dont_know, _length(counted.dont_know, counted.n)))
        options.append((gettext("Not answered"), counted.blank, _length(counted.blank, counted.n)))
    return ItemRow(number, one, item, [gettext(SENTENCES[reading]) for reading in one.readings], options)


OUTCOMES = {
    "right": lambda: gettext("Right"),
    "partly": lambda: gettext("Partly right"),
    "wrong": lambda: gettext("Wrong"),
}


def _length(count: int | None, n: int) -> float:
    return round(100 * count / n, 1) if count and n else 0.0


def _judged(found: Figures) -> dict[str, Any] | None:
    if found.detection is None:
        return None
    said = [gettext(LEANINGS[one]) for one in lean(found.detection)]
    return {"found": found.detection, "said": said, "unsure": unsure_share(found.detection)}


def counts_words(counts: Counts) -> str:
    """Return which attempts count, in words."""
    words: dict[Counts, str] = {
        Counts.BEST: gettext("Of several attempts by one person in a quarter, the best counts."),
        Counts.LAST: gettext("Of several attempts by one person in a quarter, the last counts."),
        Counts.FIRST: gettext("Of several attempts by one person in a quarter, the first counts."),
    }
    return words[counts]


@dataclass(frozen=True, slots=True)
class Use:
    """A version that can ask a question, with how it did there."""

    slug: str
    version: QuizVersion
    title: str
    n: int | None
    found: list[ItemRow]


@blueprint.get("/desk/quiz-figures/questions/<slug:name>")
@requires(Permission.ANALYSE)
def question(name: str) -> ResponseReturnValue:
    """Show how one question did in every version that asks it; they are never put together."""
    session = db.session()
    uses: list[Use] = []
    item: Item | None = None
    for slug, version in results.versions_asking(session, name):
        item = item or instrument_from_plain(version.instrument).items[name]
        chosen = _selection(slug, {"version": str(version.number)})
        rows: list[ItemRow] = []
        found, sheet = chosen.figures()
        if found and sheet:
            rows = [_row(place, one, sheet.items) for place, one in enumerate(found.items, 1) if one.item == name]
            rows += [_row(one.column.slot + 1, one, sheet.items) for one in found.drawn if one.item == name]
        uses.append(Use(slug, version, chosen.quiz.title, found.n if found else None, rows))
    if item is None:
        flask.abort(404)
    return flask.render_template(
        "quizzes/desk_figures_question.html", name=name, item=item, uses=uses, here_section="figures.index"
    )


@blueprint.post("/desk/quiz-figures/<slug:slug>/export")
@requires(Permission.ANALYSE)
def export(slug: str) -> ResponseReturnValue:
    """Save figures by question, or results by attempt; that it was done is recorded."""
    asked = flask.request.form
    chosen = _selection(slug, asked)
    kind, form = asked.get("kind", ""), asked.get("format", "")
    if kind not in KINDS or form not in FORMS:
        flask.abort(400)
    session = db.session()
    ids = chosen.ids()
    if not len(ids) or (kind == "attempts" and form == "xlsx" and len(ids) > exports.MOST_IN_XLSX):
        flask.flash(
            gettext("There are too few attempts to save.")
            if not len(ids)
            else gettext("There are too many attempts for a spreadsheet. Save them as CSV."),
            "careful",
        )
        return flask.redirect(chosen.address, 303)
    if kind == "attempts":
        sheet = chosen.sheet(ids)
        tables = [exports.attempts(session, version=chosen.version, sheet=sheet, ids=ids.tolist())]
    else:
        found, answers = chosen.figures()
        assert found is not None  # noqa: S101  # there are ids
        assert answers is not None  # noqa: S101  # as above
        tables = exports.questions(found, answers.items)
    with transaction() as writing:
        version = writing.get_one(QuizVersion, chosen.version.id)
        exports.note(
            writing,
            version=version,
            kind=kind,
            form=form,
            selection=chosen.values,
            n=len(ids),
            by=access.present().name,
            at=clock.now(),
        )
    name = f"{slug}-v{chosen.values['version']}-{chosen.quarter or EVERY}-{kind}"
    if form == "csv":
        return csv_file(tables[0].lines(), name=name)
    with tempfile.SpooledTemporaryFile(max_size=8_000_000) as file:
        exports.write_xlsx(file, tables)  # type: ignore[arg-type]  # it reads and writes bytes
        file.seek(0)
        answer = flask.Response(file.read(), mimetype=XLSX)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return answer


# --- how figures are written


def percent(value: float | None, digits: int = 0) -> str:
    """Return a share as a percentage."""
    return "–" if value is None else f"{100 * value:.{digits}f}%"


def figure(value: float | None, digits: int = 1) -> str:
    """Return a number; "–" where it is not defined."""
    if value is None:
        return "–"
    # Without the minus of a nought that was rounded.
    return f"{round(value, digits) + 0.0:.{digits}f}"


def whole(value: float | None, unit: str = "") -> str:
    """Return a percentage that is one already."""
    return "–" if value is None else f"{figure(value, 0)}{unit}"


def count(value: int | None) -> str:
    """Return a count, or that it is too small to be shown."""
    return gettext("too few") if value is None else str(value)


def moment(value: datetime) -> str:
    """Return a time in the site's zone."""
    return f"{value.astimezone(flask.current_app.config['PORTAL'].timezone):%Y-%m-%d %H:%M}"


for _helper in (percent, figure, whole, count, moment):
    blueprint.add_app_template_filter(_helper, f"figures_{_helper.__name__}")


def install(app: Flask) -> None:
    """Give `app` these pages and their word in the desk's menu."""
    app.register_blueprint(blueprint)
    web.add_desk_section(app, DeskSection(lambda: gettext("Quiz results"), "figures.index", Permission.ANALYSE))
