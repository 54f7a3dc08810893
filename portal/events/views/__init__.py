"""Lectures for the public, and the desk where they are planned and held."""

from __future__ import annotations

from flask import Flask

from portal.events.views import afterwards, cards, certificate, door, door_offline, exports, feedback, public, sheets

__all__ = ["install"]


def install(app: Flask) -> None:
    """Add the room's pages to `app`."""
    for part in (public, door, door_offline, sheets, afterwards, cards, feedback, exports, certificate):
        part.install(app)
