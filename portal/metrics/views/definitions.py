"""What each figure means and how it is counted; every number of the page leads here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from portal.metrics.rules.targets import Measure
from portal.metrics.views.words import MEASURES


@dataclass(frozen=True, slots=True)
class Definition:
    """One figure."""

    key: str
    """The anchor."""
    name: Any
    text: Any


@dataclass(frozen=True, slots=True)
class Group:
    """Figures that are explained together."""

    key: str
    name: Any
    definitions: tuple[Definition, ...]


GROUPS = (
    Group(
        "rules",
        _l("Rules for all figures"),
        (
            Definition(
                "quarter",
                _l("Quarter"),
                _l(
                    "Three months of the calendar in the site's time zone, from the first moment of the first day. "
                    "What happens at midnight after the last day belongs to the next quarter."
                ),
            ),
            Definition(
                "verdict",
                _l("Met, not confirmed, not met, too few"),
                _l(
                    "Met: the whole interval reaches the target. Above target, not confirmed: the figure does, the "
                    "interval reaches below. Not met: the figure does not. Too few: fewer answers or pairs than the "
                    "target asks for, so nothing is said. What was counted in full has no interval: the number decides."
                ),
            ),
            Definition(
                "interval",
                _l("Interval of 95%"),
                _l(
                    "What the figure may be among all people like those who answered. The more answers, the narrower. "
                    "Shares: Wilson's interval. Rises: Student's interval of pairs, widened by a bootstrap of lectures "
                    "where there were several; the seed of the drawing is kept."
                ),
            ),
            Definition(
                "hidden",
                _l("Not shown"),
                _l(
                    "Rows of fewer than 5 people have no figures, so that nobody can be recognised. Where such a row "
                    "could be found out by subtraction, another row is left without figures as well."
                ),
            ),
            Definition(
                "pace",
                _l("At this pace"),
                _l("What has been counted so far, divided by the days that are over, times all days of the quarter."),
            ),
            Definition(
                "closing",
                _l("Closed and confirmed"),
                _l(
                    "One person closes a quarter, another confirms it. From then on its figures stay as they are. What "
                    "becomes known later stands beside them as a dated amendment."
                ),
            ),
        ),
    ),
    Group(
        "lectures-and-people",
        _l("Lectures and people"),
        (
            Definition(
                Measure.LECTURES,
                MEASURES[Measure.LECTURES],
                _l("Lectures that took place in the quarter: published, over, and not called off."),
            ),
            Definition(
                Measure.PERSON_TIMES,
                MEASURES[Measure.PERSON_TIMES],
                _l(
                    "Verified check-ins, one a person and lecture: by code, in a group that somebody confirmed by "
                    "name, or without registration. Registrations, online viewers, counted heads and page views are "
                    "no part of it."
                ),
            ),
            Definition(
                "people",
                _l("Different people"),
                _l(
                    "Different people. Who comes twice is known only where the same contact registered twice, so two "
                    "numbers are given: at least and at most."
                ),
            ),
            Definition(
                "registered",
                _l("Registered"),
                _l("Seats that stood when the lecture began. In the hall, groups and online are counted apart."),
            ),
            Definition(
                "no-shows",
                _l("Did not come"),
                _l("Seats of registrations that stood when the lecture began and were not checked in."),
            ),
            Definition("walk-in", _l("Without registration"), _l("People who came and checked in at the door.")),
            Definition(
                "tally",
                _l("Heads only counted"),
                _l("Heads counted of whom nothing is known. They are no part of the person-times."),
            ),
            Definition(
                "online",
                _l("Online, long enough"),
                _l("People in the list of the online meeting who stayed long enough. Never added to the person-times."),
            ),
            Definition(
                "waiting",
                _l("Waiting list and cancelled"),
                _l("Registrations that did not get a seat, and those that were given back before the lecture."),
            ),
        ),
    ),
    Group(
        "knowing",
        _l("What people knew"),
        (
            Definition(
                Measure.AWARENESS,
                MEASURES[Measure.AWARENESS],
                _l(
                    "The same person's answers before and after a lecture, paired by the code of the seat card. "
                    "Answers without a code are never paired. The target says how the rise is counted: relative to "
                    "before, in percentage points, or as gain. Where people knew more than 83.3% before, a relative "
                    "rise by one fifth is impossible; so if they knew more than 80% before, a gain of at least 0.5 is "
                    "asked for instead, and the page says so."
                ),
            ),
            Definition(
                "difference", _l("Difference"), _l("The mean after minus the mean before, in percentage points.")
            ),
            Definition(
                "relative", _l("Relative rise"), _l("The difference divided by the mean before. From 60% to 72%: +20%.")
            ),
            Definition(
                "gain",
                _l("Gain"),
                _l("The part of what people did not know before that they knew after: 0 is nothing, 1 is everything."),
            ),
            Definition(
                "net",
                _l("Untaught questions and net rise"),
                _l(
                    "Questions that the lecture does not teach show what comes from being asked twice. The net rise is "
                    "the rise of taught questions minus theirs."
                ),
            ),
            Definition(
                "attrition",
                _l("Who answered twice"),
                _l(
                    "The part of those asked before who were also asked after, and whether they knew more or less "
                    "before than those who left."
                ),
            ),
            Definition(
                "mcnemar",
                _l("Question by question"),
                _l(
                    "How many learned the answer and how many lost it. McNemar's exact test: how likely so uneven a "
                    "split is if nothing was learned. The interval of the change is Newcombe's for pairs."
                ),
            ),
            Definition(
                "detection",
                _l("Hits and false alarms"),
                _l("Scams that were called scams, and genuine messages that were called scams. Both are needed."),
            ),
            Definition(
                "surveys",
                _l("Surveys on paper"),
                _l(
                    "A table of answers before and after that somebody brought, paired by its codes. Each survey is "
                    "judged by itself: its questions are not those of the seat cards, so it is no part of awareness."
                ),
            ),
            Definition(
                "follow-up",
                _l("30 days later"),
                _l("The same quiz about 30 days later against before: how much has stayed."),
            ),
        ),
    ),
    Group(
        "voices",
        _l("Satisfaction, reading and search"),
        (
            Definition(
                Measure.SATISFACTION,
                MEASURES[Measure.SATISFACTION],
                _l("The upper two of five levels, divided by all valid answers."),
            ),
            Definition(
                Measure.TIPS, MEASURES[Measure.TIPS], _l("Safety tips that the public could first read in the quarter.")
            ),
            Definition(
                "articles",
                _l("Articles"),
                _l(
                    "Published are those that the public could first read in the quarter, not those that were changed. "
                    "Reviewed are those whose facts were confirmed in it; overdue those whose review is due at its end."
                ),
            ),
            Definition(
                "reads",
                _l("Reads and completions"),
                _l(
                    "How often an edition was opened and how often read to the end. Counted without cookies or "
                    "identity; robots are left out. Reads are no attendance."
                ),
            ),
            Definition(
                "searches",
                _l("Searches"),
                _l("How often something was searched for, and how often nothing was found. Rare words are left out."),
            ),
            Definition(
                "quizzes",
                _l("Quizzes"),
                _l("Attempts that were begun and finished in the quarter, and the part of the finished that passed."),
            ),
        ),
    ),
    Group(
        "entered",
        _l("Figures entered by hand"),
        (
            Definition(
                Measure.COMPLAINTS_24H,
                MEASURES[Measure.COMPLAINTS_24H],
                _l("Complaints closed with an answer within 24 hours, divided by all complaints of the quarter."),
            ),
            Definition(
                Measure.TRAINING,
                MEASURES[Measure.TRAINING],
                _l("Staff who took part in training in the quarter, divided by all staff."),
            ),
            Definition(
                "entries",
                _l("Source and signer"),
                _l("The portal cannot count these. Each has a source, and somebody who signs for it."),
            ),
        ),
    ),
)
