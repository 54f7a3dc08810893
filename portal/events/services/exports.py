"""What of a lecture goes out in files: figures without anybody in them, and the list of names for who runs it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.audit.rules import Tag
from portal.audit.services import record
from portal.events.models import Event, Pool, Registration
from portal.events.queries import attendance as queries
from portal.events.queries.pairs import uplift
from portal.events.rules import codes
from portal.events.rules.attendance import AdmissionKind
from portal.events.rules.lists import Purpose
from portal.events.rules.satisfaction import FEWEST
from portal.events.rules.seats import HOLDING
from portal.quizzes.services.exports import TOO_FEW, Table

HEAD = ("figure", "value")


def figures(session: Session, event: Event, *, zone: tzinfo) -> list[Table]:
    """Return the figures of a lecture; nothing in them is about fewer people than may be shown."""
    found = queries.attendance(session, event.id)
    said = queries.satisfied(session, event.id)
    change = uplift(session, event.id)
    starts = event.starts_at.astimezone(zone)
    about = [
        ("lecture", event.slug),
        ("state", event.state.value),
        ("starts", f"{starts:%Y-%m-%d %H:%M}"),
        ("mode", event.mode.value),
        ("audience", event.audience.value),
        ("topic", event.topic),
        ("district", event.district),
        ("branch", event.branch),
        ("campaign", event.campaign),
        ("registrations", found.registrations),
        ("registered_people", found.registered),
        ("registered_in_groups", found.registered_groups),
        ("registered_online", found.registered_online),
        ("waiting_registrations", found.waiting),
        ("cancelled_registrations", found.cancelled),
        ("attended_person_times", found.person_times),
        *((f"attended_{kind.value}", found.came[kind]) for kind in AdmissionKind),
        ("no_show_people", found.no_shows),
        ("no_show_in_groups", found.no_shows_groups),
        ("no_show_online", found.no_shows_online),
        *((f"source_{source.value}", people) for source, people in sorted(found.sources.items())),
        ("satisfaction_answers", said.n),
        ("satisfaction_percent", TOO_FEW if said.share is None else round(said.share, 1)),
        ("satisfaction_low_95", None if said.low is None else round(said.low, 1)),
        ("satisfaction_high_95", None if said.high is None else round(said.high, 1)),
        ("card_pairs", change.n),
        ("uplift", change.said.value),
        ("uplift_before_percent", _rounded(change.before)),
        ("uplift_after_percent", _rounded(change.after)),
        ("uplift_points", _rounded(change.points)),
        ("uplift_relative_percent", _rounded(change.relative)),
        ("cost_yuan", None if event.cost_cents is None else event.cost_cents / 100),
        ("materials", event.materials),
    ]
    audiences = [
        (audience.value, TOO_FEW if people is None else people)
        for audience, people in queries.by_audience(session, event.id).items()
    ]
    tables = [Table("Lecture", HEAD, about), Table("Audiences", ("edition", "people"), audiences)]
    groups = [(number, *each) for number, each in enumerate(queries.groups(session, event.id), start=1)]
    if groups:
        tables.append(Table("Groups", ("group", "registered", "came"), groups))
    if said.n >= FEWEST:
        tables.append(Table("Satisfaction", ("level", "answers"), list(queries.levels(session, event.id).items())))
    return tables


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def in_one(tables: list[Table]) -> Table:
    """Return several tables as one of two columns, for files that hold one only."""

    def rows() -> Iterator[tuple[object, ...]]:
        for table in tables:
            for name, *values in table.rows:
                whole = name if table.name == "Lecture" else f"{table.name.lower()}_{name}"
                for column, value in zip(table.head[1:], values, strict=True):
                    yield (whole if len(values) == 1 else f"{whole}_{column}"), value

    return Table("Lecture", HEAD, list(rows()))


def names(session: Session, event: Event, *, purpose: Purpose) -> Table:
    """Return who has a seat and how many of them came.

    Contacts go out only where people are to be reached; as proof, with who of the staff confirms that they came.
    """
    head = ["code", "name", "organisation", "kind", "place", "state", "seats", "came"]
    more = {Purpose.CALLING: ["contact"], Purpose.PROOF: ["confirmed_by"]}.get(purpose, [])
    let_in = queries.people_by_registration(session, event.id)
    confirmers = queries.confirmers(session, event.id)
    registered = (
        sa.select(Registration, Pool.place)
        .join(Pool, Pool.id == Registration.pool_id)
        .where(Registration.event_id == event.id, Registration.state.in_(HOLDING))
        .order_by(Registration.id)
    )
    rows = []
    for one, place in session.execute(registered):
        row: list[object] = [
            codes.spoken(one.code), one.name or "", one.organisation, one.kind.value, place.value, one.state.value,
            one.seats, let_in.get(one.id, 0),
        ]  # fmt: skip
        if purpose is Purpose.CALLING:
            row.append(one.contact or "")
        elif purpose is Purpose.PROOF:
            row.append(", ".join(confirmers.get(one.id, [])))
        rows.append(row)
    return Table("Names", (*head, *more), rows)


def note_figures(session: Session, *, event: Event, form: str, by: str, at: datetime) -> None:
    """Record that figures were saved."""
    record(
        session, Tag.EVENT_FIGURES_EXPORTED, by=by, at=at, target=f"event:{event.slug}", details={"format": form}
    )  # fmt: skip


def note_names(
    session: Session, *, event: Event, purpose: Purpose, form: str, rows: int, by: str, at: datetime
) -> None:  # fmt: skip
    """Record that names were saved, by whom and what for; not which."""
    facts = {"purpose": purpose.value, "format": form, "rows": rows}
    record(session, Tag.EVENT_NAMES_EXPORTED, by=by, at=at, target=f"event:{event.slug}", details=facts)
