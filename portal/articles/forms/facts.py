"""What all editions of an article share, as staff type it: names and days, and rows of sources and of facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, HiddenField, SelectField, StringField

from portal.articles.forms.base import day
from portal.articles.models import Sheet
from portal.articles.rules import read_facts, read_sources
from portal.core.forms import (
    Form,
    Typed,
    area,
    at_most,
    changed,
    count,
    known_choice,
    line,
    name_in_address,
    optional,
    required,
    select,
    stripped,
)
from portal.core.i18n import in_words
from portal.reference.rules import Node, Problems

COUNTERS = {"source": "sources", "fact": "facts"}
"""The kinds of rows, and the field that says how many there are of each."""
MOST_ROWS = 40
_LOCALES = {"": "zh-Hans", "en": "en", "hant": "zh-Hant"}
"""What is added to the name of a field for each language that it is written in."""


class FactsForm(Form):
    """What all editions share; each source and fact adds fields of its own."""

    expected = HiddenField(validators=[required()])
    sources = HiddenField()
    facts = HiddenField()
    slug = StringField(
        _l("Name in the address"), filters=[stripped], validators=[required(), at_most(80), name_in_address()]
    )
    topic = SelectField(_l("Topic"), choices=[], validate_choice=False, validators=[required(), known_choice()])
    related = StringField(_l("Related articles"), filters=[stripped], validators=[at_most(500)])
    review_by = StringField(_l("To be checked again by"), filters=[stripped], validators=[required(), day()])
    expires = StringField(_l("Ends on (alerts)"), filters=[stripped], validators=[optional(), day()])
    checked = BooleanField(_l("I have checked every fact against its source today"))


def facts_form(typed: Typed, *, topics: Sequence[tuple[str, str]]) -> FactsForm:
    """Return the form with as many rows as `typed` says."""
    rows = {group: count(typed, most=MOST_ROWS, counter=counter) for group, counter in COUNTERS.items()}
    fields: dict[str, Any] = {}
    for row in range(rows["source"]):
        fields |= _source_fields(f"source_{row}_")
    named = {
        (typed.get(f"source_{row}_key") or "").strip(): (typed.get(f"source_{row}_title") or "").strip()
        for row in range(rows["source"])
    }
    for row in range(rows["fact"]):
        fields |= _fact_fields(f"fact_{row}_", named)
    made: FactsForm = type("FactsForm", (FactsForm,), fields)(formdata=typed)
    made.topic.choices = list(topics)
    for group, counter in COUNTERS.items():
        made[counter].data = str(rows[group])
    return made


def moved_rows(typed: Typed, action: str) -> Typed | None:
    """Return what was typed with its rows changed as a button says; None: no button of rows was pressed."""
    for group, counter in COUNTERS.items():
        moved = changed(typed, action, most=MOST_ROWS, group=group, counter=counter)
        if moved is not None:
            return moved
    return None


def _source_fields(start: str) -> dict[str, Any]:
    evidence = [
        ("primary", _l("First hand: read where it was issued")),
        ("secondary", _l("Second hand: as told by others")),
    ]
    return {
        f"{start}key": line(_l("Name in texts"), 80, required(), name_in_address()),
        f"{start}title": line(_l("Title"), 300, required()),
        f"{start}publisher": line(_l("Publisher"), 120, required()),
        f"{start}titleen": line(_l("Title in English"), 300),
        f"{start}publisheren": line(_l("Publisher in English"), 120),
        f"{start}titlehant": HiddenField(),
        f"{start}publisherhant": HiddenField(),
        f"{start}published": line(_l("Published on"), 10),
        f"{start}url": line(_l("Web address"), 500),
        f"{start}evidence": select(_l("Evidence"), choices=evidence),
        f"{start}checked": line(_l("Read on"), 10, required(), day()),
    }


def _fact_fields(start: str, sources: Mapping[str, str]) -> dict[str, Any]:
    choices = [("", "–"), *((key, title or key) for key, title in sources.items() if key)]
    return {
        f"{start}key": line(_l("Name of the fact"), 80, required(), name_in_address()),
        f"{start}text": area(_l("Fact"), 2_000, required()),
        f"{start}texten": area(_l("Fact in English"), 2_000),
        f"{start}texthant": HiddenField(),
        f"{start}source": select(_l("Source"), required(_l("Choose one of the sources above.")), choices=choices),
    }


def typed_of_sheet(sheet: Sheet, zone: ZoneInfo) -> Typed:
    """Return what the form says of a sheet, as if somebody had typed it."""
    typed: Typed = MultiDict(
        {
            "expected": str(sheet.number),
            "slug": sheet.slug,
            "topic": sheet.topic,
            "related": " ".join(sheet.related),
            "review_by": sheet.review_by,
            "expires": sheet.expires_at.astimezone(zone).date().isoformat() if sheet.expires_at else "",
            "sources": str(len(sheet.sources)),
            "facts": str(len(sheet.facts)),
        }
    )
    for row, source in enumerate(sheet.sources):
        start = f"source_{row}_"
        typed.update({f"{start}{name}": source.get(name, "") for name in ("key", "published", "url", "evidence")})
        typed[f"{start}checked"] = source.get("checked_on", "")
        for part in ("title", "publisher"):
            typed.update(_said(start + part, source.get(part, {})))
    for row, fact in enumerate(sheet.facts):
        start = f"fact_{row}_"
        typed.update({f"{start}{name}": fact.get(name, "") for name in ("key", "source")})
        typed.update(_said(f"{start}text", fact.get("text", {})))
    return typed


def _said(name: str, words: dict[str, str]) -> dict[str, str]:
    return {name + ending: words.get(locale, "") for ending, locale in _LOCALES.items()}


def rows_of(form: FactsForm) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return sources and facts as a package's `article.yaml` has them, after putting errors beside their fields."""
    problems = Problems()
    sources = read_sources(_list(form, "source", ("title", "publisher"), problems))
    facts = read_facts(_list(form, "fact", ("text",), problems), sources={row["key"] for row in sources})
    for problem in problems.found:
        if not form[problem.file].errors:
            form.refuse(problem.file, in_words(problem.text))
    return sources, facts


_PARTS = {"source": ("key", "published", "url", "evidence", "checked"), "fact": ("key", "source")}
_NAMED = {"checked": "checked_on"}


def _list(form: FactsForm, group: str, localised: tuple[str, ...], problems: Problems) -> Node:
    """Return the rows of a group as a file would have them; each value stands in the place of its field."""

    def node(value: Any, name: str) -> Node:
        return Node(value, file=name, line=0, problems=problems)

    def leaf(name: str) -> Node:
        return node(form[name].data or "", name)

    rows = []
    for row in range(int(form[COUNTERS[group]].data)):
        start = f"{group}_{row}_"
        fields = {
            _NAMED.get(part, part): leaf(start + part)
            for part in _PARTS[group]
            if form[start + part].data or part not in ("published", "url")
        }
        for part in localised:
            said = {
                locale: leaf(start + part + ending)
                for ending, locale in _LOCALES.items()
                if not ending or form[start + part + ending].data
            }
            fields[part] = node(said, start + part)
        rows.append(node(fields, f"{start}key"))
    return node(rows, COUNTERS[group])
