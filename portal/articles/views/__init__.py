"""The desk: what is to be done, writing, reviewing; packages out and in."""

from flask import Flask
from flask_babel import gettext

from portal.articles.views import article, desk, editor, history, review, source, transfer, word
from portal.articles.views.common import blueprint
from portal.core import web
from portal.core.access import DeskSection, Permission

__all__ = ["article", "blueprint", "desk", "editor", "history", "install", "review", "source", "transfer", "word"]


def install(app: Flask) -> None:
    """Add the desk's pages and its words in the menu."""
    app.register_blueprint(blueprint)
    web.add_desk_section(app, DeskSection(lambda: str(gettext("To do")), "articles.desk", Permission.DESK))
    web.add_desk_section(app, DeskSection(lambda: str(gettext("Articles")), "articles.index", Permission.DESK))
    web.add_desk_waiting(app, desk.broken_hotlines)
    transfer.install(app)
