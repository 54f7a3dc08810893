"""A server that is killed at every step of one request: `python -m tests.articles.mortal PORT`.

For each request a child is forked that answers it. The first dies by SIGKILL before its first statement that writes,
the second before its second, and so on: then before the commit, and then after it, before anything is answered. Prints
how each ended. The child that dies nowhere is the last.
"""

from __future__ import annotations

import os
import signal
import sys
from itertools import count

import sqlalchemy as sa
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

WRITES = ("INSERT", "UPDATE", "DELETE")


def arm(step: int) -> None:
    """Die at step number `step`."""
    seen = count(1)

    def pass_or_die() -> None:
        if next(seen) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    def on_statement(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.lstrip().upper().startswith(WRITES):
            pass_or_die()

    sa.event.listen(sa.Engine, "before_cursor_execute", on_statement)
    sa.event.listen(sa.Engine, "commit", lambda _connection: pass_or_die())
    sa.event.listen(Session, "after_commit", lambda _session: pass_or_die())


def main(port: int) -> None:
    """Answer requests until one is answered by a child that lives."""
    import wsgi

    server = make_server("127.0.0.1", port, wsgi.application)
    print("ready", flush=True)
    for step in count(1):
        child = os.fork()
        if child == 0:
            arm(step)
            server.handle_request()
            os._exit(0)
        _pid, status = os.waitpid(child, 0)
        print("killed" if os.WIFSIGNALED(status) else "answered", flush=True)
        if not os.WIFSIGNALED(status):
            return


if __name__ == "__main__":
    main(int(sys.argv[1]))
