"""One process of a storm: `python -m tests.events.storm`, told by JSON on its standard input; prints JSON.

Each thread waits until all of the process are ready, then does its acts as fast as it can, each in a write unit.
"""

from __future__ import annotations

import json
import random
import sys
import threading
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from portal.app import create_app
from portal.core.database import db, transaction
from portal.core.settings import Settings
from portal.events.models import Event, Pool, Registration
from portal.events.rules.seats import Kind, State
from portal.events.services import managing
from portal.events.services.managing import NoSeats, NotOffered, TooLate
from portal.events.services.registering import TooMany
from tests.events.hall import AT, come

LATER = AT + timedelta(days=2)


def register_each(event: int, names: list[str]) -> Counter[str]:
    """Register each name once; return what each was told."""
    said: Counter[str] = Counter()
    for name in names:
        with transaction() as session:
            said[come(session, session.get_one(Event, event), name).state.value] += 1
    return said


def overbook(event: int, names: list[str], start: threading.Barrier) -> Counter[str]:
    """Do what a careless program does: look, and take later. The control of the storm: it must oversell."""
    said: Counter[str] = Counter()
    pool = db.session.scalars(sa.select(Pool).where(Pool.event_id == event)).one()
    free = pool.capacity - pool.taken
    db.session.rollback()
    start.wait(60)
    for name in names:
        with transaction() as session:
            if db.engine.dialect.name == "sqlite":
                session.connection().exec_driver_sql("PRAGMA ignore_check_constraints = ON")
            state = State.CONFIRMED if free > 0 else State.WAITING
            session.execute(sa.update(Pool).where(Pool.event_id == event).values(taken=Pool.taken + 1))
            said[state.value] += 1
            free -= 1
        assert name
    return said


def mix(event: int, acts: int, seed: int) -> Counter[str]:
    """Register, cancel, shrink, accept, pass on and let holds lapse, at random."""
    draw, said = random.Random(seed), Counter[str]()  # not a secret: a storm that can be had again
    own: list[int] = []
    for number in range(acts):
        act = draw.choices(("register", "group", "cancel", "shrink", "answer", "lapse"), (40, 6, 22, 6, 20, 6))[0]
        try:
            with transaction() as session:
                said[_do(session, act, event, own, draw, f"{seed}-{number}")] += 1
        except (NoSeats, NotOffered, TooMany, TooLate) as refused:
            said[type(refused).__name__] += 1
    return said


def _do(session: Any, act: str, event: int, own: list[int], draw: random.Random, name: str) -> str:
    if act in ("register", "group"):
        group = {"kind": Kind.GROUP, "organisation": "社区"} if act == "group" else {}
        seats = draw.randint(3, 6) if group else draw.randint(1, 3)
        made = come(session, session.get_one(Event, event), name, seats=seats, **group)
        own.append(made.id)
        return f"{act} {made.state.value}"
    if act == "lapse":
        return f"lapsed {managing.lapse_due(session, at=LATER)}"
    if act == "answer":
        offered = sa.select(Registration.id).where(Registration.event_id == event, Registration.state == State.OFFERED)
        number = session.scalar(offered.order_by(sa.func.random()).limit(1))
        if number is None:
            return "nothing offered"
        verb = draw.choice((managing.accept, managing.pass_on))
        return f"{verb.__name__} {verb(session, registration_id=number, at=AT)}"
    if not own:
        return "nothing of one's own"
    number = draw.choice(own)
    if act == "cancel":
        return f"cancel {managing.cancel(session, registration_id=number, at=AT)}"
    held = session.get_one(Registration, number)
    if held.state is not State.CONFIRMED or held.seats == 1:
        return "nothing to shrink"
    changed = managing.change_seats(session, registration_id=number, seats=held.seats - 1, at=AT)
    return f"shrink {changed}"


def main() -> None:
    """Do this process's part."""
    told = json.load(sys.stdin)
    settings = Settings(data=Path(told["data"]), database_url=told["database"])
    app: Flask = create_app(settings)
    threads, said = told["threads"], Counter[str]()
    start, lock = threading.Barrier(threads), threading.Lock()
    problems: list[str] = []

    def work(place: int) -> None:
        with app.app_context():
            try:
                if told["how"] == "overbook":
                    came = overbook(told["event"], [f"{told['part']}-{place}"], start)
                else:
                    start.wait(60)
                    if told["how"] == "mix":
                        came = mix(told["event"], told["acts"], told["part"] * 100 + place)
                    else:
                        names = [f"{told['part']}-{place}-{number}" for number in range(told["acts"])]
                        came = register_each(told["event"], names)
                with lock:
                    said.update(came)
            except BaseException as problem:
                problems.append(repr(problem))
            finally:
                db.session.remove()

    running = [threading.Thread(target=work, args=(place,)) for place in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    with app.app_context():
        db.engine.dispose()
    json.dump({"said": said, "problems": problems}, sys.stdout)


if __name__ == "__main__":
    main()
