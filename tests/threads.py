"""Several people at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from flask import Flask

from portal.core.database import db

PATIENCE_S = 300
"""When something that never ends is given up; a busy machine may take long for what ends."""


def at_once(app: Flask, *acts: Callable[[], Any]) -> list[Any]:
    """Do each act in a thread with a session of its own, all beginning together; return what came of each, in order.

    What an act raised is what came of it.
    """
    # An open read of the test's own would keep writers waiting (SQLite).
    db.session.rollback()
    start = threading.Barrier(len(acts))
    came: list[Any] = [TimeoutError("it did not end")] * len(acts)

    def run(place: int) -> None:
        with app.app_context():
            start.wait(PATIENCE_S)
            try:
                came[place] = acts[place]()
            except BaseException as problem:
                came[place] = problem
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    return came
