"""Taking quizzes, and the desk where they are written."""

from __future__ import annotations

from flask import Flask

from portal.quizzes.services.package import QuizzesPart
from portal.quizzes.views import figures, public, regrade


def install(app: Flask) -> None:
    """Add the room's pages to `app`."""
    app.register_blueprint(public.blueprint)
    figures.install(app)
    app.register_blueprint(regrade.blueprint)
    app.extensions.setdefault("content_parts", []).append(QuizzesPart())
