"""Rows into a database past the services, as quickly as it takes them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

import psycopg

Row = Mapping[str, Any]


def into_sqlite(connection: sqlite3.Connection, table: str, rows: Iterable[Row]) -> None:
    """Insert rows, which all have the columns of the first."""
    rows = iter(rows)
    first = next(rows)
    values = ", ".join(f":{name}" for name in first)
    statement = f"INSERT INTO {table} ({', '.join(first)}) VALUES ({values})"  # noqa: S608  # names of this package
    connection.execute(statement, first)
    connection.executemany(statement, rows)


def into_postgres(connection: psycopg.Connection, table: str, rows: Iterable[Row]) -> None:
    """Copy rows, which all have the columns of the first; whatever is 0 or 1 fits a boolean column too."""
    rows = iter(rows)
    first = next(rows)
    with connection.cursor().copy(f"COPY {table} ({', '.join(first)}) FROM STDIN") as copy:  # type: ignore[arg-type]  # names of this package
        copy.write_row([str(value) for value in first.values()])
        for row in rows:
            copy.write_row([str(value) for value in row.values()])


def plain(value: Any) -> str:
    """Return a value as a column of JSON holds it."""
    return json.dumps(value, ensure_ascii=False)
