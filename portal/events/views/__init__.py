"""Lectures for the public, and the desk where they are planned and held."""

from __future__ import annotations

from flask import Flask

from portal.events.views import (
    afterwards,
    calendars,
    cards,
    certificate,
    door,
    door_offline,
    exports,
    feedback,
    sheets,
)

__all__ = ["install"]


def install(app: Flask) -> None:
    """Add the room's pages to `app`."""
    app.register_blueprint(calendars.blueprint)
    for part in (door, door_offline, sheets, afterwards, cards, feedback, exports, certificate):
        part.install(app)
