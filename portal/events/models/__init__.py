"""Tables of lectures, registrations and what happens at the door."""

from portal.events.models.attendance import Admission, Card, CardAttempt, Feedback, PaperSheetFile
from portal.events.models.lectures import CoOrganiser, Event, Pool, Review, Revision, Series, Template
from portal.events.models.limits import Sender
from portal.events.models.registrations import AccessRow, Consent, Guardian, Notice, Registration, Telling

__all__ = [
    "AccessRow",
    "Admission",
    "Card",
    "CardAttempt",
    "CoOrganiser",
    "Consent",
    "Event",
    "Feedback",
    "Guardian",
    "Notice",
    "PaperSheetFile",
    "Pool",
    "Registration",
    "Review",
    "Revision",
    "Sender",
    "Series",
    "Telling",
    "Template",
]
