"""Taking quizzes, and the desk where they are written."""

from __future__ import annotations

from flask import Flask

import portal.quizzes.models  # noqa: F401  # the tables, for migrations


def install(app: Flask) -> None:
    """Add the room's pages to `app`."""
