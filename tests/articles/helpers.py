"""Short ways to take packages in and to look at what is stored."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from click.testing import Result
from flask import current_app

from portal.core.database import Base, db


def run(*arguments: str) -> Result:
    """Call `flask …` as staff would."""
    return current_app.test_cli_runner().invoke(args=list(arguments))


def take(folder: Path, *options: str) -> str:
    """Take a package in, which must succeed; return what was said."""
    result = run("content", "import", str(folder), *options)
    assert result.exit_code == 0, result.output
    return result.output


def refused(folder: Path) -> list[str]:
    """Take a package in, which must be refused without any change; return the problems."""
    before = counts()
    result = run("content", "import", str(folder))
    assert result.exit_code == 1, result.output
    assert counts() == before
    *problems, last = result.stderr.splitlines()
    many = "problem found" if len(problems) == 1 else "problems found"
    assert last == f"Error: {len(problems)} {many}; nothing was changed."
    return problems


def give(folder: Path) -> dict[str, bytes]:
    """Give everything out into `folder`; return the files by name."""
    result = run("content", "export", str(folder))
    assert result.exit_code == 0, result.output
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def counts() -> dict[str, int]:
    """Return the number of rows of every table, and the site's version."""
    session = db.session()
    session.rollback()
    tables = Base.metadata.sorted_tables
    found = {table.name: session.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for table in tables}
    found["version"] = session.scalar(sa.text("SELECT number FROM core_version")) or 0
    session.rollback()
    return found
