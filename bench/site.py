"""The portal as `make run` starts it, with the starter library, under var/bench/site."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bench.machine import ROOT, WORK, free_port, running
from bench.report import Missing

ARTICLE = "/articles/fake-police-safe-account"
EDITIONS = ("", "/elderly", "/youth", "/new-resident")


def environ(port: int, **settings: str) -> dict[str, str]:
    """Return the environment of a portal under var/bench; `settings` are PORTAL_* variables."""
    # Settings of whoever starts the benchmark must not change what is measured.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    return {**kept, "PORTAL_DATA": str(WORK / "site"), "PORTAL_PORT": str(port), **settings}


def prepare() -> None:
    """Migrate and import the starter library.

    Raises:
        Missing: a command failed; its last words are told.
    """
    for words in (["db", "upgrade"], ["content", "import", "content"], ["search", "reindex"]):
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
        done = subprocess.run(
            command, cwd=ROOT, env=environ(0), check=False, capture_output=True, text=True, timeout=600
        )
        if done.returncode:
            last = (done.stderr or done.stdout).strip().splitlines()[-1:]
            raise Missing(f"`flask {' '.join(words)}` failed: {' '.join(last)}")


@contextmanager
def portal(*, log: str = "portal", **settings: str) -> Iterator[tuple[str, int]]:
    """Serve the portal by `flask serve`; yields its address and process id. `settings` are PORTAL_* variables."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "serve"]
    with running(command, f"{url}/healthz", env=environ(port, **settings), log=log) as pid:
        yield url, pid
