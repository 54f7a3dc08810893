"""Rendering in a child process that can be killed."""

from __future__ import annotations

import json
import resource
import select
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from portal.core.errors import Said
from portal.core.markup.render import Rendered, render
from portal.core.markup.source import MarkupError, check
from portal.core.settings import ROOT

TIME_LIMIT_S = 2.0
CHILD_MEMORY = 1 << 30


class Renderer:
    """Renders in a child process that is killed when one text takes longer than the limit.

    Safe to share between threads (one text at a time). Close it, or use it as a context manager.
    """

    def __init__(self, *, limit: float = TIME_LIMIT_S) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Renderer:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def render(self, source: str, *, locale: str) -> Rendered:
        """Render `source`.

        Raises:
            MarkupError: the text is refused by `check`, is not built as it must be, or takes too long.
        """
        problems = check(source)
        if problems:
            raise MarkupError(problems[0][1])
        with self._lock:
            answer = self._ask(json.dumps({"source": source, "locale": locale}).encode() + b"\n")
        if "error" in answer:
            sentence, values = answer["error"], answer["values"]
            raise MarkupError(Said(sentence, **values))
        return Rendered(**answer)

    def _ask(self, request: bytes) -> dict[str, Any]:
        if self._child is None or self._child.poll() is not None:
            self._start()
        child = self._child
        if child is None or child.stdin is None or child.stdout is None:
            raise MarkupError(Said("The text cannot be turned into a page."))
        try:
            child.stdin.write(request)
            child.stdin.flush()
        except OSError:
            # It ended between two texts; the next text gets a new child.
            self.close()
            raise MarkupError(Said("The text cannot be turned into a page.")) from None
        # Not `select`: that takes no file with a number above 1023, which a busy server may reach.
        answers = select.poll()
        answers.register(child.stdout, select.POLLIN)
        if not answers.poll(self._limit * 1000):
            self.close()
            raise MarkupError(
                Said("The text takes too long to be turned into a page. Simplify its lists, tables or brackets.")
            )
        line = child.stdout.readline()
        if not line:
            self.close()
            raise MarkupError(Said("The text cannot be turned into a page."))
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _start(self) -> None:
        command = [sys.executable, "-m", "portal.core.markup"]
        self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)  # noqa: S603  # fixed words, no shell
        # The clock starts with the first text, not while the interpreter is still loading.
        if self._child.stdout is not None:
            self._child.stdout.readline()

    def close(self) -> None:
        """End the child."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.wait()
            for pipe in (child.stdin, child.stdout):
                if pipe is not None:
                    # What a dead child has not read cannot be delivered; the pipe closes anyway.
                    with suppress(BrokenPipeError):
                        pipe.close()


def serve() -> None:
    """Answer one JSON line for each JSON line of standard input, until it ends."""
    resource.setrlimit(resource.RLIMIT_AS, (CHILD_MEMORY, CHILD_MEMORY))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = asdict(render(request["source"], locale=request["locale"]))
        except MarkupError as problem:
            answer = {"error": problem.sentence.msgid, "values": problem.sentence.values}
        except (RecursionError, MemoryError):
            answer = {"error": Said("The text is nested too deeply to be turned into a page."), "values": {}}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
