"""Migrations run up and down, and lead to exactly what the models say."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask

from portal.commands.migrating import migrations
from portal.core.database import Base, db
from tests.house.files import tracked


def tables() -> set[str]:
    return set(sa.inspect(db.engine).get_table_names()) - {"alembic_version", "sqlite_sequence"}


def shape() -> dict[str, object]:
    inspector = sa.inspect(db.engine)
    condition = f"{db.engine.dialect.name}_where"
    return {
        table: (
            sorted(
                (column["name"], str(column["type"]), column["nullable"]) for column in inspector.get_columns(table)
            ),
            sorted(
                (str(index["name"]), bool(index["unique"]), str(index.get("dialect_options", {}).get(condition)))
                for index in inspector.get_indexes(table)
            ),
            sorted(str(item["name"]) for item in inspector.get_check_constraints(table)),
            sorted(str(item["name"]) for item in inspector.get_unique_constraints(table)),
            sorted(str(item["name"]) for item in inspector.get_foreign_keys(table)),
        )
        for table in tables()
    }


def test_the_newest_migration_equals_the_models(app: Flask) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []
    assert tables() == set(Base.metadata.tables)


def test_constraints_equal_the_models_too(app: Flask) -> None:
    migrated = shape()
    with db.engine.begin() as connection:
        Base.metadata.drop_all(connection)
        Base.metadata.create_all(connection)
    assert shape() == migrated


def test_down_and_up_again_restores_the_schema(app: Flask) -> None:
    before = shape()
    migrations().downgrade(revision="base")
    assert tables() == set()
    migrations().upgrade()
    assert shape() == before


def test_a_filled_database_goes_down_and_up_again(library: Flask) -> None:
    """The rows are the point: an empty table can be rebuilt in any way."""

    def counts() -> dict[str, int]:
        with db.engine.connect() as connection:
            return {
                name: connection.scalar(sa.text(f"SELECT count(*) FROM {name}")) or 0
                for name in ("articles_article", "articles_edition", "articles_revision", "reference_hotline")
            }

    before = counts()
    assert before["articles_revision"] > 20
    db.session.remove()
    migrations().downgrade(revision="0002")
    assert counts() == before
    migrations().upgrade()
    assert counts() == before
    with db.engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM articles_sheet")) == before["articles_article"]
        assert connection.scalar(sa.text("SELECT count(*) FROM articles_edition WHERE state <> 'published'")) == 0
        if connection.dialect.name == "sqlite":
            assert connection.scalar(sa.text("PRAGMA foreign_keys")) == 1


def test_migrations_are_numbered_without_a_gap() -> None:
    numbers = sorted(path.name.partition("_")[0] for path in tracked("migrations/versions/*.py"))
    assert numbers == [f"{place:04}" for place in range(1, len(numbers) + 1)]


def test_the_commands_of_migrations_are_there_when_they_are_called(app: Flask) -> None:
    runner = app.test_cli_runner()
    assert "upgrade" in runner.invoke(args=["db", "--help"]).output
    assert runner.invoke(args=["db", "-x", "a=b", "heads"]).exit_code == 0
    down = runner.invoke(args=["db", "downgrade", "0002"])
    assert (down.exit_code, "messages_mail" in tables()) == (0, False)
    up = runner.invoke(args=["db", "upgrade"])
    assert (up.exit_code, "messages_mail" in tables()) == (0, True)
    wrong = runner.invoke(args=["db", "sideways"])
    assert (wrong.exit_code, "No such command 'sideways'" in wrong.output) == (2, True)
