"""What a quarter's report holds. It is stored once as JSON; pages and files of every form read that and nothing else.

Shares and relative changes are from 0 to 1, `…_percent` from 0 to 100, `…_pp` percentage points. None is "not known",
or "too few people to be shown" where `hidden` says so; it is never 0. Keys are stable: words for people are made from
them where they are shown.
"""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

FORMAT = 1
"""Of this file. A report of another format is shown by what it was made with."""
DEFINITIONS = 2
"""Grows when a figure begins to mean something else. 2: what is published again is no article or tip of the quarter."""


class Interval(TypedDict):
    """A value with its interval of 95 %."""

    value: float | None
    low: float | None
    high: float | None


class VerdictLine(TypedDict):
    """A target and what came of it; the headline of the report."""

    measure: str
    """A `targets.Measure`."""
    verdict: str
    """A `verdicts.Verdict`, or `not_known`: nobody has entered it."""
    value: float | None
    low: float | None
    high: float | None
    n: int | None
    """Answers or pairs that it stands on; None where all were counted."""
    target: float
    unit: str
    """A `targets.TargetUnit`."""
    least: int | None
    since: str
    """The quarter from which the target holds."""
    set_by: str
    """Empty: the one that the portal comes with."""
    caveats: list[str]


class Attendance(TypedDict):
    """Lectures that were held and who was there: each kind apart."""

    lectures: int
    called_off: int
    registrations: int
    registered: int
    """Seats of people in the hall; groups and online apart."""
    registered_groups: int
    registered_online: int
    person_times: int
    """人次: verified check-ins; by code, by group and without registration together."""
    by_code: int
    by_group: int
    walk_in: int
    tally: int
    """Heads counted of whom nothing is known: no part of the person-times."""
    online: int
    no_shows: int
    no_shows_groups: int
    no_shows_online: int
    people_at_least: int
    people_at_most: int
    """人数: who comes twice is known only where the same contact registered twice."""
    waiting: int
    cancelled: int


class Part(TypedDict):
    """One row of a breakdown."""

    key: str
    label: str
    lectures: int
    person_times: int | None
    satisfied: int | None
    answers: int | None
    share: Interval
    hidden: bool
    """Fewer than five people, or another row would tell of fewer: no figures."""


class Satisfaction(TypedDict):
    """Of five levels the upper two."""

    n: int
    satisfied: int | None
    share: Interval
    levels: dict[str, int | None]
    """From "5", very satisfied, to "1"."""


class EditionReads(TypedDict):
    """How often an edition was read."""

    audience: str
    locale: str
    reads: int
    completions: int
    helpful_yes: int | None
    helpful_no: int | None
    """None: fewer than five people said so."""


class Term(TypedDict):
    """What was searched for."""

    term: str
    times: int


class QuizFigures(TypedDict):
    """A quiz, and how it was taken; None: too few."""

    slug: str
    title: str
    finished: int | None
    passed: int | None
    mean_percent: float | None


class Entry(TypedDict):
    """A figure that a person entered."""

    measure: str
    numerator: float
    denominator: float | None
    source: str
    signer: str
    entered_by: str
    entered_at: str


class SurveyFigures(TypedDict):
    """A survey on paper: what its pairs come to, beside the headline and never a part of it."""

    name: str
    signer: str
    digest: str
    """SHA-256 of the file that was taken in."""
    rows: int
    taken_by: str
    taken_at: str
    found: dict[str, Any]
    """As `uplift_json.to_json` has it."""


class Activity(TypedDict):
    """A row of the ledger of activities (活动台账)."""

    slug: str
    title: str
    starts_at: str
    """In the site's zone, as 2026-09-15T14:00."""
    audience: str
    topic: str
    district: str
    branch: str
    campaign: str
    mode: str
    person_times: int | None
    online: int | None
    satisfied_percent: float | None
    answers: int | None
    materials: int | None
    cost_cents: int | None
    evidence: list[str]
    """Kinds of proof that are kept: check_ins, paper_sheets, meeting_list, feedback, seat_cards."""


class Point(TypedDict):
    """A measure in one quarter, for what came before."""

    quarter: str
    value: float | None
    low: float | None
    high: float | None
    n: int | None


class Report(TypedDict):
    """A whole quarter."""

    format: int
    definitions: int
    quarter: str
    """As 2026Q3."""
    zone: str
    begins: str
    ends: str
    """ISO 8601 in UTC; the end is not part of it."""
    as_of: str
    is_over: bool
    demo: bool
    """Invented figures for looking around."""
    verdicts: list[VerdictLine]
    attendance: Attendance
    breakdowns: dict[str, list[Part]]
    """By `audience`, `topic`, `district`, `campaign`."""
    satisfaction: Satisfaction
    awareness: dict[str, Any]
    """As `uplift_json.to_json` has it, and `follow_up` (the same, or None), `mixed` (pairs of which the quizzes cannot
    be compared), `detection` (`pre` and `post`: `hit_rate`, `false_alarm_rate`, `scams`, `genuine`)."""
    articles: dict[str, int]
    """`published`, `reviewed`, `overdue`, `tips`."""
    reading: list[EditionReads]
    search: dict[str, Any]
    """`searches`, `nothing` (counts), `terms` and `nothing_terms` (lists of `Term`)."""
    quizzes: list[QuizFigures]
    entries: list[Entry]
    surveys: NotRequired[list[SurveyFigures]]
    """Reports that were closed before there were any have none."""
    ledger: list[Activity]
    series: dict[str, list[Point]]
    """By measure, the oldest first, this quarter last."""
    inputs: dict[str, Any]
    """`digest` of all that it was made of, and by `parts` (attendance, answers, …) `digest` and `count` of rows."""
