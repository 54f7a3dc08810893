"""`flask content …`: taking in and giving out content packages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import click
import flask
import sqlalchemy as sa
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from portal.articles import queries, services
from portal.articles.rules import Mode, is_broken
from portal.core import clock
from portal.core.database import db, is_of_another_version, local_day, transaction
from portal.core.errors import PortalError
from portal.core.markup import Renderer
from portal.core.settings import Settings
from portal.prose.rules import Finding, Group, Level, Note, Rule, say
from portal.reference import queries as reference
from portal.reference.rules import PackageError, Problem, localised
from portal.search import services as search

REBUILD_FROM = 500
"""From so many changes on, building the index anew is quicker than changing it."""

cli = AppGroup("content", help="Take in and give out content packages (see content/README.md).")


@contextmanager
def _said_plainly() -> Iterator[None]:
    """Tell people in a sentence what is wrong with the database or the folder."""
    try:
        if not sa.inspect(db.session().get_bind()).has_table("articles_article"):
            raise click.ClickException("The database is not ready. Run `flask db upgrade` first.")
        yield
    except (PortalError, OSError) as problem:
        raise click.ClickException(str(problem)) from None
    except sa.exc.OperationalError as problem:
        if is_of_another_version(problem):
            raise click.ClickException("The database is not ready. Run `flask db upgrade` first.") from None
        raise click.ClickException("The database cannot be read now. Please try again in a moment.") from None


class Part(Protocol):
    """A folder of the package that a room above looks after."""

    folder: str

    def prepare(self, folder: Path) -> Any:
        """Return what the folder holds; raise PackageError with every problem."""

    def apply(self, session: Session, prepared: Any, *, by: str, at: datetime) -> list[str]:
        """Store and publish it; return what changed as lines for people, none when nothing did."""

    def export(self, session: Session, folder: Path) -> None:
        """Write the folder."""


def parts() -> list[Part]:
    """Return the parts of a package that other rooms of this application look after."""
    found: list[Part] = flask.current_app.extensions.setdefault("content_parts", [])
    return found


class _Undo(Exception):
    """Ends a write unit without keeping anything of it."""


@cli.command("import")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check everything and say what would change; change nothing.")
def import_(folder: Path, dry_run: bool) -> None:
    """Take in the package in FOLDER: all of it, or nothing."""
    try:
        with _said_plainly():
            report, told = import_package(folder, dry_run=dry_run, show_progress=True)
    except PackageError as refused:
        raise _all_told(refused) from None
    for line in describe(report, dry_run=dry_run, told=told):
        click.echo(line)


def _all_told(refused: PackageError) -> click.ClickException:
    for problem in refused.problems:
        click.echo(str(problem), err=True)
    count = len(refused.problems)
    return click.ClickException(f"{count} problem{'s' if count != 1 else ''} found; nothing was changed.")


def import_package(
    folder: Path, *, dry_run: bool = False, show_progress: bool = False
) -> tuple[services.Report, list[str]]:
    """Take in a package and bring the search index up to date; return what changed, and what other rooms say of it.

    Raises:
        PackageError: the package cannot be taken; nothing was changed.
    """
    settings: Settings = flask.current_app.config["PORTAL"]
    problems: list[Problem] = []
    brought: list[tuple[Part, Any]] = []
    for part in parts():
        if (folder / part.folder).is_dir():
            try:
                brought.append((part, part.prepare(folder / part.folder)))
            except PackageError as refused:
                problems += refused.problems
    try:
        with Renderer() as renderer, _Bar("checking", show_progress) as bar:
            names = [part.folder for part in parts()]
            package = services.prepare(
                db.session(), folder, renderer=renderer, settings=settings, parts=names, progress=bar
            )
    except PackageError as refused:
        raise PackageError(refused.problems + problems) from None
    if problems:
        package.close()
        raise PackageError(problems)
    report = services.Report()
    told: list[str] = []
    try:
        with package, transaction() as session, _Bar("storing", show_progress) as bar:
            report = services.apply(session, package, by="command", at=clock.now(), progress=bar)
            for part, prepared in brought:
                told += part.apply(session, prepared, by="command", at=clock.now())
            if dry_run:
                raise _Undo
    except _Undo:
        return report, told
    if report.changed:
        folder = settings.index_folder
        with _Bar("indexing", show_progress) as bar:
            if search.pending(db.session(), folder=folder) > REBUILD_FROM:
                db.session.remove()
                search.rebuild(folder=folder, progress=bar)
            else:
                db.session.remove()
                while search.drain(folder=folder).changes:
                    pass
    return report, told


class _Bar:
    """A progress bar of which the total is known only at the first step."""

    def __init__(self, label: str, show: bool) -> None:
        self._label = label
        self._show = show
        self._bar: click._termui_impl.ProgressBar[int] | None = None
        self._done = 0

    def __enter__(self) -> _Bar:
        return self

    def __call__(self, done: int, total: int) -> None:
        """Show that `done` of `total` are finished."""
        if not self._show:
            return
        if self._bar is None:
            self._bar = click.progressbar(length=total, label=self._label)
            self._bar.__enter__()
        self._bar.update(done - self._done)
        self._done = done

    def __exit__(self, *_exc: object) -> None:
        if self._bar is not None:
            self._bar.render_finish()


def describe(report: services.Report, *, dry_run: bool, told: Sequence[str] = ()) -> list[str]:
    """Return what an import did, or would do, as lines for people; `told`: what other rooms say."""
    would = "would be " if dry_run else ""
    lines = []
    for name, changes in report.counted.items():
        if changes:
            lines.append(f"{name}: {len(changes.added)} {would}added, {len(changes.changed)} {would}changed")
        lines.extend(f"{name}: {one} is not in the package; it was kept" for one in changes.missing)
    lines.extend(f"{one} was changed at the desk since; it was kept" for one in report.kept)
    lines += [f"{line} (not done: a dry run)" if dry_run else line for line in told]
    if not report.changed and not told:
        lines.append("Nothing has changed: everything in the package is stored already.")
    return lines


@cli.command("export")
@click.argument("folder", type=click.Path(path_type=Path))
def export(folder: Path) -> None:
    """Write everything into FOLDER, which must be empty or absent."""
    with _said_plainly():
        count = services.export_package(db.session(), folder, data=flask.current_app.config["PORTAL"].data)
        for part in parts():
            part.export(db.session(), folder / part.folder)
    click.echo(f"Wrote {count} article{'s' if count != 1 else ''} to {folder}.")


@cli.command("check")
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option("--warnings", is_flag=True, help="Show warnings too, not only what keeps a text from being submitted.")
@click.option("--locale", type=click.Choice(("zh-Hans", "en")), default="zh-Hans", help="Language of the messages.")
def check(folder: Path | None, warnings: bool, locale: str) -> None:
    """Check the package in FOLDER, or else all that is stored, and print a table of what was found.

    What is checked: that it can be read (schema), the rules of lint.yaml (compliance), how well it can be read, whether
    all editions say the same facts (parity), links, what each text must have, the glossary, the hotlines and the
    pictures. Nothing is changed. The command fails when something keeps a text from being submitted.
    """
    judged: list[services.Judgement] = []
    remarks: list[services.Remark] = []
    try:
        with _said_plainly():
            if folder is None:
                judged, remarks = _judged(), _remarks(REGISTERS)
            else:
                with Renderer() as renderer:
                    names = [part.folder for part in parts()]
                    package = services.prepare(
                        db.session(),
                        folder,
                        renderer=renderer,
                        settings=flask.current_app.config["PORTAL"],
                        mode=Mode.TRIAL,
                        parts=names,
                    )
                with suppress(_Undo), package, transaction() as session:
                    services.apply(session, package, by="command", at=clock.now())
                    judged = _judged(package.slugs)
                    lists = {"glossary": package.terms, "hotlines": package.hotlines}
                    there = [name for name, rows in lists.items() if rows is not None]
                    remarks = _remarks([*there, *(["media"] if package.pictures.is_there else [])])
                    raise _Undo
    except PackageError as refused:
        _table(Counter({("schema", Level.BLOCK): len(refused.problems)}), only="schema")
        raise _all_told(refused) from None
    for judgement in judged:
        for line in _told(judgement, folder, locale=locale, warnings=warnings):
            click.echo(line)
    for remark in remarks:
        if warnings or remark.level is Level.BLOCK:
            file = f"{remark.register}.yaml"
            click.echo(f"{file}: {remark.level} {remark.message}: {remark.key}: {remark.sentence(locale)}")
    found = Counter((_check_of(item.rule), item.level) for one in judged for item in one.findings)
    found += Counter(("readability", note.level) for one in judged for note in one.reading.notes)
    found += Counter((remark.register, remark.level) for remark in remarks)
    _table(found)
    if any(remark.level is Level.BLOCK for remark in remarks):
        raise click.ClickException("A list keeps the package back.")
    count = sum(judgement.blocks for judgement in judged)
    said = f"{len(judged)} edition{'s' if len(judged) != 1 else ''} checked; {count} cannot be submitted."
    if count:
        raise click.ClickException(said)
    click.echo(said)


def _judged(slugs: list[str] | None = None) -> list[services.Judgement]:
    session = db.session()
    if not reference.lint(session)["rules"]:
        raise PortalError("There are no rules to check by: neither the site nor the package has a lint.yaml.")
    today = local_day(session, at=clock.now())
    return list(services.judge_stored(session, today=today, slugs=slugs))


def _remarks(registers: Collection[str]) -> list[services.Remark]:
    session, found = db.session(), list[services.Remark]()
    if "glossary" in registers:
        found += services.judge_glossary(session)
    if "hotlines" in registers:
        found += services.judge_hotlines(session, today=local_day(session, at=clock.now()))
    if "media" in registers:
        found += services.judge_media(session)
    return found


@cli.command("links")
@click.option("--now", "at_once", is_flag=True, help="First ask for every page, one after the other.")
def links(at_once: bool) -> None:
    """Print which pages of other sites the public is led to, and how the last check of each went.

    The worker checks them where PORTAL_CHECK_LINKS is on: each once a week, again every day while it fails. What the
    state `broken` means: failed on three days in a row, or on two where the server says that there is no such page.
    """
    with _said_plainly():
        if at_once:
            _check_all_links()
        places = queries.outside_urls(db.session())
        known = {link.url: link for link in queries.links(db.session())}
    click.echo(f"{'state':<12} {'HTTP':>4} {'failed':>6}  {'checked':<17} address (where)")
    count = 0
    for url, where in places.items():
        link = known.get(url)
        state, status, failures, checked = "not checked", "-", "-", "-"
        if link is not None and link.checked_at is not None and link.outcome is not None:
            is_down = is_broken(link.outcome, link.failures)
            count += is_down
            state, status, failures = "broken" if is_down else link.outcome, str(link.status or "-"), str(link.failures)
            checked = f"{link.checked_at:%Y-%m-%d %H:%MZ}"
        click.echo(f"{state:<12} {status:>4} {failures:>6}  {checked:<17} {url} ({', '.join(where)})")
    click.echo(f"{len(places)} link{'s' if len(places) != 1 else ''}; {count} broken.")


def _check_all_links() -> None:
    if not flask.current_app.config["PORTAL"].check_links:
        raise PortalError("PORTAL_CHECK_LINKS is off: no other site is asked.")
    services.collect_links()
    services.make_links_due()
    total, done = len(queries.links(db.session())), 0
    with _Bar("asking", True) as bar:
        while services.check_next_link(pause=services.NO_PAUSE):
            done += 1
            bar(done, total)


REGISTERS = ("glossary", "hotlines", "media")
CHECKS = ("schema", "compliance", "readability", "parity", "links", "required", *REGISTERS)
"""What `flask content check` looks at, in the order of its table."""
_BY_DETECTOR = {"facts-equal": "parity", "editions-present": "parity", "live-link": "links", "outside-link": "links"}
_BY_GROUP = {Group.HOTLINES: "hotlines", Group.REQUIRED: "required"}


def _check_of(rule: Rule) -> str:
    return _BY_DETECTOR.get(rule.detector or "") or _BY_GROUP.get(rule.group, "compliance")


def _table(found: Counter[tuple[str, Level]], *, only: str = "") -> None:
    click.echo(f"{'check':<12} {'blocks':>7} {'warnings':>9}")
    for name in CHECKS:
        counts = (found[name, Level.BLOCK], found[name, Level.WARN])
        said = ("-", "-") if only and name != only else tuple(map(str, counts))
        click.echo(f"{name:<12} {said[0]:>7} {said[1]:>9}")


def _told(judgement: services.Judgement, folder: Path | None, *, locale: str, warnings: bool) -> list[str]:
    """Return what was found in one edition as lines `file:line: level rule: sentence`; passages go before."""
    file = f"articles/{judgement.slug}/{judgement.audience}.{judgement.locale}.md"
    # A package's file has front matter, and people look for the line in the file.
    front = (folder / file).read_text("utf-8").partition("\n---\n")[0].count("\n") + 2 if folder else 0
    told = [
        (
            item.line + front if item.part == "body" and item.end else 0,
            item.level,
            item.rule.id,
            _sentence(item, locale),
        )
        for item in judgement.findings
    ]
    told += [
        (item.line + front if item.part == "body" else 0, item.level, item.message, _reading(item, locale))
        for item in judgement.reading.notes
    ]
    return [
        f"{file}:{line}: {level} {name}: {text}" if line else f"{file}: {level} {name}: {text}"
        for line, level, name, text in sorted(told)
        if warnings or level is Level.BLOCK
    ]


def _sentence(finding: Finding, locale: str) -> str:
    said = " ".join(part for part in (finding.passage and f"“{finding.passage}”", finding.sentence) if part)
    suggestion = localised(finding.rule.suggestion, locale)[0]
    return f"{said} → {suggestion}" if said else suggestion


def _reading(note: Note, locale: str) -> str:
    return f"{note.sentence} → {say(note.message, note.params, locale=locale)}"
