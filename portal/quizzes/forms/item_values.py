"""The way from an item to what stands in the fields of its form, and back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from portal.core.forms import Form, Typed, count
from portal.quizzes.forms.items import FIXED, MOST_ROWS, TICKED, VOICES, WEIGHED
from portal.quizzes.rules.answers import number
from portal.quizzes.rules.items import (
    FALSE,
    GENUINE,
    SCAM,
    TRUE,
    UNMARKED,
    UNSURE,
    Difficulty,
    Item,
    Kind,
    Marking,
    Medium,
    Option,
    Stimulus,
    Voice,
    markings,
)

USUAL = {TRUE: "对", FALSE: "错", SCAM: "是骗局", GENUINE: "不是骗局", UNSURE: "不确定"}
"""What the given options are called, if nobody says otherwise."""
OPENING_ROWS = 4


def typed_of(item: Item, *, base: int) -> Typed:
    """Return what the form of an item says, as if somebody had typed it."""
    typed: Typed = MultiDict(
        {
            "base": str(base),
            "rows": str(len(item.options)),
            "name": item.name,
            "topic": item.topic,
            "difficulty": item.difficulty.value,
            "title": item.title,
            "article": item.article,
            "stem": item.stem,
            "explanation": item.explanation,
            "marking": item.marking.value,
            "source": item.source,
            "checked": item.checked_on,
        }
    )
    if item.shuffle:
        typed["shuffle"] = "y"
    if item.case_sensitive:
        typed["capitals"] = "y"
    if item.stimulus is not None:
        typed.update(
            {
                "medium": item.stimulus.medium.value,
                "sender": item.stimulus.sender,
                "stimulus": item.stimulus.text,
                "picture": item.stimulus.picture,
            }
        )
    if item.kind in FIXED:
        typed["truth"] = next((one.id for one in item.options if one.is_right), "")
    for row, option in enumerate(item.options):
        typed.update(_typed_row(item, row, option))
    for key, start in VOICES.items():
        voice = item.voices.get(key, Voice())
        typed.update(
            {
                f"{start}_stem": voice.stem,
                f"{start}_stimulus": voice.stimulus,
                f"{start}_explanation": voice.explanation,
            }
        )
        for row, option in enumerate(item.options):
            said = voice.options.get(option.id, {})
            for part in ("text", "match", "feedback"):
                typed[f"{start}_{row}_{part}"] = said.get(part, "")
    return typed


def _typed_row(item: Item, row: int, option: Option) -> dict[str, str]:
    start = f"option_{row}_"
    typed = {f"{start}{part}": getattr(option, part) for part in ("id", "text", "match", "feedback")}
    if option.tolerance:
        typed[f"{start}tolerance"] = f"{option.tolerance:.10g}"
    if option.is_right:
        typed[f"{start}right"] = "y"
    plain = option.fraction in ((0.0, 1.0) if item.kind in TICKED else (1.0,))
    if not plain or (item.kind is Kind.MULTIPLE_CHOICE and item.marking is Marking.WEIGHTS):
        typed[f"{start}share"] = f"{100 * option.fraction:.7g}"
    return typed


def blank(kind: Kind) -> Typed:
    """Return what a new question of `kind` begins with."""
    typed = typed_of(Item(name="", kind=kind, stem="", marking=markings(kind)[0], options=_given(kind)), base=0)
    if kind not in FIXED and kind not in UNMARKED:
        typed["rows"] = "2" if kind in (Kind.SHORT_ANSWER, Kind.NUMERIC) else str(OPENING_ROWS)
    return typed


def _given(kind: Kind) -> tuple[Option, ...]:
    return tuple(Option(key, USUAL[key]) for key in FIXED.get(kind, ()))


# --- from the fields to an item -----------------------------------------------------------------------------------


def item_of(form: Form, old: Item) -> Item:
    """Return the item that a form with no errors says, made from the one that was edited.

    What the form has no field for (the category of an imported file, voices in other languages) stays as it is. Rows
    in which nothing is written are left out.
    """
    kind = old.kind
    rows = [row for row in range(int(form["rows"].data or 0)) if _is_written(form, kind, row)]
    ids = _ids(form, rows)
    chosen = Marking(form["marking"].data) if "marking" in form else markings(kind)[0]
    options = tuple(_option(form, old, row, ids[row], chosen, rows) for row in rows)
    return replace(
        old,
        name=form["name"].data if "name" in form else old.name,
        title=form["title"].data or "",
        topic=form["topic"].data or "",
        difficulty=Difficulty(form["difficulty"].data),
        article=form["article"].data or "",
        stem=form["stem"].data or "",
        explanation=form["explanation"].data or "",
        marking=chosen,
        shuffle=form["shuffle"].data if "shuffle" in form else old.shuffle,
        case_sensitive=form["capitals"].data if "capitals" in form else old.case_sensitive,
        source=form["source"].data or "",
        checked_on=form["checked"].data or "",
        stimulus=_stimulus(form) if kind is Kind.JUDGEMENT else old.stimulus,
        options=options,
        voices=_voices(form, old, rows, ids),
    )


def _stimulus(form: Form) -> Stimulus:
    return Stimulus(
        medium=Medium(form["medium"].data),
        text=form["stimulus"].data or "",
        sender=form["sender"].data or "",
        picture=form["picture"].data or "",
    )


def _is_written(form: Form, kind: Kind, row: int) -> bool:
    parts = ("text", "match", "feedback", "tolerance", "share")
    names = [f"option_{row}_{part}" for part in parts]
    return kind in FIXED or any(form[name].data for name in names if name in form)


def _ids(form: Form, rows: list[int]) -> dict[int, str]:
    """Return the id of each row: the one it has, or the next free letter. An id is never given to another option."""
    there = {row: str(form[f"option_{row}_id"].data or "") for row in rows}
    found: dict[int, str] = {}
    for row, key in there.items():
        if re.fullmatch(r"[a-z0-9]{1,20}", key) and key not in found.values():
            found[row] = key
    letters = [chr(97 + place) for place in range(26)] + [f"o{place}" for place in range(MOST_ROWS + 1)]
    free = iter(letter for letter in letters if letter not in found.values())
    return {row: found.get(row) or next(free) for row in rows}


def _option(form: Form, old: Item, row: int, key: str, chosen: Marking, rows: list[int]) -> Option:
    def said(part: str) -> str:
        name = f"option_{row}_{part}"
        return str(form[name].data or "") if name in form else ""

    before = old.option(key)
    return Option(
        id=key,
        text=said("text") or (USUAL[key] if key in FIXED.get(old.kind, ()) else ""),
        fraction=_fraction(form, old.kind, row, key, chosen, rows, before),
        feedback=said("feedback"),
        match=said("match"),
        tolerance=number(said("tolerance")) or 0.0,
    )


def _fraction(
    form: Form, kind: Kind, row: int, key: str, chosen: Marking, rows: list[int], before: Option | None
) -> float:
    if kind in FIXED:
        return float(key == form["truth"].data)
    if kind not in WEIGHED:
        return before.fraction if before else 0.0
    share = number(str(form[f"option_{row}_share"].data or "").removesuffix("%").removesuffix("％"))
    if share is not None:
        return round(share / 100, 9)
    if kind not in TICKED:
        return 1.0
    if not form[f"option_{row}_right"].data:
        return 0.0
    if kind is Kind.MULTIPLE_CHOICE and chosen is Marking.WEIGHTS:
        return round(1 / sum(bool(form[f"option_{other}_right"].data) for other in rows), 7)
    return 1.0


def _voices(form: Form, old: Item, rows: list[int], ids: Mapping[int, str]) -> dict[str, Voice]:
    there = set(ids.values())
    found = {
        key: replace(voice, options={one: said for one, said in voice.options.items() if one in there})
        for key, voice in old.voices.items()
        if key not in VOICES
    }
    for key, start in VOICES.items():
        options = {ids[row]: said for row in rows if (said := _said(form, start, row))}
        texts = {
            part: str(form[f"{start}_{part}"].data or "")
            for part in ("stem", "explanation", "stimulus")
            if f"{start}_{part}" in form
        }
        if options or any(texts.values()):
            found[key] = Voice(options=options, **texts)
    order = [*old.voices, *VOICES]
    return {key: found[key] for key in sorted(found, key=order.index)}


def _said(form: Form, start: str, row: int) -> dict[str, str]:
    names = {part: f"{start}_{row}_{part}" for part in ("text", "feedback", "match")}
    return {part: str(form[name].data) for part, name in names.items() if name in form and form[name].data}


def look_again(form: Form, kind: Kind) -> bool:
    """Put beside the fields what single fields cannot tell; return whether there is nothing of the kind."""
    if kind in TICKED:
        for row in range(int(form["rows"].data or 0)):
            share = number(str(form[f"option_{row}_share"].data or "").removesuffix("%").removesuffix("％"))
            right = bool(form[f"option_{row}_right"].data)
            if right and share is not None and share <= 0:
                form.refuse(f"option_{row}_share", gettext("A right option has a weight above 0."))
            elif share is not None and share > 0 and not right and kind is Kind.MULTIPLE_CHOICE:
                form.refuse(f"option_{row}_share", gettext("Tick it as right, or take the weight away."))
            elif (right or share) and not form[f"option_{row}_text"].data:
                form.refuse(f"option_{row}_text", gettext("Please fill this in."))
    return not form.wrong


def can_be_judged(form: Form) -> bool:
    """Return whether a checked form says enough for the check: something may still be missing, nothing is wrong."""
    closed = ("difficulty", "marking", "medium")
    return not any(field.data or field.name in closed for field in form.wrong)


def settled(typed: Typed, old: Item) -> Typed:
    """Return what was sent with the number of rows that the kind of question can have, and given options in place."""
    found: Typed = MultiDict(typed)
    given = FIXED.get(old.kind, ())
    if given:
        there = [option.id for option in old.options]
        keys = there if sorted(there) == sorted(given) else given
        found["rows"] = str(len(keys))
        for row, key in enumerate(keys):
            found[f"option_{row}_id"] = key
    elif old.kind in UNMARKED:
        found["rows"] = "0"
    else:
        found["rows"] = str(count(typed, most=max(MOST_ROWS, len(old.options))))
    return found
