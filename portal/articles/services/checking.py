"""Checking a content package: every file is read, checked and rendered before anything is stored.

The database is only read. What was rendered waits in a temporary file, so that memory stays flat however many articles
there are.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Collection, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from sqlalchemy.orm import Session

from portal.articles import queries
from portal.articles.rules import (
    BRINGS_TEXT,
    MAX_SOURCE,
    ArticleFile,
    EditionFile,
    Mode,
    Status,
    read_article,
    read_edition,
    step,
)
from portal.articles.rules.pictures import PictureEntry, read_pictures
from portal.articles.services.lists import differing
from portal.articles.services.pictures import LIST, Pictures, compare_pictures, draw_pictures
from portal.articles.services.scanning import EDITION_FILES, Tree, scan
from portal.core import markup
from portal.core.errors import Said
from portal.core.settings import Settings
from portal.media import queries as media
from portal.reference import queries as reference
from portal.reference.rules import Node, PackageError, Problems, lists
from portal.reference.rules import files as package_files

LISTS_STAY = Said(
    "Lists are changed with the command `flask content import`: this one differs from what is stored. "
    "Take the file out of the package."
)
Progress = Callable[[int, int], None]


def _spool() -> IO[str]:
    # Closed with the package; the system removes it with its last handle.
    return tempfile.TemporaryFile("w+", encoding="utf-8")  # outlives this function


@dataclass(slots=True)
class Package:
    """What `prepare` found, to be used in a `with` block; the rendered texts wait in `spool`."""

    pictures: Pictures
    mode: Mode = Mode.COMMAND
    site: dict[str, Any] | None = None
    topics: list[lists.Row] | None = None
    hotlines: list[lists.Row] | None = None
    situations: list[lists.Row] | None = None
    terms: list[lists.Row] | None = None
    campaigns: list[lists.Row] | None = None
    synonyms: list[list[str]] | None = None
    words: list[str] | None = None
    lint: dict[str, Any] | None = None
    slugs: list[str] = field(default_factory=list)
    has_articles: bool = False
    spool: IO[str] = field(default_factory=_spool)

    def __enter__(self) -> Package:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of everything that waits to be stored."""
        self.spool.close()
        self.pictures.close()

    def lines(self) -> Iterator[dict[str, Any]]:
        """Yield the articles that were spooled."""
        self.spool.seek(0)
        for line in self.spool:
            yield json.loads(line)


@dataclass(slots=True)
class _Known:
    """Keys that a package may refer to: its own and those stored before."""

    topics: set[str]
    hotlines: set[str]
    terms: set[str]
    media: set[str]
    slugs: set[str]
    former: dict[str, str]
    """Old names to the articles that carry them and are not in the package."""
    wanted: dict[str, str]
    """Names that articles are to have once a change of theirs is through."""
    drafted: dict[str, set[str]]
    """Sources that articles have in facts which are not public yet."""


def prepare(
    session: Session,
    folder: Path,
    *,
    renderer: markup.Renderer,
    settings: Settings,
    mode: Mode = Mode.COMMAND,
    parts: Collection[str] = (),
    progress: Progress | None = None,
) -> Package:
    """Read, check and render the package in `folder`; the database is only read.

    Args:
        settings: where the library of pictures lies, and how files are checked.
        mode: on whose word it comes in; `apply` goes by it too.
        parts: folders of the package that other rooms look after.

    Raises:
        PackageError: with every problem found; nothing was changed.
    """
    problems = Problems()
    package = Package(Pictures(settings.data), mode)
    tree = scan(folder, problems, parts=parts)
    entries = _read_lists(folder, tree, package, problems)
    if LIST in tree.lists or tree.pictures:
        package.pictures = compare_pictures(
            session, folder, entries, tree.pictures, mode=mode, settings=settings, problems=problems
        )
    if mode is Mode.DRAFT and not problems:
        for name in differing(session, package):
            problems.add(name, 0, LISTS_STAY)
    known = _known(session, package, tree)
    _check_lists(package, known, problems)
    _check_kept_topics(session, package, problems)
    stored = queries.stored_editions(session)
    # A read that stays open would keep every writer out on SQLite for as long as texts are rendered.
    session.rollback()
    if tree.articles:
        _read_articles(folder, tree, package, known, stored, problems, renderer, progress)
    if not problems:
        # Last, because it takes longest.
        draw_pictures(package.pictures, folder, settings=settings, problems=problems)
    if problems:
        package.close()
        raise PackageError(problems.found)
    return package


def _load(folder: Path, name: str, limit: int, problems: Problems) -> str | None:
    try:
        with (folder / name).open("rb") as file:
            raw = file.read(limit + 1)
    except OSError as problem:
        problems.add(name, 0, Said("The file cannot be read: %(strerror)s.", strerror=problem.strerror))
        return None
    return package_files.read_text(raw, file=name, limit=limit, problems=problems)


def _read_lists(folder: Path, tree: Tree, package: Package, problems: Problems) -> list[PictureEntry]:
    """Read the lists into `package`; return what is said of pictures, which is compared first."""
    pictures: list[PictureEntry] = []
    for name in tree.lists:
        text = _load(folder, name, package_files.MAX_YAML_BYTES, problems)
        if text is None:
            continue
        if name == "words.txt":
            package.words = lists.read_words(text, file=name, complain=Node("", file=name, line=0, problems=problems))
            continue
        node = package_files.read_yaml(text, file=name, problems=problems)
        if node is None:
            continue
        if name == "site.yaml":
            package.site = lists.read_site(node)
        elif name == "topics.yaml":
            package.topics = lists.read_topics(node)
        elif name == "hotlines.yaml":
            package.hotlines, package.situations = lists.read_hotlines(node)
        elif name == "glossary.yaml":
            package.terms = lists.read_terms(node)
        elif name == "calendar.yaml":
            package.campaigns = lists.read_calendar(node)
        elif name == "lint.yaml":
            package.lint = lists.read_lint(node)
        elif name == LIST:
            pictures = read_pictures(node)
        else:
            package.synonyms = lists.read_synonyms(node)
    return pictures


def _known(session: Session, package: Package, tree: Tree) -> _Known:
    def keys(rows: list[lists.Row] | None, stored: list[Any]) -> set[str]:
        return {row["key"] for row in rows or []} | {entry.key for entry in stored}

    drafts = queries.draft_sheets(session)
    return _Known(
        topics=keys(package.topics, list(reference.topics(session))),
        hotlines=keys(package.hotlines, list(reference.hotlines(session))),
        terms=keys(package.terms, list(reference.terms(session))),
        media=media.keys(session) | package.pictures.keys,
        slugs=set(tree.articles) | queries.slugs(session),
        former={
            name: slug
            for slug, names in queries.former_slugs(session).items()
            if slug not in tree.articles
            for name in names
        },
        wanted={sheet.slug: slug for slug, sheet in drafts.items() if sheet.slug != slug},
        drafted={slug: {row["key"] for row in sheet.sources} for slug, sheet in drafts.items()},
    )


def _check_lists(package: Package, known: _Known, problems: Problems) -> None:
    site = package.site
    if site is None:
        return
    if site["bank_hotline"] not in known.hotlines:
        problems.add(
            "site.yaml",
            0,
            Said(
                "`%(bank_hotline)s` (bank_hotline) is not the key of a telephone number.",
                bank_hotline=site["bank_hotline"],
            ),
        )
    wanted = [*site["featured"], *([site["alert"]["article"]] if site["alert"] else [])]
    for slug in wanted:
        if slug not in known.slugs:
            problems.add("site.yaml", 0, Said("There is no article `%(slug)s`.", slug=slug))


def _check_kept_topics(session: Session, package: Package, problems: Problems) -> None:
    """A topic that is kept still needs its parent to be a group."""
    rows = {row["key"]: row for row in package.topics or []}
    for kept in reference.topics(session):
        parent = rows.get(kept.parent or "")
        if kept.key not in rows and parent is not None and parent["parent"] is not None:
            problems.add(
                "topics.yaml",
                0,
                Said(
                    "`%(parent)s` must stay without parent: `%(key)s` is kept under it.",
                    parent=kept.parent,
                    key=kept.key,
                ),
            )


def _read_articles(
    folder: Path,
    tree: Tree,
    package: Package,
    known: _Known,
    stored: dict[tuple[str, str, str], queries.Stored],
    problems: Problems,
    renderer: markup.Renderer,
    progress: Progress | None,
) -> None:
    former = dict(known.former)
    total = sum(len(names) for names in tree.articles.values())
    done = 0
    for slug, names in tree.articles.items():
        if slug in known.former:
            problems.add(
                f"articles/{slug}", 0, Said("The slug is a former slug of `%(value)s`.", value=known.former[slug])
            )
        if known.wanted.get(slug, slug) != slug:
            problems.add(
                f"articles/{slug}",
                0,
                Said("The slug is to be that of `%(value)s`, by a draft of it.", value=known.wanted[slug]),
            )
        said = _read_article(folder, slug, names, known, problems)
        if said is not None:
            for name in said.former_slugs:
                if name in known.slugs or former.get(name, slug) != slug:
                    problems.add(
                        f"articles/{slug}/article.yaml", 0, Said("The former slug `%(name)s` is in use.", name=name)
                    )
                former[name] = slug
        editions = []
        for name in names:
            if name != "article.yaml":
                edition = _read_edition(folder, slug, name, said, known, stored, problems, renderer, package.mode)
                editions.append(edition)
        done += len(names)
        if progress is not None:
            progress(done, total)
        if said is not None and not problems:
            package.slugs.append(slug)
            line = {"slug": slug, "article": asdict(said), "editions": editions}
            package.spool.write(json.dumps(line) + "\n")
    package.has_articles = True


def _read_article(folder: Path, slug: str, names: list[str], known: _Known, problems: Problems) -> ArticleFile | None:
    file = f"articles/{slug}/article.yaml"
    if "article.yaml" not in names:
        return None
    text = _load(folder, file, package_files.MAX_YAML_BYTES, problems)
    node = package_files.read_yaml(text, file=file, problems=problems) if text is not None else None
    if node is None:
        return None
    said = read_article(node)
    if said.topic and said.topic not in known.topics:
        problems.add(file, node.value["topic"].line, Said("There is no topic `%(topic)s`.", topic=said.topic))
    for other in said.related:
        if other not in known.slugs:
            problems.add(file, node.value["related"].line, Said("There is no article `%(other)s`.", other=other))
    return said


def _read_edition(
    folder: Path,
    slug: str,
    name: str,
    said: ArticleFile | None,
    known: _Known,
    stored: dict[tuple[str, str, str], queries.Stored],
    problems: Problems,
    renderer: markup.Renderer,
    mode: Mode,
) -> dict[str, Any] | None:
    file = f"articles/{slug}/{name}"
    text = _load(folder, file, MAX_SOURCE, problems)
    edition = read_edition(text, file=file, problems=problems) if text is not None else None
    if edition is None:
        return None
    sources = {row["key"] for row in said.sources} if said else None
    if sources is not None and (mode is Mode.DRAFT or edition.status is Status.DRAFT):
        # A draft may stand on facts that are drafts as well; a package has the public ones.
        sources |= known.drafted.get(slug, set())
    _check_references(edition, file, sources, known, problems)
    audience, locale = EDITION_FILES[name]
    result: dict[str, Any] = {"audience": audience, "locale": locale, "status": edition.status, "text": None}
    result["checksum"] = edition.checksum
    there = stored.get((slug, audience, locale))
    before = there.before if there else None
    if step(mode, status=edition.status, checksum=edition.checksum, before=before) not in BRINGS_TEXT:
        return result
    try:
        rendered = renderer.render(edition.body, locale=locale)
    except markup.MarkupError as problem:
        problems.add(file, edition.body_line, problem.sentence)
        return None
    result["text"] = {
        "title": edition.title,
        "summary": edition.summary,
        "hook": edition.hook,
        "body": edition.body,
        "html": rendered.html,
        "toc": rendered.toc,
        "checksum": edition.checksum,
    }
    return result


def _check_references(
    edition: EditionFile, file: str, sources: set[str] | None, known: _Known, problems: Problems
) -> None:
    used = markup.references(edition.body)
    for kind, keys, there in (
        ("hotline", used["hotline"], known.hotlines),
        ("term", used["term"], known.terms),
        ("source", used["source"], used["source"] if sources is None else sources),
        ("article", used["article"], known.slugs),
        ("media", used["media"], known.media),
    ):
        for key in sorted(keys - there):
            if kind == "media":
                line = edition.body_line + markup.figure_line(edition.body, key) - 1
                problems.add(
                    file,
                    line,
                    Said("There is no picture, video or recording `%(key)s` in the library: add it first.", key=key),
                )
                continue
            sought = f"article:{key}" if kind == "article" else f"[[{kind}:{key}"
            offset = edition.body.find(sought)
            line = edition.body_line + edition.body.count("\n", 0, max(offset, 0))
            problems.add(file, line, Said("There is no %(kind)s `%(key)s`.", kind=kind, key=key))
