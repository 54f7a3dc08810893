"""Many answers in one write unit.

A commit on SQLite waits for the disk, ten milliseconds or more, and no other may begin meanwhile: of 500 people who
answer at once each would wait for all before. So whoever comes while a commit is under way is written down, and the
next commit takes everybody who waits. Nobody is answered before what they sent is on the disk.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from portal.core.database import db, transaction

Result = TypeVar("Result")


class _Ticket:
    """One person's work, and what became of it."""

    __slots__ = ("done", "order", "problem", "result", "work")

    def __init__(self, work: Callable[[Session], Any], order: int) -> None:
        self.work = work
        self.order = order
        self.done = False
        self.result: Any = None
        self.problem: BaseException | None = None


class Together:
    """Commits the work of several requests of this process as one."""

    def __init__(self) -> None:
        self._waiting: list[_Ticket] = []
        self._list = threading.Lock()
        self._turn = threading.Lock()

    def run(self, work: Callable[[Session], Result], *, order: int = 0) -> Result:
        """Do `work` inside a write unit that it may share with others; return what it returns when that is committed.

        It must return plain values: rows belong to the session of whoever led the unit.

        What `work` raises is raised here, undoes only its own changes, and leaves the others alone. When the unit as a
        whole fails, it fails for each of them.

        Args:
            order: of the row that the work takes first. Units take rows in this order, so that none waits for another
                that waits for it. 0: it takes none, it only adds.
        """
        # What this request has read holds a lock on SQLite, for which the commit would wait that it waits for.
        db.session.rollback()
        ticket = _Ticket(work, order)
        with self._list:
            self._waiting.append(ticket)
        with self._turn:
            if not ticket.done:
                with self._list:
                    batch, self._waiting = self._waiting, []
                _commit(batch)
        if ticket.problem is not None:
            raise ticket.problem
        result: Result = ticket.result
        return result


def _commit(batch: list[_Ticket]) -> None:
    """Do all of a batch in one write unit; whoever leads it does the work of the others with their own session."""
    try:
        with transaction() as session:
            for ticket in sorted(batch, key=lambda one: one.order):
                try:
                    with session.begin_nested():
                        ticket.result = ticket.work(session)
                except Exception as problem:  # told to whoever asked
                    ticket.problem = problem
    except BaseException as problem:
        for ticket in batch:
            ticket.problem = ticket.problem or problem
        raise
    finally:
        for ticket in batch:
            ticket.done = True


together = Together()
