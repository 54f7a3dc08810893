"""Lectures for the public, and the desk where they are planned and held."""

from __future__ import annotations

from flask import Flask

from portal.events.views import (
    afterwards,
    calendars,
    cards,
    certificate,
    changing,
    desk,
    door,
    door_offline,
    exports,
    feedback,
    guardians,
    own,
    people,
    plan,
    public,
    registering,
    reviews,
    sheets,
)

__all__ = ["changing", "install", "people", "plan", "reviews"]


def install(app: Flask) -> None:
    """Add the room's pages to `app`."""
    app.register_blueprint(calendars.blueprint)
    for part in (public, registering, own, guardians):
        part.install(app)
    for part in (desk, door, door_offline, sheets, afterwards, cards, feedback, exports, certificate):
        part.install(app)
