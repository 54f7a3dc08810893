"""What somebody asks for who registers."""

from __future__ import annotations

from dataclasses import dataclass, field

from portal.core.settings import Audience, Locale
from portal.events.rules.keeping import AccessNeed, Relation
from portal.events.rules.lectures import Place
from portal.events.rules.seats import ContactKind, Kind, Source


@dataclass(frozen=True, slots=True)
class GuardianWish:
    """Who speaks for a child under 14."""

    name: str
    contact_kind: ContactKind
    contact: str
    relation: Relation | None
    """What they are to the child; None: somebody else named them, and they have yet to confirm."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for; every value is checked by the form, and what a rule forbids once more here."""

    place: Place
    name: str
    locale: Locale
    audience: Audience
    request: str
    """A random token that the form carried."""
    seats: int = 1
    kind: Kind = Kind.PERSON
    source: Source = Source.WEB
    contact_kind: ContactKind = ContactKind.NONE
    contact: str = ""
    """In its one form: `messages.rules.phone`, or a mail address in small letters."""
    organisation: str = ""
    members: tuple[str, ...] = ()
    answers: dict[str, str] = field(default_factory=dict)
    needs: frozenset[AccessNeed] = frozenset()
    access_note: str = ""
    under_14: bool = False
    guardian: GuardianWish | None = None
