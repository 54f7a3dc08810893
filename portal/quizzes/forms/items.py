"""A question as staff type it: the fields that its kind needs, and the way from them to an item and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, HiddenField, RadioField
from wtforms.validators import ValidationError

from portal.core.forms import Choices, Form, Typed, known, name_in_address, radio, required, select
from portal.core.settings import Audience, Locale
from portal.quizzes.forms.fields import (
    OPTION,
    STEM,
    a_number,
    area,
    line,
    percent,
)
from portal.quizzes.rules.bank import RESERVED
from portal.quizzes.rules.items import (
    FALSE,
    GENUINE,
    SCAM,
    TRUE,
    UNSURE,
    Kind,
    markings,
    voice_key,
)

MOST_ROWS = 30
VOICES: dict[str, str] = {
    key: key.replace("-", "_").replace(".", "_")
    for locale in (Locale.HANS, Locale.EN)
    for audience in Audience
    if (key := voice_key(audience, locale)) != Audience.GENERAL
}
"""The voices that the editor offers, and how the names of their fields begin."""
FIXED: dict[Kind, tuple[str, ...]] = {Kind.TRUE_FALSE: (TRUE, FALSE), Kind.JUDGEMENT: (SCAM, GENUINE, UNSURE)}
"""Kinds whose options are given; only their words are typed."""
TICKED = frozenset({Kind.SINGLE_CHOICE, Kind.MULTIPLE_CHOICE})
"""Kinds where the right options are ticked."""
WEIGHED = TICKED | {Kind.SHORT_ANSWER, Kind.NUMERIC}
"""Kinds where an option can have a weight of its own."""

SILENT = frozenset({Kind.MATCHING, Kind.ORDERING})
"""Kinds where nothing is said to single options, unless an imported file does."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """What a question can refer to: values with their names."""

    topics: Choices = ()
    articles: Choices = ()
    pictures: Choices = ()
    difficulties: Choices = ()
    media: Choices = ()
    markings: Choices = ()


def item_form(kind: Kind, *, rows: int, shelf: Shelf, new: bool, typed: Typed | None) -> Form:
    """Return the form of a question of `kind` with so many rows of options.

    Args:
        new: the question has no name yet.
        typed: what was sent; None: nothing was.
    """
    fields: dict[str, Any] = {"base": HiddenField(), "rows": HiddenField()}
    if new:
        fields["name"] = line(_l("Name"), 80, required(), name_in_address(RESERVED))
    fields["topic"] = select(_l("Topic"), choices=shelf.topics)
    fields["difficulty"] = select(_l("Difficulty"), required(), choices=shelf.difficulties)
    fields["title"] = line(_l("Short name for staff"), 200)
    fields["article"] = line(
        _l("Article that teaches it"),
        80,
        known((slug for slug, _title in shelf.articles), _l("There is no article of this name.")),
    )
    if kind is Kind.JUDGEMENT:
        fields["medium"] = select(_l("What is shown"), choices=shelf.media)
        fields["sender"] = line(_l("Who it seems to come from"), 200)
        fields["stimulus"] = area(_l("The message, word for word"))
        fields["picture"] = select(_l("Picture"), choices=shelf.pictures)
    fields["stem"] = area(_l("Question"), STEM, required())
    if kind in FIXED:
        fields["truth"] = RadioField(_l("What is right"), choices=[], validate_choice=False, validators=[_truth(kind)])
    for row in range(rows):
        fields |= _row(kind, row)
    fields["explanation"] = area(_l("Explanation"))
    if len(markings(kind)) > 1:
        fields["marking"] = radio(_l("How it is marked"), shelf.markings)
    if kind in (Kind.SINGLE_CHOICE, Kind.MULTIPLE_CHOICE):
        fields["shuffle"] = BooleanField(_l("Show the options in another order each time"))
    if kind is Kind.SHORT_ANSWER:
        fields["capitals"] = BooleanField(_l("Capitals count"))
    fields["source"] = line(_l("Source of the fact, if no article says it"), 300)
    fields["checked"] = line(_l("Checked on"), 10)
    for start in VOICES.values():
        fields |= _voice(kind, start, rows)
    fields["note"] = line(_l("What you changed and why"), 300)
    if kind in SILENT and not any(said for name, said in (typed or {}).items() if name.endswith("_feedback")):
        fields = {name: field for name, field in fields.items() if not name.endswith("_feedback")}
    made: Form = type("ItemForm", (Form,), fields)(formdata=typed)
    return made


def _truth(kind: Kind) -> Any:
    def check(_form: Form, field: Field) -> None:
        if field.data not in FIXED[kind][:2]:
            raise ValidationError(_l("Please choose one of the options."))

    return check


def _row(kind: Kind, row: int) -> dict[str, Any]:
    start = f"option_{row}_"
    fields: dict[str, Any] = {f"{start}id": HiddenField()}
    if kind is Kind.NUMERIC:
        fields[f"{start}text"] = line(_l("The number"), 40, a_number(pattern="*"))
        fields[f"{start}tolerance"] = line(_l("May be off by"), 40, a_number(least=0))
    elif kind is Kind.MATCHING:
        fields[f"{start}text"] = area(_l("Left side"), OPTION)
        fields[f"{start}match"] = area(_l("Right side"), OPTION)
    elif kind is Kind.SHORT_ANSWER:
        fields[f"{start}text"] = line(_l("Answer"))
    else:
        fields[f"{start}text"] = area(_l("Wording"), OPTION)
    if kind in TICKED:
        fields[f"{start}right"] = BooleanField(_l("Right answer"))
    if kind in WEIGHED:
        fields[f"{start}share"] = line(_l("Weight in percent"), 12, percent())
    fields[f"{start}feedback"] = area(_l("What is said to it"))
    return fields


def _voice(kind: Kind, start: str, rows: int) -> dict[str, Any]:
    fields: dict[str, Any] = {f"{start}_stem": area(_l("Question"), STEM)}
    if kind is Kind.JUDGEMENT:
        fields[f"{start}_stimulus"] = area(_l("The message, word for word"))
    for row in range(rows):
        if kind not in (Kind.NUMERIC, Kind.SHORT_ANSWER):
            fields[f"{start}_{row}_text"] = area(_l("Left side") if kind is Kind.MATCHING else _l("Wording"), OPTION)
        if kind is Kind.MATCHING:
            fields[f"{start}_{row}_match"] = area(_l("Right side"), OPTION)
        fields[f"{start}_{row}_feedback"] = area(_l("What is said to it"))
    fields[f"{start}_explanation"] = area(_l("Explanation"))
    return fields
