"""Lists of the meeting tool: who took part online, matched to registrations by code, mail address or exact name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.core import crypto
from portal.events.models import Event, PaperSheetFile, Registration
from portal.events.queries import sheets as queries
from portal.events.rules import codes
from portal.events.rules import meetings as rules
from portal.events.rules.attendance import AdmissionKind, AdmissionSource
from portal.events.rules.lectures import EventState
from portal.events.rules.meetings import Fate, Stay, Told
from portal.events.rules.seats import LIVE, State
from portal.events.services import sheets
from portal.events.services.registering import contact_digests
from portal.events.services.sheets import Entering, TooEarly


@dataclass(slots=True)
class Report:
    """What becomes of a list."""

    digest: str
    minutes: int
    """The least that counts."""
    rows: list[Told]
    before: PaperSheetFile | None
    is_done: bool = False
    good: list[Entering] = field(default_factory=list)
    stayed: dict[str, int] = field(default_factory=dict)
    """By code of the registration."""

    @property
    def refused(self) -> int:
        """How many people or lines are not understood."""
        return sum(row.fate not in rules.HARMLESS for row in self.rows)


@dataclass(frozen=True, slots=True)
class _Registered:
    id: int
    code: str
    state: State


class _Book:
    """The registrations of a lecture by what a list may call them."""

    def __init__(self, session: Session, event_id: int) -> None:
        self.by_code: dict[str, _Registered] = {}
        self.by_mail: defaultdict[str, list[_Registered]] = defaultdict(list)
        self.by_name: defaultdict[str, list[_Registered]] = defaultdict(list)
        rows = sa.select(
            Registration.id, Registration.code, Registration.state, Registration.contact_digest, Registration.name
        ).where(Registration.event_id == event_id)
        for key, code, state, mail, name in session.execute(rows):
            one = self.by_code[code] = _Registered(key, code, state)
            if state not in LIVE:
                continue
            if mail:
                self.by_mail[mail].append(one)
            if name:
                self.by_name[rules.even_name(name)].append(one)

    def find(self, stay: Stay) -> list[_Registered]:
        """Return whom a line can mean: by code, else by mail address, else by name."""
        for said in (stay.code, stay.name):
            code = codes.typed(said)
            if code in self.by_code:
                return [self.by_code[code]]
        named = self.by_name.get(rules.even_name(stay.name), []) if stay.name else []
        if not stay.mail:
            return named
        found = [one for digest in contact_digests(stay.mail) for one in self.by_mail.get(digest, [])]
        # A family may share an address: then the name says who.
        both = [one for one in found if one in named]
        return both or found or named


def look(session: Session, *, event: Event, raw: bytes, minutes: int) -> Report:
    """Return what would become of each person in a list; change nothing.

    Raises:
        Unreadable: it is no such list.
    """
    digest = rules.digest_of(raw, minutes)
    report = Report(digest, minutes, [], queries.file_before(session, event.id, digest))
    book = _Book(session, event.id)
    people: dict[int, tuple[_Registered, list[Stay]]] = {}
    for stay in rules.stays_of(raw):
        shown = (stay.name or stay.mail or stay.code)[:60]
        found = book.find(stay) if stay.is_good else []
        if not stay.is_good:
            report.rows.append(Told((stay.line,), shown, Fate.MALFORMED))
        elif not found:
            report.rows.append(Told((stay.line,), shown, Fate.UNKNOWN, rules.total_minutes([stay])))
        elif len(found) > 1:
            report.rows.append(Told((stay.line,), shown, Fate.AMBIGUOUS, rules.total_minutes([stay])))
        else:
            people.setdefault(found[0].id, (found[0], []))[1].append(stay)
    let_in = queries.counted_people(session, people)
    for one, stays in people.values():
        report.rows.append(_told(report, one, stays, is_in=one.id in let_in))
    report.rows.sort(key=lambda row: row.lines)
    return report


def _told(report: Report, one: _Registered, stays: Sequence[Stay], *, is_in: bool) -> Told:
    total = rules.total_minutes(stays)
    fate = Fate.TAKEN
    if one.state not in LIVE:
        fate = Fate.ENDED
    elif is_in:
        fate = Fate.ALREADY
    elif total < report.minutes:
        fate = Fate.SHORT
    else:
        nonce = crypto.digest(f"{report.digest}:{one.code}")[:43]
        report.good.append(Entering(one.code, 1, AdmissionKind.ONLINE, nonce, one.id))
        report.stayed[one.code] = total
    shown = (stays[0].name or stays[0].mail or stays[0].code)[:60]
    return Told(tuple(stay.line for stay in stays), shown, fate, total, codes.spoken(one.code))


def take(
    session: Session, *, event_id: int, raw: bytes, minutes: int, by: str, by_id: int, at: datetime
) -> Report:  # fmt: skip
    """Note who took part online; the same list again changes nothing.

    Raises:
        LookupError: there is no such lecture.
        Unreadable: it is no list of a meeting tool.
        TooEarly: the lecture has not begun.
    """
    event = sheets.lock(session, event_id)
    if at < event.starts_at or event.state is not EventState.PUBLISHED:
        raise TooEarly
    first = look(session, event=event, raw=raw, minutes=minutes)
    sheets.lock_registrations(session, [one.registration_id for one in first.good if one.registration_id])
    # Looked at again behind the lock: the door may have let somebody in at this moment.
    report = look(session, event=event, raw=raw, minutes=minutes)
    if report.before is not None or not report.good:
        return report
    sheets.let_in(
        session,
        event=event,
        entering=report.good,
        source=AdmissionSource.FILE,
        by=by,
        by_id=by_id,
        at=at,
        minutes=report.stayed,
    )
    counted = len(report.good)
    sheets.note_file(session, event=event, digest=report.digest, rows=len(report.rows), people=counted, by=by, at=at)
    report.is_done = True
    return report
