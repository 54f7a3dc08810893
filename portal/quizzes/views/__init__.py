"""Taking quizzes, and the desk where they are written."""

from __future__ import annotations

from flask import Flask

from portal.quizzes.services.package import QuizzesPart
from portal.quizzes.views import paper, paper_entry, paper_files, public, rewards


def install(app: Flask) -> None:
    """Add the room's pages to `app`."""
    app.register_blueprint(public.blueprint)
    app.extensions.setdefault("content_parts", []).append(QuizzesPart())
    app.register_blueprint(rewards.blueprint)
    paper.install(app)
    app.register_blueprint(paper_entry.blueprint)
    app.register_blueprint(paper_files.blueprint)
