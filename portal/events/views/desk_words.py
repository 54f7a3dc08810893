"""Lectures in words, for the desk: states, reasons, what the check says, and whole plans as text for comparing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import flask
from flask_babel import gettext

from portal.core.settings import Audience, Locale
from portal.events.models import Event, Review
from portal.events.queries.common import phase_of
from portal.events.rules.lectures import EventState, Mode, Phase, Place, ReviewOutcome
from portal.events.rules.plans import LANGUAGES, Plan, Why
from portal.events.rules.questions import QuestionKind
from portal.events.rules.seats import State
from portal.events.rules.when import is_ambiguous
from portal.events.services.judging import Checked
from portal.prose.rules import Level, say
from portal.prose.rules.diff import Passage, diff
from portal.reference.rules import localised

Changes = list[tuple[str, list[Passage]]]


def state_of(event: Event, review: Review | None, at: datetime) -> tuple[str, str, str]:
    """Return where a lecture stands: a class, an icon, and a word."""
    if event.state is EventState.CANCELLED:
        return "late", "careful", gettext("Called off")
    if event.state is EventState.DRAFT:
        waits = review is not None and review.outcome is ReviewOutcome.OPEN
        return ("wait", "half", gettext("In review")) if waits else ("mine", "edit", gettext("Draft"))
    words = {
        Phase.COMING: gettext("Published, registration has not opened"),
        Phase.OPEN: gettext("Registration is open"),
        Phase.CLOSED: gettext("Registration is closed"),
        Phase.RUNNING: gettext("Takes place now"),
        Phase.OVER: gettext("Over"),
    }
    return "done", "check", words[phase_of(event, at)]


def mode_word(mode: str) -> str:
    """Return how a lecture is held."""
    words: dict[str, str] = {
        Mode.IN_PERSON: gettext("In a hall"),
        Mode.ONLINE: gettext("Online"),
        Mode.HYBRID: gettext("In a hall and online"),
    }
    return words[mode]


def place_word(place: str) -> str:
    """Return where a seat is."""
    words: dict[str, str] = {Place.IN_PERSON: gettext("In the hall"), Place.ONLINE: gettext("Online")}
    return words[place]


def outcome_word(outcome: str) -> str:
    """Return what became of a review."""
    words: dict[str, str] = {
        ReviewOutcome.OPEN: gettext("In review"),
        ReviewOutcome.APPROVED: gettext("Approved"),
        ReviewOutcome.SENT_BACK: gettext("Sent back"),
        ReviewOutcome.TAKEN_BACK: gettext("Taken back, or changed meanwhile"),
    }
    return words[outcome]


def seat_word(state: str) -> str:
    """Return where a registration stands."""
    words: dict[str, str] = {
        State.PENDING: gettext("Waits for a guardian"),
        State.CONFIRMED: gettext("Has a seat"),
        State.WAITING: gettext("On the waiting list"),
        State.OFFERED: gettext("Is offered a seat"),
        State.CANCELLED: gettext("Cancelled"),
        State.PASSED: gettext("Passed the seat on"),
        State.LAPSED: gettext("Time ran out"),
    }
    return words[state]


def why_word(why: Why) -> str:
    """Return why a step is refused, as a sentence that says what to do instead."""
    words: dict[str, str] = {
        Why.OWN_TEXT: gettext("You wrote part of this, or submitted it. Somebody else must look at it."),
        Why.WRONG_STATE: gettext("This step is not possible now: look at where the lecture stands."),
        Why.NOTHING_NEW: gettext("Nothing has changed since the last publication."),
        Why.PROBLEMS: gettext("Something is still missing. See what the check says."),
        Why.FINDINGS: gettext("Give a reason for each sentence that the check holds back, or send the text back."),
        Why.NO_RULES: gettext(
            "There are no rules to check by, so nothing can pass. Ask for content/lint.yaml to be taken in."
        ),
        Why.WAS_PUBLIC: gettext("The public has seen it, so it stays. Call it off if it does not take place."),
        Why.HAS_PEOPLE: gettext("People have registered, so it stays. Call it off if it does not take place."),
    }
    return words[why]


def problem_word(code: str) -> str:
    """Return what keeps a lecture from being shown, as a sentence."""
    code, _colon, name = code.partition(":")
    words: dict[str, Callable[[], str]] = {
        "title-missing": lambda: gettext("It has no Chinese title."),
        "summary-missing": lambda: gettext("It has no Chinese summary."),
        "learn-missing": lambda: gettext("It does not say in Chinese what people will learn."),
        "venue-missing": lambda: gettext("It names no venue."),
        "address-missing": lambda: gettext("It has no address."),
        "online-missing": lambda: gettext("The address of the online meeting is missing."),
        "telephone-missing": lambda: gettext("It names no telephone for people without a screen."),
        "over": lambda: gettext("Its time is over. Choose a later one."),
        "article-not-public": lambda: gettext("The article %(name)s is not public.", name=name),
        "quiz-not-public": lambda: gettext("The quiz %(name)s is not public.", name=name),
    }
    return str(words[code]())


# --- the check ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that the check says of a sentence."""

    key: str
    blocks: bool
    language: str
    passage: str
    sentence: str
    what: str
    law: str
    suggestion: str


def remarks(found: Checked) -> list[Remark]:
    """Return what the check says, in the person's language; what keeps the text back comes first."""
    shown = Locale(flask.g.locale)
    kept: dict[str, Remark] = {}
    for judgement in found.judgements:
        for finding in judgement.findings:
            why, law, suggestion = (
                localised(text, shown)[0] for text in (finding.rule.why, finding.rule.law, finding.rule.suggestion)
            )
            blocks = finding.level is Level.BLOCK
            remark = Remark(
                finding.key, blocks, judgement.locale, finding.passage, finding.sentence, why, law, suggestion
            )
            kept.setdefault(finding.key, remark)
        for note in judgement.reading.notes:
            what = say(note.message, note.params, locale=shown)
            remark = Remark(note.key, note.level is Level.BLOCK, judgement.locale, "", note.sentence, what, "", "")
            kept.setdefault(note.key, remark)
    return sorted(kept.values(), key=lambda one: not one.blocks)


# --- as text, for comparing ---------------------------------------------------------------------------------------


def compare(old: Mapping[str, str], new: Mapping[str, str]) -> Changes:
    """Return what is different, part by part; parts that are the same are left out."""
    names = [*new, *(name for name in old if name not in new)]
    return [
        (name, diff(old.get(name, ""), new.get(name, ""))) for name in names if old.get(name, "") != new.get(name, "")
    ]


def text_parts(content: Mapping[str, Any] | None) -> dict[str, str]:
    """Return the texts of a lecture, part by part: everything that a reviewer decides on."""
    said: Mapping[str, Any] = content or {}
    names = {
        "title": gettext("Title"),
        "summary": gettext("Summary"),
        "learn": gettext("What people will learn"),
        "speaker": gettext("Speaker"),
        "materials": gettext("Materials"),
    }
    parts = {}
    for locale in LANGUAGES:
        for part, name in names.items():
            label = name if locale is Locale.HANS else gettext("%(part)s in English", part=name)
            parts[label] = (said.get(part) or {}).get(locale, "")
    parts[gettext("Questions to those who register")] = "\n".join(map(_question, said.get("questions") or ()))
    return {name: text for name, text in parts.items() if text}


def _question(question: Mapping[str, Any]) -> str:
    said = _both(question["label"])
    if question["kind"] == QuestionKind.CHOICE:
        said += ": " + " | ".join(_both(option["label"]) for option in question["options"])
    if question.get("required"):
        said += f" ({gettext('must be answered')})"
    return said


def _both(text: Mapping[str, str]) -> str:
    return " / ".join(text[locale] for locale in LANGUAGES if text.get(locale))


def fact_rows(
    plan: Plan, zone: ZoneInfo, *, with_link: bool, topics: Mapping[str, str] | None = None
) -> list[tuple[str, str]]:
    """Return what else a lecture says, as pairs of a name and a value; what is empty is left out.

    Args:
        with_link: the address of the online meeting, which only those hear who have a seat.
        topics: names by key.
    """
    details, when, where = plan.details, plan.when, plan.where
    access = [
        word
        for name, word in (
            ("step_free", gettext("Step-free access")),
            ("hearing_loop", gettext("Hearing loop")),
            ("sign_language", gettext("Sign language")),
        )
        if getattr(details, name)
    ]
    rows = [
        (gettext("Begins"), moment(when.starts_at, zone)),
        (gettext("Ends"), moment(when.ends_at, zone)),
        (gettext("Registration opens"), moment(when.opens_at, zone)),
        (gettext("Registration closes"), moment(when.closes_at, zone)),
        (gettext("How it is held"), mode_word(plan.mode)),
        (gettext("Seats"), ", ".join(f"{place_word(place)}: {seats}" for place, seats in plan.seats.items())),
        (gettext("Venue"), _both(where.venue)),
        (gettext("Address"), _both(where.address)),
        (gettext("Address of a map"), where.map_url),
        (gettext("Address of the online meeting"), where.online_url if with_link else ""),
        (gettext("Access"), ", ".join(access)),
        (gettext("More on access"), _both(details.access_note)),
        (gettext("For which people"), audience_word(details.audience)),
        (gettext("Topic"), (topics or {}).get(details.topic, details.topic)),
        (gettext("Articles to read"), ", ".join(details.articles)),
        (gettext("Quiz before"), details.pre_quiz),
        (gettext("Quiz after"), details.post_quiz),
        (gettext("Telephone"), details.telephone),
        (gettext("Most seats for one registration"), str(details.most_seats)),
        (gettext("Groups of people"), gettext("may register") if details.takes_groups else gettext("may not register")),
        (gettext("District"), details.district),
        (gettext("Branch"), details.branch),
        (gettext("Campaign"), details.campaign),
    ]
    return [(name, value) for name, value in rows if value]


def plan_parts(plan: Plan, zone: ZoneInfo) -> dict[str, str]:
    """Return a whole plan as text, part by part."""
    facts = "\n".join(f"{name}: {value}" for name, value in fact_rows(plan, zone, with_link=True))
    return {**text_parts(plan.content), gettext("Facts"): facts}


def moment(at: datetime, zone: ZoneInfo) -> str:
    """Return a moment as clocks in the site's zone show it; with the offset where they show it twice."""
    here = at.astimezone(zone)
    return f"{here:%Y-%m-%d %H:%M}" + (f" UTC{here:%z}" if is_ambiguous(at, zone) else "")


def audience_word(audience: str) -> str:
    """Return whom a lecture is for."""
    words: dict[str, str] = {
        Audience.GENERAL: gettext("Everybody"),
        Audience.ELDERLY: gettext("Elderly"),
        Audience.YOUTH: gettext("Youth"),
        Audience.NEW_RESIDENT: gettext("New residents"),
    }
    return words[audience]
