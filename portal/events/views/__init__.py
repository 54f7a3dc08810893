"""Lectures for the public, and the desk where they are planned and held."""

from __future__ import annotations

from flask import Flask

from portal.events.views import guardians, own, registering

__all__ = ["install"]


def install(app: Flask) -> None:
    """Add the room's pages to `app`."""
    registering.install(app)
    own.install(app)
    guardians.install(app)
