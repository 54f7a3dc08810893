"""What the check says of questions and quizzes, in words; and what changed, part by part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import flask
from flask_babel import gettext

from portal.core.database import db
from portal.core.forms import Form
from portal.core.settings import Locale
from portal.prose.rules import Level, say
from portal.prose.rules.diff import Passage, diff
from portal.quizzes import services
from portal.quizzes.models import Document
from portal.quizzes.rules.items import CHOICES, Item, Kind, Option, Voice, markings
from portal.quizzes.rules.quizzes import Quiz, Slot
from portal.quizzes.views import words
from portal.reference.rules import localised


@dataclass(slots=True)
class Remark:
    """One thing that the check says, in words, and the voices that it says it of."""

    key: str
    blocks: bool
    passage: str
    sentence: str
    what: str
    law: str
    suggestion: str
    waiver: Any = None
    voices: list[str] = field(default_factory=list)


def remarks(found: services.Checked, waived: Mapping[str, Any]) -> list[Remark]:
    """Return what the check says, in the words of the person's language; what keeps the text back comes first."""
    shown = Locale(flask.g.locale)
    kept: dict[str, Remark] = {}

    def add(key: str, voice: str, level: Level, **said: Any) -> None:
        waiver = waived.get(key)
        blocks = level is Level.BLOCK and waiver is None
        remark = kept.setdefault(key, Remark(key=key, blocks=blocks, waiver=waiver, **said))
        if voice not in remark.voices:
            remark.voices.append(voice)

    for judgement in found.judgements:
        voice = _voice(judgement.audience, judgement.locale)
        for finding in judgement.findings:
            add(
                finding.key,
                voice,
                finding.level,
                passage=finding.passage,
                sentence=finding.sentence,
                what=localised(finding.rule.why, shown)[0],
                law=localised(finding.rule.law, shown)[0],
                suggestion=localised(finding.rule.suggestion, shown)[0],
            )
        for note in judgement.reading.notes:
            what = say(note.message, note.params, locale=shown)
            add(note.key, voice, note.level, passage="", sentence=note.sentence, what=what, law="", suggestion="")
    return sorted(kept.values(), key=lambda remark: not remark.blocks)


def _voice(audience: str, locale: str) -> str:
    key = "" if (audience, locale) == ("general", Locale.HANS) else audience
    return words.voice_word(key if locale == Locale.HANS else f"{audience}.{locale}")


def panel(found: services.Checked | None, document: Document | None) -> dict[str, Any]:
    """Return what the panel beside an editor says of what the check has found; None: nothing can be said yet."""
    if found is None:
        return {"problems": (), "remarks": None}
    waived = services.waivers(db.session(), document) if document is not None else {}
    return {"problems": found.problems, "remarks": remarks(found, waived)}


def typed_panel(form: Form, found: services.Checked | None, document: Document | None) -> str:
    """Return the panel alone, while somebody types into `form`."""
    return flask.render_template(
        "quizzes/desk/parts/check.html", document=document, typed=form, **panel(found, document)
    )


# --- as text, for comparing ---------------------------------------------------------------------------------------

Changes = list[tuple[str, list[Passage]]]


def compare(old: Mapping[str, str], new: Mapping[str, str]) -> Changes:
    """Return what is different between two documents, part by part; parts that are the same are left out."""
    names = [*new, *(name for name in old if name not in new)]
    return [
        (name, diff(old.get(name, ""), new.get(name, ""))) for name in names if old.get(name, "") != new.get(name, "")
    ]


def item_parts(item: Item) -> dict[str, str]:
    """Return a question as text, part by part: everything that a reviewer decides on."""
    parts = {
        gettext("Facts"): _item_facts(item),
        gettext("Question"): item.stem,
    }
    if item.stimulus is not None:
        shown = item.stimulus
        head = (
            words.MEDIA[shown.medium](),
            shown.sender,
            shown.picture and gettext("Picture: %(key)s", key=shown.picture),
        )
        parts[gettext("To be judged")] = "\n".join(text for text in (*head, shown.text) if text)
    if item.options:
        parts[gettext("Options")] = "\n".join(_option(item, option) for option in item.options)
    parts[gettext("Explanation")] = item.explanation
    for key, voice in item.voices.items():
        parts[words.voice_word(key)] = _voice_text(item, voice)
    return {name: text for name, text in parts.items() if text}


def _item_facts(item: Item) -> str:
    rows = [
        (gettext("Kind"), words.KINDS[item.kind][0]()),
        (gettext("How it is marked"), words.MARKINGS[item.marking][0]() if len(markings(item.kind)) > 1 else ""),
        (gettext("Difficulty"), words.DIFFICULTIES[item.difficulty]()),
        (gettext("Topic"), item.topic),
        (gettext("Article"), item.article),
        (gettext("Source"), item.source),
        (gettext("Checked on"), item.checked_on),
        (gettext("Short name"), item.title),
    ]
    if item.kind in CHOICES and not item.shuffle:
        rows.append((gettext("Options"), gettext("always in this order")))
    if item.case_sensitive:
        rows.append((gettext("Capitals"), gettext("count")))
    return "\n".join(f"{name}: {value}" for name, value in rows if value)


def share_word(item: Item, option: Option) -> str:
    """Return what an option is worth, in words; empty where the kind of question does not say it option by option."""
    if item.kind in (Kind.MATCHING, Kind.ORDERING):
        return ""
    if option.fraction == 1:
        return str(gettext("Right answer"))
    return str(gettext("Wrong")) if option.fraction == 0 else f"{100 * option.fraction:.7g}%"


def sayings(item: Item) -> list[tuple[str, str, Item]]:
    """Return the item as each of its voices says it, the base first: name of the voice, language, item."""
    return [
        (_voice(audience.value, locale.value), locale.value, said) for audience, locale, said in services.voices(item)
    ]


def _option(item: Item, option: Option) -> str:
    share = share_word(item, option)
    said = f"[{share}] {option.text}" if share else option.text
    if option.match:
        said += f" → {option.match}"
    if option.tolerance:
        said += f" ± {option.tolerance:.10g}"
    return f"{said}\n  {option.feedback}" if option.feedback else said


def _voice_text(item: Item, voice: Voice) -> str:
    rows = [voice.stem, voice.stimulus]
    for option in item.options:
        said = voice.options.get(option.id, {})
        rows += [f"{option.text} → {said[part]}" for part in ("text", "match", "feedback") if said.get(part)]
    return "\n".join(text for text in (*rows, voice.explanation) if text)


def quiz_parts(quiz: Quiz, labels: Mapping[str, str]) -> dict[str, str]:
    """Return a quiz as text, part by part; `labels` say what staff call each question."""
    rows = [
        (gettext("Topic"), quiz.topic),
        (gettext("Article"), quiz.article),
        (gettext("When the key is told"), words.FEEDBACK[quiz.feedback]()),
        (gettext("How the questions stand"), words.LAYOUTS[quiz.layout]()),
        (gettext("Questions in another order"), gettext("yes") if quiz.shuffle else ""),
        (gettext("Attempts"), str(quiz.attempts or "")),
        (gettext("Which attempt counts"), words.COUNTS[quiz.counts]()),
        (gettext("Time limit in minutes"), str(quiz.minutes or "")),
        (gettext("Pass mark in percent"), str(quiz.pass_percent)),
        (gettext("How sure people are"), gettext("is asked") if quiz.certainty else ""),
        (gettext("Form"), f"{quiz.form} ({quiz.pair})" if quiz.form or quiz.pair else ""),
    ]
    parts = {
        gettext("Title"): quiz.title,
        gettext("Introduction"): quiz.intro,
        gettext("Places"): "\n".join(slot_word(slot, labels) for slot in quiz.slots),
        gettext("How it is taken"): "\n".join(f"{name}: {value}" for name, value in rows if value),
    }
    for key, voice in quiz.voices.items():
        parts[words.voice_word(key)] = "\n".join(text for text in (voice.title, voice.intro) if text)
    return {name: text for name, text in parts.items() if text}


def slot_word(slot: Slot, labels: Mapping[str, str]) -> str:
    """Return a place of a quiz in words."""
    said = f"{slot.item}: {labels[slot.item]}" if slot.item in labels else slot.item
    if slot.pool is not None:
        level = words.DIFFICULTIES[slot.pool.difficulty]() if slot.pool.difficulty else gettext("any difficulty")
        said = gettext(
            "%(count)d drawn from %(topic)s, %(level)s", count=slot.pool.count, topic=slot.pool.topic, level=level
        )
    worth = gettext("worth %(points)s", points=f"{slot.points:.10g}")
    control = gettext("control")
    return f"{said} · {worth} · {control}" if slot.control else f"{said} · {worth}"
