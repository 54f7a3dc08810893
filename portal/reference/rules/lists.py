"""What the files of reference lists may say; each reader returns plain rows, ready for the tables."""

from __future__ import annotations

import re
from typing import Any

from portal.core.errors import Said
from portal.prose.rules import DETECTORS, Classes, Context, Group, Level, phrase_problem
from portal.reference.rules.editions import AUDIENCES
from portal.reference.rules.files import Node

Row = dict[str, Any]
SHORT, LONG = 80, 600
_YEAR = re.compile(r"20[0-9]{2}")
_CLASS = re.compile(r"[a-z]+(?:-[a-z]+)*")
_URL = re.compile(r"https?://[^\s\"'<>]+\Z")


def _localised(fields: dict[str, Node], name: str, limit: int = LONG) -> dict[str, str]:
    return fields[name].localised(limit=limit) if name in fields else {}


def _keys(node: Node | None) -> list[str]:
    return [entry.key() for entry in node.items()] if node else []


def _unique(rows: list[tuple[Row, Node]]) -> list[Row]:
    seen: dict[str, int] = {}
    for row, node in rows:
        if row["key"] in seen:
            node.complain(
                Said("The key `%(key)s` stands already on line %(seen)s.", key=row["key"], seen=seen[row["key"]])
            )
        seen.setdefault(row["key"], node.line)
    return [{**row, "position": place} for place, (row, _node) in enumerate(rows)]


def read_site(node: Node) -> Row:
    """Return the site's names, alert and choices (`site.yaml`)."""
    fields = node.mapping(
        required=("name", "bank", "tagline", "about", "bank_hotline"), optional=("alert", "featured", "searches")
    )
    site: Row = {name: _localised(fields, name) for name in ("name", "bank", "tagline", "about")}
    site["bank_hotline"] = fields["bank_hotline"].key() if "bank_hotline" in fields else ""
    site["featured"] = _keys(fields.get("featured"))
    site["alert"] = _alert(fields["alert"]) if "alert" in fields else {}
    site["searches"] = {}
    if "searches" in fields:
        for locale, entry in fields["searches"].mapping(optional=("zh-Hans", "zh-Hant", "en")).items():
            site["searches"][locale] = [word.text(limit=SHORT) for word in entry.items()]
    return site


def _alert(node: Node) -> Row:
    fields = node.mapping(required=("text", "advice", "article", "date"))
    return {
        "text": _localised(fields, "text"),
        "advice": _localised(fields, "advice"),
        "article": fields["article"].key() if "article" in fields else "",
        "date": fields["date"].day() if "date" in fields else "",
    }


def read_topics(node: Node) -> list[Row]:
    """Return the topics; a parent must be a group of the same file, and groups have no parent."""
    rows = []
    for entry in node.items():
        fields = entry.mapping(required=("key", "name", "icon"), optional=("parent", "note"))
        row: Row = {
            "key": fields["key"].key() if "key" in fields else "",
            "parent": fields["parent"].key() if "parent" in fields else None,
            "name": _localised(fields, "name", SHORT),
            "note": _localised(fields, "note", SHORT),
            "icon": fields["icon"].key() if "icon" in fields else "",
        }
        rows.append((row, entry))
    groups = {row["key"] for row, _entry in rows if row["parent"] is None}
    for row, entry in rows:
        if row["parent"] is not None and row["parent"] not in groups:
            entry.complain(
                Said("The parent `%(parent)s` is not a topic without parent in this file.", parent=row["parent"])
            )
    return _unique(rows)


def read_hotlines(node: Node) -> tuple[list[Row], list[Row]]:
    """Return the telephone numbers and the situations of the finder."""
    fields = node.mapping(required=("hotlines",), optional=("situations",))
    hotlines = [(_hotline(entry), entry) for entry in fields["hotlines"].items()] if "hotlines" in fields else []
    known = {row["key"] for row, _entry in hotlines}
    situations = []
    for entry in fields["situations"].items() if "situations" in fields else []:
        part = entry.mapping(required=("key", "text", "advice", "call"))
        calls = _keys(part.get("call"))
        for key in calls:
            if key not in known:
                entry.complain(Said("`%(key)s` is not the key of a number in this file.", key=key))
        row: Row = {
            "key": part["key"].key() if "key" in part else "",
            "text": _localised(part, "text", SHORT),
            "advice": _localised(part, "advice"),
            "call": calls,
        }
        situations.append((row, entry))
    return _unique(hotlines), _unique(situations)


def _hotline(entry: Node) -> Row:
    fields = entry.mapping(
        required=("key", "number", "name", "purpose", "source", "checked_on"),
        optional=("details", "caution", "hours", "url", "dial", "strip"),
    )
    return {
        "key": fields["key"].key() if "key" in fields else "",
        "number": fields["number"].text(limit=40) if "number" in fields else "",
        "name": _localised(fields, "name", SHORT),
        "purpose": _localised(fields, "purpose"),
        "details": _localised(fields, "details"),
        "caution": _localised(fields, "caution"),
        "hours": _localised(fields, "hours"),
        "source": _localised(fields, "source"),
        "url": read_url(fields.get("url")),
        "checked_on": fields["checked_on"].day() if "checked_on" in fields else "",
        "dial": fields["dial"].choice(("true", "false")) == "true" if "dial" in fields else True,
        "strip": [choice.choice(AUDIENCES) for choice in fields["strip"].items()] if "strip" in fields else [],
    }


def read_url(node: Node | None) -> str:
    """Return a web address, or an empty text where there is none."""
    if node is None:
        return ""
    text = node.text(limit=500)
    if text and not _URL.match(text):
        node.complain(
            Said("A web address begins with https:// or http:// and has no blanks, quotes or angle brackets.")
        )
        return ""
    return text


def read_terms(node: Node) -> list[Row]:
    """Return the glossary."""
    rows = []
    for entry in node.items():
        fields = entry.mapping(required=("key", "term", "plain", "checked_on"), optional=("source",))
        row: Row = {
            "key": fields["key"].key() if "key" in fields else "",
            "term": _localised(fields, "term", SHORT),
            "plain": _localised(fields, "plain"),
            "source": _localised(fields, "source"),
            "checked_on": fields["checked_on"].day() if "checked_on" in fields else "",
        }
        rows.append((row, entry))
    return _unique(rows)


def read_calendar(node: Node) -> list[Row]:
    """Return the campaigns of the year."""
    rows = []
    months = tuple(str(month) for month in range(1, 13))
    for entry in node.items():
        fields = entry.mapping(
            required=("key", "month", "source", "checked_on"), optional=("until", "names", "organiser")
        )
        month = int(fields["month"].choice(months) or 1) if "month" in fields else 1
        row: Row = {
            "key": fields["key"].key() if "key" in fields else "",
            "month": month,
            "until": int(fields["until"].choice(months) or month) if "until" in fields else month,
            "names": _names(fields["names"]) if "names" in fields else {},
            "organiser": _localised(fields, "organiser", SHORT),
            "source": _localised(fields, "source"),
            "checked_on": fields["checked_on"].day() if "checked_on" in fields else "",
        }
        if row["until"] < month:
            entry.complain(Said("A campaign ends in the month in which it begins, or in a later one."))
        rows.append((row, entry))
    return _unique(rows)


def _names(node: Node) -> dict[str, str]:
    names = {}
    for year, name in node.mapping(optional=None).items():
        if not _YEAR.fullmatch(year):
            name.complain(Said("`%(year)s` is no year.", year=year[:20]))
        names[year] = name.text(limit=LONG)
    return names


def read_synonyms(node: Node) -> list[list[str]]:
    """Return groups of words that mean the same in search."""
    groups = [[word.text(limit=SHORT) for word in entry.items()] for entry in node.items()]
    for entry, group in zip(node.items(), groups, strict=True):
        if len(group) < 2:
            entry.complain(Said("A group of synonyms has at least two words."))
    return groups


def read_words(text: str, *, file: str, complain: Node) -> list[str]:
    """Return the words of `words.txt`, one a line; `complain` carries the list of problems."""
    words: dict[str, None] = {}
    for number, line in enumerate(text.split("\n"), 1):
        word = line.strip()
        if not word:
            continue
        if len(word) > SHORT or word in words:
            complain.problems.add(file, number, Said("`%(word)s` is too long or stands here twice.", word=word[:40]))
        words[word] = None
    return list(words)


def read_lint(node: Node) -> Row:
    """Return the rules that the desk's check applies (`lint.yaml`), each with the fields that it states."""
    fields = node.mapping(required=("rules",), optional=("classes",))
    classes = _classes(fields["classes"]) if "classes" in fields else {}
    rules: list[Row] = []
    for entry in fields["rules"].items() if "rules" in fields else []:
        row = _lint_rule(entry, classes)
        if any(row["id"] == other["id"] for other in rules):
            entry.complain(Said("The rule `%(id)s` stands here twice.", id=row["id"]))
        rules.append(row)
    return {"classes": {name: list(words) for name, words in classes.items()}, "rules": rules}


def _classes(node: Node) -> dict[str, tuple[str, ...]]:
    classes = {}
    for name, entry in node.mapping(optional=None).items():
        words = tuple(word.text(limit=SHORT) for word in entry.items())
        if not _CLASS.fullmatch(name) or name == "n" or not words:
            entry.complain(Said("A class has a name of small letters and hyphens, and at least one word."))
        else:
            classes[name] = words
    return classes


def _lint_rule(entry: Node, classes: Classes) -> Row:
    texts = ("name", "law", "why", "suggestion")
    fields = entry.mapping(
        required=("id", "group", "level", *texts),
        optional=("words", "unless", "context", "allowed", "detector", "topics", "years", "purposes"),
    )
    row: Row = {
        "id": fields["id"].key() if "id" in fields else "",
        "group": fields["group"].choice(tuple(Group)) if "group" in fields else "",
        "level": fields["level"].choice(tuple(Level)) if "level" in fields else "",
        **{name: _localised(fields, name) for name in texts},
    }
    if "detector" in fields:
        row["detector"] = fields["detector"].choice(DETECTORS)
    if "context" in fields:
        row["context"] = fields["context"].choice(tuple(Context))
    if "words" in fields:
        row["words"] = _lint_words(fields["words"], classes)
    elif "detector" not in fields:
        entry.complain(Said("A rule needs words, or a detector."))
    if "unless" in fields:
        row["unless"] = _patterns(fields["unless"], classes)
    if "allowed" in fields:
        row["allowed"] = [choice.choice(("titles", "sourced")) for choice in fields["allowed"].items()]
    if "topics" in fields:
        row["topics"] = _keys(fields["topics"])
    if "years" in fields:
        row["years"] = _lists(fields["years"], limit=4)
    if "purposes" in fields:
        row["purposes"] = _lists(fields["purposes"], limit=SHORT)
    return row


def _lists(node: Node, *, limit: int) -> dict[str, list[str]]:
    named = node.mapping(optional=None)
    return {name: [entry.text(limit=limit) for entry in entries.items()] for name, entries in named.items()}


def _lint_words(node: Node, classes: Classes) -> dict[str, list[str]]:
    if isinstance(node.value, list):
        return {"zh-Hans": _patterns(node, classes)}
    return {locale: _patterns(words, classes) for locale, words in node.mapping(optional=("zh-Hans", "en")).items()}


def _patterns(node: Node, classes: Classes) -> list[str]:
    patterns = []
    for entry in node.items():
        text = entry.text(limit=SHORT)
        if text and (wrong := phrase_problem(text, classes)):
            entry.complain(Said("`%(text)s` cannot be used: %(wrong)s", text=text, wrong=wrong))
        patterns.append(text)
    return patterns
