"""Rotating keys, and scanning for what should be gone."""

from portal.privacy.services.keeping import erase_people
from portal.privacy.services.rotating import NoOtherKey, NotQuiet, Tally, rotate
from portal.privacy.services.scanning import Found, scan

__all__ = ["Found", "NoOtherKey", "NotQuiet", "Tally", "erase_people", "rotate", "scan"]
