"""A quiz as staff type it: its words, its places, how it is taken."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, HiddenField
from wtforms.validators import ValidationError

from portal.core.forms import Choices, Form, Typed, known, name_in_address, radio, required, select, whole
from portal.quizzes.forms.fields import area, line
from portal.quizzes.forms.items import VOICES
from portal.quizzes.rules.answers import number
from portal.quizzes.rules.bank import RESERVED
from portal.quizzes.rules.items import Difficulty
from portal.quizzes.rules.quizzes import Counts, Feedback, Layout, Pool, Quiz, QuizVoice, Slot

MOST_SLOTS = 60
MOST_POINTS = 1000
MOST_MINUTES = 24 * 60
MOST_ATTEMPTS = 1000
ITEM, POOL = "item", "pool"


@dataclass(frozen=True, slots=True)
class QuizShelf:
    """What a quiz can refer to: values with their names."""

    topics: Choices = ()
    articles: Choices = ()
    difficulties: Choices = ()
    """With an empty value first, for any."""
    feedback: Choices = ()
    layouts: Choices = ()
    counts: Choices = ()
    items: Collection[str] = ()


def _points() -> Any:
    def check(_form: Form, field: Field) -> None:
        value = number(field.data or "")
        if value is None or not 0 < value <= MOST_POINTS:
            raise ValidationError(_l("Write the points as a number above 0, such as 1 or 2.5."))

    return check


def quiz_form(*, rows: int, shelf: QuizShelf, new: bool, typed: Typed | None) -> Form:
    """Return the form of a quiz with so many places.

    Args:
        new: the quiz has no name yet.
        typed: what was sent; None: nothing was.
    """
    fields: dict[str, Any] = {"base": HiddenField(), "rows": HiddenField()}
    if new:
        fields["slug"] = line(_l("Name in the address"), 80, required(), name_in_address(RESERVED))
    fields["title"] = line(_l("Title"), 120, required())
    fields["intro"] = area(_l("Introduction"))
    fields["topic"] = select(_l("Topic"), choices=shelf.topics)
    fields["article"] = line(
        _l("Article that teaches it"),
        80,
        known((slug for slug, _title in shelf.articles), _l("There is no article of this name.")),
    )
    for row in range(rows):
        fields |= _slot_fields(row, shelf, is_pool=typed is not None and typed.get(f"slot_{row}_sort") == POOL)
    fields["feedback"] = radio(_l("When the key is told"), shelf.feedback)
    fields["layout"] = radio(_l("How the questions stand"), shelf.layouts)
    fields["shuffle"] = BooleanField(_l("Ask the questions in another order each time"))
    fields["attempts"] = line(_l("How often one person may take it"), 5, required(), whole(0, MOST_ATTEMPTS))
    fields["counts"] = radio(_l("Which attempt counts"), shelf.counts)
    fields["minutes"] = line(_l("Time limit in minutes"), 5, required(), whole(0, MOST_MINUTES))
    fields["percent"] = line(_l("Pass mark in percent"), 5, required(), whole(0, 100))
    fields["certainty"] = BooleanField(_l("Ask how sure people are, and mark by it"))
    fields["form"] = select(_l("Form"), choices=(("", "–"), ("A", "A"), ("B", "B")))
    fields["pair"] = line(_l("Name of the pair"), 80)
    for start in VOICES.values():
        fields[f"{start}_title"] = line(_l("Title"), 120)
        fields[f"{start}_intro"] = area(_l("Introduction"))
    fields["note"] = line(_l("What you changed and why"), 300)
    made: Form = type("QuizForm", (Form,), fields)(formdata=typed)
    return made


def _slot_fields(row: int, shelf: QuizShelf, *, is_pool: bool) -> dict[str, Any]:
    start = f"slot_{row}_"
    fields: dict[str, Any] = {f"{start}sort": HiddenField()}
    if is_pool:
        fields[f"{start}topic"] = select(_l("Drawn from the topic"), required(), choices=shelf.topics)
        fields[f"{start}difficulty"] = select(_l("Difficulty"), choices=shelf.difficulties)
        fields[f"{start}count"] = line(_l("How many"), 5, required(), whole(1, 100))
    else:
        missing = _l("There is no question of this name.")
        fields[f"{start}item"] = line(_l("Question"), 80, required(), known(shelf.items, missing))
    fields[f"{start}points"] = line(_l("Points"), 12, required(), _points())
    fields[f"{start}control"] = BooleanField(_l("Control: the lecture does not teach it"))
    return fields


def typed_of_quiz(quiz: Quiz, *, base: int) -> Typed:
    """Return what the form of a quiz says, as if somebody had typed it."""
    typed: Typed = MultiDict(
        {
            "base": str(base),
            "rows": str(len(quiz.slots)),
            "slug": quiz.slug,
            "title": quiz.title,
            "intro": quiz.intro,
            "topic": quiz.topic,
            "article": quiz.article,
            "feedback": quiz.feedback.value,
            "layout": quiz.layout.value,
            "attempts": str(quiz.attempts),
            "counts": quiz.counts.value,
            "minutes": str(quiz.minutes),
            "percent": str(quiz.pass_percent),
            "form": quiz.form,
            "pair": quiz.pair,
        }
    )
    typed.update({name: "y" for name in ("shuffle", "certainty") if getattr(quiz, name)})
    for row, slot in enumerate(quiz.slots):
        typed.update(typed_slot(row, slot))
    for key, start in VOICES.items():
        voice = quiz.voices.get(key, QuizVoice())
        typed.update({f"{start}_title": voice.title, f"{start}_intro": voice.intro})
    return typed


def typed_slot(row: int, slot: Slot) -> dict[str, str]:
    """Return what the fields of one place say."""
    start = f"slot_{row}_"
    typed = {f"{start}sort": POOL if slot.pool else ITEM, f"{start}points": f"{slot.points:.10g}"}
    if slot.pool is not None:
        typed[f"{start}topic"] = slot.pool.topic
        typed[f"{start}difficulty"] = slot.pool.difficulty.value if slot.pool.difficulty else ""
        typed[f"{start}count"] = str(slot.pool.count)
    else:
        typed[f"{start}item"] = slot.item
    if slot.control:
        typed[f"{start}control"] = "y"
    return typed


def quiz_of(form: Form, old: Quiz) -> Quiz:
    """Return the quiz that a form says, made from the one that was edited."""
    return replace(
        old,
        slug=(form["slug"].data or "") if "slug" in form else old.slug,
        title=form["title"].data or "",
        intro=form["intro"].data or "",
        topic=form["topic"].data or "",
        article=form["article"].data or "",
        slots=tuple(_slot(form, row) for row in range(int(form["rows"].data or 0))),
        feedback=Feedback(form["feedback"].data),
        layout=Layout(form["layout"].data),
        shuffle=form["shuffle"].data,
        attempts=int(form["attempts"].data),
        counts=Counts(form["counts"].data),
        minutes=int(form["minutes"].data),
        pass_percent=int(form["percent"].data),
        certainty=form["certainty"].data,
        form=form["form"].data or "",
        pair=form["pair"].data or "",
        voices=_voices(form, old),
    )


def _slot(form: Form, row: int) -> Slot:
    start = f"slot_{row}_"
    pool = None
    if f"{start}count" in form:
        difficulty = form[f"{start}difficulty"].data
        pool = Pool(
            topic=form[f"{start}topic"].data,
            count=int(form[f"{start}count"].data),
            difficulty=Difficulty(difficulty) if difficulty else None,
        )
    return Slot(
        item="" if pool else form[f"{start}item"].data or "",
        pool=pool,
        points=number(form[f"{start}points"].data) or 1.0,
        control=form[f"{start}control"].data,
    )


def _voices(form: Form, old: Quiz) -> dict[str, QuizVoice]:
    found = {key: voice for key, voice in old.voices.items() if key not in VOICES}
    for key, start in VOICES.items():
        voice = QuizVoice(form[f"{start}_title"].data or "", form[f"{start}_intro"].data or "")
        if voice != QuizVoice():
            found[key] = voice
    order = [*old.voices, *VOICES]
    return {key: found[key] for key in sorted(found, key=order.index)}


def look_again_at_quiz(form: Form) -> None:
    """Put beside the fields what single fields cannot tell."""
    if bool(form["form"].data) != bool(form["pair"].data):
        message = gettext("A form A or B needs the name of its pair, and a pair its form.")
        form.refuse("form" if form["pair"].data else "pair", message)


def quiz_can_be_judged(form: Form) -> bool:
    """Return whether a checked form says enough for the check: words and questions may still be missing."""
    return not any(
        field.data or not (field.name in ("slug", "title") or field.name.endswith("_item")) for field in form.wrong
    )
