"""Taking quizzes, and the desk where they are written."""

from __future__ import annotations

from flask import Flask
from flask_babel import gettext

from portal.core import web
from portal.core.access import DeskSection, Permission
from portal.quizzes.services.package import QuizzesPart
from portal.quizzes.views import (
    contest_desk,
    contests,
    figures,
    groups,
    importing,
    paper,
    paper_entry,
    paper_files,
    preview,
    public,
    questions,
    quizzes,
    regrade,
    reviews,
    rewards,
)
from portal.quizzes.views.common import blueprint

__all__ = ["blueprint", "importing", "install", "preview", "public", "questions", "quizzes", "reviews"]


def install(app: Flask) -> None:
    """Add the room's pages to `app`, its words to the desk's menu, and its part of content packages."""
    app.register_blueprint(public.blueprint)
    app.register_blueprint(blueprint)
    app.register_blueprint(regrade.blueprint)
    app.extensions.setdefault("content_parts", []).append(QuizzesPart())
    for label, endpoint in (
        (lambda: str(gettext("Questions")), "bank.questions"),
        (lambda: str(gettext("Quizzes")), "bank.quizzes"),
        (lambda: str(gettext("Quiz reviews")), "bank.reviews"),
    ):
        web.add_desk_section(app, DeskSection(label, endpoint, Permission.DESK))
    contests.install(app)
    groups.install(app)
    contest_desk.install(app)
    figures.install(app)
    web.add_desk_waiting(app, reviews.waiting)
    app.register_blueprint(rewards.blueprint)
    paper.install(app)
    app.register_blueprint(paper_entry.blueprint)
    app.register_blueprint(paper_files.blueprint)
