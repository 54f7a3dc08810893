"""How Alembic reaches the portal's database."""

from alembic import context
from flask import current_app

from portal.core.database import Base, UtcDateTime, db


def _written(kind: str, item: object, _context: object) -> str | bool:
    """Write the portal's own column types as what they are in the database."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


def _run() -> None:
    with db.engine.connect() as connection:
        # On SQLite a changed table is written anew under another name and the old one dropped, which the rows that
        # refer to it forbid. The switch has no effect inside a transaction, so it is set past SQLAlchemy.
        raw = connection.connection.driver_connection if connection.dialect.name == "sqlite" else None
        if raw is not None:
            raw.execute("PRAGMA foreign_keys = OFF")
        write = connection.execution_options(portal_write=True)
        context.configure(
            connection=write,
            target_metadata=Base.metadata,
            render_item=_written,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()
            broken = write.exec_driver_sql("PRAGMA foreign_key_check").fetchall() if raw is not None else []
            if broken:
                raise RuntimeError(f"the migration would leave rows that refer to nothing: {broken[:3]}")
        write.commit()
        if raw is not None:
            raw.execute("PRAGMA foreign_keys = ON")


_run()
