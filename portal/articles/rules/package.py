"""What `article.yaml` and an edition's Markdown file may say."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from portal.core import markup
from portal.core.errors import Said
from portal.reference.rules import Node, Problems, read_yaml
from portal.reference.rules.lists import read_url

MAX_SOURCE = markup.MAX_SOURCE_BYTES + 10_000
"""Bytes of an edition's file: the body and its front matter."""
_PUBLISHED = re.compile(r"[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?\Z")


class Status(StrEnum):
    """Whether the public sees an edition."""

    DRAFT = "draft"
    PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class ArticleFile:
    """What `article.yaml` says. `facts` and `sources` are plain rows."""

    topic: str
    checked_on: str
    review_by: str
    former_slugs: list[str]
    related: list[str]
    facts: list[dict[str, Any]]
    sources: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class EditionFile:
    """One `<audience>.<locale>.md`: its front matter and its body, exactly as written."""

    title: str
    summary: str
    hook: str
    status: Status
    body: str
    body_line: int
    """The line of the file on which the body begins."""

    @property
    def checksum(self) -> str:
        """A digest of everything that a new revision would be made of."""
        return hashlib.sha256(json.dumps([self.title, self.summary, self.hook, self.body]).encode()).hexdigest()


def read_article(node: Node) -> ArticleFile:
    """Read `article.yaml`; problems are noted on the node."""
    fields = node.mapping(
        required=("topic", "checked_on", "review_by", "sources"), optional=("former_slugs", "related", "facts")
    )
    sources = _rows(fields, "sources", _source)
    keys = {row["key"] for row in sources}
    facts = _rows(fields, "facts", lambda entry: _fact(entry, keys))
    checked_on = fields["checked_on"].day() if "checked_on" in fields else ""
    review_by = fields["review_by"].day() if "review_by" in fields else ""
    if checked_on and review_by and review_by <= checked_on:
        fields["review_by"].complain(Said("The day of the next review must come after the day of the last check."))
    return ArticleFile(
        topic=fields["topic"].key() if "topic" in fields else "",
        checked_on=checked_on,
        review_by=review_by,
        former_slugs=_former(fields["former_slugs"]) if "former_slugs" in fields else [],
        related=[entry.key() for entry in fields["related"].items()] if "related" in fields else [],
        facts=facts,
        sources=sources,
    )


def _former(node: Node) -> list[str]:
    names: list[str] = []
    for entry in node.items():
        name = entry.key()
        if name in names:
            entry.complain(Said("The former slug `%(name)s` stands here twice.", name=name))
        names.append(name)
    return names


def _rows(fields: dict[str, Node], name: str, read: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for entry in fields[name].items() if name in fields else []:
        row = read(entry)
        if any(row["key"] == other["key"] for other in rows):
            entry.complain(Said("The key `%(key)s` stands here twice.", key=row["key"]))
        rows.append(row)
    return rows


def _source(entry: Node) -> dict[str, Any]:
    fields = entry.mapping(
        required=("key", "title", "publisher", "evidence", "checked_on"), optional=("published", "url")
    )
    published = fields["published"].text(limit=10) if "published" in fields else ""
    if published and not _PUBLISHED.match(published):
        fields["published"].complain(Said("Write the day of publication as 2024, 2024-06 or 2024-06-25."))
    return {
        "key": fields["key"].key() if "key" in fields else "",
        "title": fields["title"].localised(limit=300) if "title" in fields else {},
        "publisher": fields["publisher"].localised(limit=120) if "publisher" in fields else {},
        "published": published,
        "url": read_url(fields.get("url")),
        "evidence": fields["evidence"].choice(("primary", "secondary")) if "evidence" in fields else "",
        "checked_on": fields["checked_on"].day() if "checked_on" in fields else "",
    }


def _fact(entry: Node, sources: set[str]) -> dict[str, Any]:
    fields = entry.mapping(required=("key", "text", "source"))
    source = fields["source"].key() if "source" in fields else ""
    if source and source not in sources:
        fields["source"].complain(Said("`%(source)s` is not the key of a source in this file.", source=source))
    return {
        "key": fields["key"].key() if "key" in fields else "",
        "text": fields["text"].localised() if "text" in fields else {},
        "source": source,
    }


def read_sources(rows: Node) -> list[dict[str, Any]]:
    """Read the `sources:` of an `article.yaml` on their own; problems are noted on the nodes."""
    return _rows({"sources": rows}, "sources", _source)


def read_facts(rows: Node, *, sources: set[str]) -> list[dict[str, Any]]:
    """Read the `facts:` of an `article.yaml` on their own; each names one of `sources`."""
    return _rows({"facts": rows}, "facts", lambda entry: _fact(entry, sources))


def read_edition(text: str, *, file: str, problems: Problems) -> EditionFile | None:
    """Read an edition's file, or note the problems and return None. The body's Markdown is checked, not rendered."""
    before = len(problems.found)
    if not text.startswith("---\n") or (end := text.find("\n---\n", 3)) < 0:
        problems.add(file, 1, Said("The file must begin with a line ---, fields such as title, and another line ---."))
        return None
    front = text[4 : end + 1]
    body = text[end + 5 :]
    body_line = front.count("\n") + 3
    node = read_yaml(front, file=file, problems=problems, first_line=2)
    if node is None:
        return None
    fields = node.mapping(required=("title", "summary", "status"), optional=("hook",))
    edition = EditionFile(
        title=_line(fields, "title", 120),
        summary=_line(fields, "summary", 300),
        hook=_line(fields, "hook", 80),
        status=Status(fields["status"].choice(tuple(Status))) if "status" in fields else Status.DRAFT,
        body=body,
        body_line=body_line,
    )
    for line, sentence in markup.check(body):
        problems.add(file, line + body_line - 1, sentence)
    return edition if len(problems.found) == before else None


def _line(fields: dict[str, Node], name: str, limit: int) -> str:
    if name not in fields:
        return ""
    text = fields[name].text(limit=limit)
    if "\n" in text:
        fields[name].complain(Said("This must be one line."))
    return text
