"""`flask search …`: build the index, ask it, see what was not found."""

from __future__ import annotations

import json
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from portal.core.database import db
from portal.core.errors import PortalError
from portal.core.settings import AUDIENCES, DEFAULT_AUDIENCE, DEFAULT_LOCALE, LOCALES, Settings
from portal.search import queries, services
from portal.search.rules import article_path

cli = AppGroup("search", help="Search: the index, questions, and what was not found.")


def _settings() -> Settings:
    settings: Settings = current_app.config["PORTAL"]
    return settings


@cli.command("reindex")
def reindex() -> None:
    """Build the search index anew, beside the old one."""

    def show(done: int, total: int) -> None:
        if done % 500 < 4 or done == total:
            click.echo(f"\r{done} of {total} editions", nl=False, err=True)

    try:
        built = services.rebuild(folder=_settings().index_folder, progress=show)
    except PortalError as problem:
        raise click.ClickException(str(problem)) from problem
    if built.documents:
        click.echo(err=True)
    click.echo(f"{built.documents} editions indexed in {built.seconds:.1f} s ({built.generation}).")


def as_json(results: queries.Results) -> dict[str, Any]:
    """Return an answer as the public API gives it."""
    return {
        "results": [
            {
                "slug": hit.slug,
                "audience": hit.audience,
                "locale": hit.locale,
                "title": hit.title,
                "summary": hit.summary,
                "score": hit.score,
                "url": article_path(hit.slug, hit.audience, hit.locale),
            }
            for hit in results.hits
        ],
        "total": results.total,
        "took_ms": results.took_ms,
    }


@cli.command("query")
@click.argument("text")
@click.option("--audience", type=click.Choice([*map(str, AUDIENCES)]), default=str(DEFAULT_AUDIENCE), show_default=True)
@click.option("--locale", type=click.Choice([*map(str, LOCALES)]), default=str(DEFAULT_LOCALE), show_default=True)
@click.option("--limit", type=click.IntRange(1, queries.MOST_RESULTS), default=20, show_default=True)
@click.option("--json", "wants_json", is_flag=True, help="The same answer as GET /api/v1/search.")
def query(text: str, audience: str, locale: str, limit: int, wants_json: bool) -> None:
    """Ask the index as a visitor would."""
    results = queries.find(
        db.session(), text, audience=audience, locale=locale, limit=limit, folder=_settings().index_folder
    )
    if wants_json:
        click.echo(json.dumps(as_json(results), ensure_ascii=False))
        return
    for place, hit in enumerate(results.hits, 1):
        click.echo(f"{place:>3}  {hit.title}  ({hit.score})\n     {article_path(hit.slug, hit.audience, hit.locale)}")
    more = ", some with a part of the words only" if results.widened else ""
    slow = "" if results.source == "index" else " The index cannot be used; the database answered."
    click.echo(f"{results.total} found in {results.took_ms} ms{more}.{slow}")


@cli.command("misses")
@click.option("--limit", type=click.IntRange(1, 5_000), default=50, show_default=True)
def misses(limit: int) -> None:
    """List what was asked and not found, the most frequent first."""
    found = queries.misses(db.session(), limit)
    for miss in found:
        click.echo(f"{miss.count:>6}  {miss.text}  ({miss.audience}, {miss.locale}, last {miss.last_at[:10]})")
    if not found:
        click.echo("Nothing: every question found something.")
