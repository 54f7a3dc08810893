"""From what was gathered to the report of a quarter. Pure: the same input gives the same report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from portal.events.rules.attendance import AdmissionKind, Wave
from portal.events.rules.satisfaction import FEWEST, LEVELS, SATISFIED, wilson
from portal.events.rules.spelling import as_known
from portal.metrics.rules import headline, pairing
from portal.metrics.rules.closing import canonical, digest
from portal.metrics.rules.hiding import Shown, hide
from portal.metrics.rules.inputs import Inputs, Lecture
from portal.metrics.rules.report import (
    DEFINITIONS,
    FORMAT,
    Activity,
    Attendance,
    Interval,
    Part,
    Point,
    QuizFigures,
    Report,
    Satisfaction,
    SurveyFigures,
    Term,
    VerdictLine,
)
from portal.metrics.rules.targets import Measure, Target
from portal.metrics.rules.uplift import Uplift
from portal.metrics.rules.uplift_json import measured
from portal.metrics.rules.verdicts import LEAST
from portal.metrics.rules.words.labels import AUDIENCES, label
from portal.quizzes.rules.cells import guarded
from portal.quizzes.rules.counts import is_small
from portal.quizzes.rules.detection import Detection

NOTHING = Interval(value=None, low=None, high=None)
AGAIN = ("again", "")
VERIFIED = (AdmissionKind.CODE, AdmissionKind.GROUP, AdmissionKind.WALK_IN)
"""What person-times (人次) are the sum of (`domain.md` §8)."""
NOT_SAID = "未注明"
BREAKDOWNS = ("audience", "topic", "district", "campaign")


def summarise(inputs: Inputs) -> Report:
    """Return the report of a quarter."""
    inputs = replace(inputs, lectures=_spelt_alike(inputs.lectures))
    by_lecture = {one.id: _person_times(inputs, one.id) for one in inputs.lectures}
    shown = hide(by_lecture, {name: {one.id: _row(one, name) for one in inputs.lectures} for name in BREAKDOWNS})
    satisfaction = satisfied(_levels(inputs, (one.id for one in inputs.lectures)))
    attendance = _attendance(inputs, by_lecture)
    target = next((one for one in inputs.targets if one.measure is Measure.AWARENESS), None)
    rise, awareness = _awareness(inputs, target)
    verdicts = headline.verdicts(
        inputs, attendance=attendance, satisfaction=satisfaction, rise=rise, tips=inputs.library.tips
    )
    series = {
        line["measure"]: [
            *inputs.before.get(line["measure"], ()),
            _point(inputs.quarter, line, rise),
        ]
        for line in verdicts
    }
    return Report(
        format=FORMAT,
        definitions=DEFINITIONS,
        quarter=inputs.quarter,
        zone=inputs.zone,
        begins=_iso(inputs.begins),
        ends=_iso(inputs.ends),
        as_of=_iso(inputs.as_of),
        is_over=inputs.as_of >= inputs.ends,
        demo=inputs.demo,
        verdicts=verdicts,
        attendance=attendance,
        breakdowns={name: _breakdown(inputs, name, by_lecture, shown) for name in BREAKDOWNS},
        satisfaction=satisfaction,
        awareness=awareness,
        articles={
            "published": inputs.library.published,
            "reviewed": inputs.library.reviewed,
            "overdue": inputs.library.overdue,
            "tips": inputs.library.tips,
        },
        reading=list(inputs.reading),
        search={
            "searches": inputs.searches.searches,
            "nothing": inputs.searches.nothing,
            "terms": [Term(term=term, times=times) for term, times in inputs.searches.terms],
            "nothing_terms": [Term(term=term, times=times) for term, times in inputs.searches.nothing_terms],
        },
        quizzes=_quizzes(inputs),
        entries=list(inputs.entries),
        surveys=[
            SurveyFigures(
                name=one.name,
                signer=one.signer,
                digest=one.digest,
                rows=one.rows,
                taken_by=one.taken_by,
                taken_at=_iso(one.taken_at),
                found=measured(one.people, target)[1],
            )
            for one in inputs.surveys
        ],
        ledger=[_activity(inputs, one, shown) for one in inputs.lectures],
        series=series,
        inputs=_inputs(inputs),
    )


def _point(quarter: str, line: VerdictLine, rise: Uplift) -> Point:
    """Return what stands beside other quarters: awareness always as the relative change, however it was judged."""
    value, low, high = line["value"], line["low"], line["high"]
    if line["measure"] == Measure.AWARENESS.value:
        value, low, high = rise.relative.value, rise.relative.low, rise.relative.high
    return Point(quarter=quarter, value=value, low=low, high=high, n=line["n"])


# --- attendance and satisfaction ----------------------------------------------------------------------------------


def _person_times(inputs: Inputs, lecture: int) -> int:
    figures = inputs.figures.get(lecture, {})
    return sum(figures.get(("came", kind.value), 0) for kind in VERIFIED)


def _attendance(inputs: Inputs, by_lecture: Mapping[int, int]) -> Attendance:
    total: Counter[tuple[str, str]] = Counter()
    for one in inputs.lectures:
        total.update(inputs.figures.get(one.id, {}))
    person_times = sum(by_lecture.values())
    return Attendance(
        lectures=len(inputs.lectures),
        called_off=inputs.called_off,
        registrations=total["registrations", ""],
        registered=total["registered", "person"],
        registered_groups=total["registered", "group"],
        registered_online=total["registered", "online"],
        person_times=person_times,
        by_code=total["came", AdmissionKind.CODE.value],
        by_group=total["came", AdmissionKind.GROUP.value],
        walk_in=total["came", AdmissionKind.WALK_IN.value],
        tally=total["came", AdmissionKind.TALLY.value],
        online=total["came", AdmissionKind.ONLINE.value],
        no_shows=total["no_shows", "person"],
        no_shows_groups=total["no_shows", "group"],
        no_shows_online=total["no_shows", "online"],
        people_at_least=max(by_lecture.values(), default=0),
        people_at_most=person_times - total[AGAIN],
        waiting=total["waiting", ""],
        cancelled=total["cancelled", ""],
    )


def _levels(inputs: Inputs, lectures: Iterable[int]) -> dict[int, int]:
    ids = list(lectures)
    return {level: sum(inputs.figures.get(one, {}).get(("level", str(level)), 0) for one in ids) for level in LEVELS}


def satisfied(levels: Mapping[int, int]) -> Satisfaction:
    """Return what answers come to; the upper and the lower levels are two groups of which the sums are shown."""
    n, upper = sum(levels.values()), sum(levels[level] for level in SATISFIED)
    if n < FEWEST:
        return Satisfaction(n=n, satisfied=None, share=NOTHING, levels=dict.fromkeys(map(str, LEVELS)))
    groups = (
        {level: levels[level] for level in LEVELS if level in SATISFIED},
        {level: levels[level] for level in LEVELS if level not in SATISFIED},
    )
    shown = {level for group in groups for level in guarded(group)} | {level for level in LEVELS if not levels[level]}
    return Satisfaction(
        n=n,
        satisfied=upper,
        share=_share(upper, n),
        levels={str(level): levels[level] if level in shown else None for level in LEVELS},
    )


def _share(some: int, n: int) -> Interval:
    low, high = wilson(some, n)
    return Interval(value=some / n, low=low, high=high)


def _spelt_alike(lectures: Iterable[Lecture]) -> tuple[Lecture, ...]:
    """Return lectures in which a district and a campaign have one spelling each: that of the first lecture."""
    known: dict[str, list[str]] = {"district": [], "campaign": []}
    found = []
    for one in lectures:
        names = {field: as_known(getattr(one, field), spellings) for field, spellings in known.items()}
        for field, name in names.items():
            known[field].append(name)
        found.append(replace(one, **names))  # type: ignore[arg-type]  # names of fields that are text
    return tuple(found)


def _row(lecture: Lecture, breakdown: str) -> str:
    return str(getattr(lecture, breakdown))


def _label(inputs: Inputs, breakdown: str, row: str) -> str:
    """Return what a row is called, in the language that the supervisor reads."""
    if breakdown == "audience":
        return label(AUDIENCES, row)
    return (inputs.topics.get(row, row) if breakdown == "topic" else row) or NOT_SAID


def _breakdown(inputs: Inputs, name: str, by_lecture: Mapping[int, int], shown: Shown) -> list[Part]:
    members: dict[str, list[int]] = {}
    for one in inputs.lectures:
        members.setdefault(_row(one, name), []).append(one.id)
    answers = {row: _levels(inputs, ids) for row, ids in members.items()}
    may_say = guarded({row: sum(levels.values()) for row, levels in answers.items()})
    parts = []
    for row, ids in sorted(members.items()):
        people, levels = sum(by_lecture[one] for one in ids), answers[row]
        hidden = people > 0 and row not in shown.rows[name]
        n, upper = sum(levels.values()), sum(levels[level] for level in SATISFIED)
        says = row in may_say and not hidden
        parts.append(
            Part(
                key=row,
                label=_label(inputs, name, row),
                lectures=len(ids),
                person_times=None if hidden else people,
                satisfied=upper if says else None,
                answers=n if says else None,
                share=_share(upper, n) if says else NOTHING,
                hidden=hidden,
            )
        )
    return parts


def _activity(inputs: Inputs, one: Lecture, shown: Shown) -> Activity:
    figures = inputs.figures.get(one.id, {})
    people = _person_times(inputs, one.id)
    is_shown = one.id in shown.lectures or people == 0
    levels = _levels(inputs, [one.id])
    n = sum(levels.values())
    online = figures.get(("came", AdmissionKind.ONLINE.value), 0)
    kinds = [kind for (measure, kind), count in sorted(figures.items()) if measure == "evidence" and count]
    return Activity(
        slug=one.slug,
        title=one.title,
        starts_at=one.starts_at.astimezone(ZoneInfo(inputs.zone)).strftime("%Y-%m-%dT%H:%M"),
        audience=one.audience.value,
        topic=one.topic,
        district=one.district,
        branch=one.branch,
        campaign=one.campaign,
        mode=one.mode.value,
        person_times=people if is_shown else None,
        online=None if online > 0 and is_small(online) else online,
        satisfied_percent=100 * sum(levels[level] for level in SATISFIED) / n if n >= FEWEST and is_shown else None,
        answers=n if n >= FEWEST and is_shown else None,
        materials=one.materials,
        cost_cents=one.cost_cents,
        evidence=[*kinds, *(["feedback"] if n else [])],
    )


# --- awareness ----------------------------------------------------------------------------------------------------


def _awareness(inputs: Inputs, target: Target | None) -> tuple[Uplift, dict[str, Any]]:
    """Return what people knew before and after, as it is judged and as it is stored."""
    people, mixed = pairing.people(inputs.answers)
    rise, found = measured(people, target)
    later, mixed_later = pairing.people(inputs.answers, after=Wave.FOLLOW_UP)
    followed = any(one.is_pair for one in later) or mixed_later
    return rise, {
        **found,
        "mixed": mixed,
        "follow_up": {**measured(later, target)[1], "mixed": mixed_later} if followed else None,
        "detection": {
            "pre": _detection(inputs.answers.detection.get(Wave.PRE)),
            "post": _detection(inputs.answers.detection.get(Wave.POST)),
        },
    }


def _detection(found: Detection | None) -> dict[str, Any]:
    if found is None:
        return {"scams": 0, "genuine": 0, "hit_rate": None, "false_alarm_rate": None, "d_prime": None}
    scams, genuine = found.hits + found.misses, found.false_alarms + found.correct_rejections
    enough = min(scams, genuine) >= LEAST
    return {
        "scams": scams,
        "genuine": genuine,
        "hit_rate": None if is_small(scams) else found.hit_rate,
        "false_alarm_rate": None if is_small(genuine) else found.false_alarm_rate,
        "d_prime": found.d_prime if enough else None,
    }


# --- quizzes ------------------------------------------------------------------------------------------------------


def _quizzes(inputs: Inputs) -> list[QuizFigures]:
    sums: dict[tuple[str, str], list[float]] = {}
    for one in inputs.taken:
        cell = sums.setdefault(inputs.quiz_names[one.version_id], [0, 0, 0])
        for place, value in enumerate((one.finished, one.passed, one.percents)):
            cell[place] += value
    return [
        QuizFigures(
            slug=slug,
            title=title,
            finished=None if is_small(int(finished)) else int(finished),
            passed=None if is_small(int(finished)) else int(passed),
            # Days added up differ from all rows added up in the last digits, which would look like a change later.
            mean_percent=None if is_small(int(finished)) else round(percents / finished, 6),
        )
        for (slug, title), (finished, passed, percents) in sorted(sums.items())
    ]


# --- what it was made of ------------------------------------------------------------------------------------------


def _inputs(inputs: Inputs) -> dict[str, Any]:
    """Return a digest of each kind of input, so that a later look can say which of them are still the same."""
    parts: dict[str, list[Any]] = {
        "lectures": [[one.slug, _iso(one.starts_at), _iso(one.ends_at)] for one in inputs.lectures],
        "attendance": [
            [one.slug, sorted([*key, value] for key, value in inputs.figures.get(one.id, {}).items() if key != AGAIN)]
            for one in inputs.lectures
        ],
        "people": [[one.slug, inputs.figures.get(one.id, {}).get(AGAIN, 0)] for one in inputs.lectures],
        "answers": sorted(
            (
                [card.event_id]
                + [[wave.value, one.version_id, one.share, one.control] for wave, one in sorted(card.waves.items())]
                for card in inputs.answers.cards
            ),
            key=canonical,
        ),
        "quizzes": [
            [one.version_id, one.audience.value, one.finished, one.passed, round(one.percents, 6)]
            for one in inputs.taken
        ],
        "entries": [dict(one) for one in inputs.entries],
        "surveys": [[one.digest, one.name, one.signer] for one in inputs.surveys],
        "targets": [[one.measure.value, one.value, one.unit.value, one.least] for one in inputs.targets],
        "library": [inputs.library.published, inputs.library.reviewed, inputs.library.overdue, inputs.library.tips],
        "reading": [dict(one) for one in inputs.reading],
    }
    found = {name: {"digest": digest(rows), "count": len(rows)} for name, rows in parts.items()}
    return {"digest": digest(found), "parts": found}


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
