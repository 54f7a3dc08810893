"""Verbs of lectures: registering, waiting, managing; planning and publishing; the door; keeping and erasing."""

from portal.events.services import managing, registering

__all__ = ["managing", "registering"]
