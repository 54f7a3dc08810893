"""How Alembic reaches the portal's database."""

from alembic import context
from flask import current_app

from portal.core.database import Base, UtcDateTime, db


def _written(kind: str, item: object, _context: object) -> str | bool:
    """Write the portal's own column types as what they are in the database."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


def _run() -> None:
    with db.engine.connect() as connection:
        write = connection.execution_options(portal_write=True)
        context.configure(
            connection=write,
            target_metadata=Base.metadata,
            render_item=_written,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()
        write.commit()


_run()
