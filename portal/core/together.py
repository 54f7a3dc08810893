"""Many answers in one write unit.

A commit on SQLite waits for the disk, ten milliseconds or more, and no other may begin meanwhile: of 500 people who
answer at once each would wait for all before. So whoever comes while a commit is under way is written down, and the
next commit takes everybody who waits. Nobody is answered before what they sent is on the disk.

Each waits for a sign of their own, and gets one: that their work is done, or that it is theirs to lead the next unit.
A lock that all wait for would be given to whoever comes by, and some would wait for many units.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from portal.core.database import db, part, transaction

Result = TypeVar("Result")


class _Ticket:
    """One person's work, and what became of it."""

    __slots__ = ("done", "order", "problem", "result", "sign", "work")

    def __init__(self, work: Callable[[Session], Any], order: int) -> None:
        self.work = work
        self.order = order
        self.sign = threading.Lock()
        """Held until there is something to hear: `done`, or else it is this one's turn to lead."""
        self.sign.acquire()
        self.done = False
        self.result: Any = None
        self.problem: BaseException | None = None


class Together:
    """Commits the work of several requests of this process as one."""

    def __init__(self) -> None:
        self._waiting: list[_Ticket] = []
        self._list = threading.Lock()
        self._is_led = False

    def run(self, work: Callable[[Session], Result], *, order: int = 0) -> Result:
        """Do `work` inside a write unit that it may share with others; return what it returns when that is committed.

        It must return plain values: rows belong to the session of whoever led the unit.

        What `work` raises is raised here, undoes only its own changes, and leaves the others alone; their work may be
        done a second time for that, after the first was undone. When the unit as a whole fails, it fails for each.

        Args:
            order: of the row that the work takes first. Units take rows in this order, so that none waits for another
                that waits for it. 0: it takes none, it only adds.
        """
        # What this request has read holds a lock on SQLite, for which the commit would wait that it waits for.
        db.session.rollback()
        ticket = _Ticket(work, order)
        with self._list:
            self._waiting.append(ticket)
            leads, self._is_led = not self._is_led, True
        if not leads:
            ticket.sign.acquire()
        if not ticket.done:
            self._lead()
        if ticket.problem is not None:
            raise ticket.problem
        result: Result = ticket.result
        return result

    def _lead(self) -> None:
        """Commit the work of everybody who waits, tell them, and give the lead to who came first meanwhile."""
        batch: list[_Ticket] = []
        try:
            with transaction() as session:
                # Whoever came while others were writing comes along.
                batch = sorted(self._take(), key=lambda one: one.order)
                _work(session, batch)
        except BaseException as problem:
            batch = batch or self._take()
            for ticket in batch:
                ticket.problem = ticket.problem or problem
            raise
        finally:
            with self._list:
                following = self._waiting[0] if self._waiting else None
                self._is_led = following is not None
            for ticket in batch:
                ticket.done = True
                ticket.sign.release()
            if following is not None:
                following.sign.release()

    def _take(self) -> list[_Ticket]:
        with self._list:
            batch, self._waiting = self._waiting, []
        return batch


def _work(session: Session, batch: list[_Ticket]) -> None:
    """Do everybody's work: as one part of the unit, or else, because one of them fails, each as a part of its own."""
    try:
        with part(session):
            for ticket in batch:
                ticket.result = ticket.work(session)
    except Exception as problem:  # told to whoever asked
        if len(batch) == 1:
            batch[0].problem = problem
            return
        for ticket in batch:
            _work(session, [ticket])


together = Together()
