"""Lectures for the public, and the desk where they are planned and held."""

from __future__ import annotations

from flask import Flask

from portal.events.services import managing, registering
from portal.events.views import calendars

__all__ = ["install", "managing", "registering"]


def install(app: Flask) -> None:
    """Add the room's pages to `app`."""
    app.register_blueprint(calendars.blueprint)
