"""A real server with the starter library, and a real browser that reports everything it did."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect, sync_playwright

from portal.core import clock
from portal.core.database import transaction
from portal.core.settings import ROOT
from portal.events.services import examples
from tests.conftest import PREPARED, STANDS_ON, Templates, uninstall
from tests.journeys.pages import DESKTOP, PATIENCE_MS, PHONE
from tests.ports import free_port

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_SECONDS = 300
"""When a server that says nothing is given up: a start takes a second or two, and more on a machine that is busy."""
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The first is the same browser without windows: it draws no frame around a page that nobody sees."""
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
HERE = Path(__file__).parent
expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder needs the browser, save those of files that it only lends its server to."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.browser)


def serve(data: Path, **settings: str) -> subprocess.Popen[str]:
    """Start `flask serve --prepare content` and return it once it answers."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi.py", "serve", "--prepare", "content"],
        cwd=ROOT,
        env={**kept, "PORTAL_DATA": str(data), "PORTAL_WORKERS": "1", **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    limit = threading.Timer(START_SECONDS, os.killpg, (process.pid, signal.SIGKILL))
    limit.start()
    told: list[str] = []
    assert process.stdout is not None
    for line in process.stdout:
        told.append(line)
        if "The portal is at" in line:
            break
    else:
        pytest.fail("the server did not start:\n" + "".join(told))
    limit.cancel()
    threading.Thread(target=process.stdout.read, daemon=True).start()
    return process


def stop(process: subprocess.Popen[str]) -> None:
    """End the server and its worker."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def _add_examples(_folder: Path) -> None:
    with transaction() as session:
        examples.add_examples(session, by="flask serve --prepare", at=clock.now())


PREPARED["first_start"] = _add_examples
STANDS_ON["first_start"] = "library"


@contextmanager
def served(template: Templates, data: Path) -> Iterator[dict[str, str]]:
    """Serve a portal as it stands after its first start, in the folder `data`; yields its `PORTAL_*` variables."""
    settings = template.install(data, kind="first_start")
    environ = {"PORTAL_PORT": str(free_port())}
    if settings.database_url:
        environ["PORTAL_DATABASE_URL"] = settings.database_url
    process = serve(data, **environ)
    try:
        yield {"PORTAL_DATA": str(data), **environ}
    finally:
        stop(process)
        uninstall(settings, force=True)


@pytest.fixture(scope="session")
def site(template: Templates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the starter library; yields the address."""
    with served(template, tmp_path_factory.mktemp("site")) as environ:
        yield f"http://127.0.0.1:{environ['PORTAL_PORT']}"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return Chromium."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: install it with `apt-get install chromium`")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Visit:
    """One reader's browser window, with what it complained about and what it asked for."""

    site: str
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Go to a page of the site and wait until everything that it names is there."""
        self.page.goto(self.site + path, wait_until="load")
        return self.page

    def outside(self) -> list[str]:
        """Return the addresses of other sites that were asked for."""
        ours = urlsplit(self.site).netloc
        return [one.url for one in self.requests if urlsplit(one.url).netloc != ours and one.url[:5] != "data:"]


Open = Callable[..., Visit]


@pytest.fixture
def reader(site: str, browser: Browser) -> Iterator[Open]:
    """Return a function that opens a window; at the end no window may have complained or asked another site."""
    visits: list[Visit] = []

    def start(size: tuple[int, int] = DESKTOP, *, workers: bool = False, **options: Any) -> Visit:
        options.setdefault("reduced_motion", "no-preference")
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            has_touch=size == PHONE,
            service_workers="allow" if workers else "block",
            locale="zh-CN",
            **options,
        )
        context.set_default_timeout(PATIENCE_MS)
        visit = Visit(site, context, context.new_page())
        visits.append(visit)

        def say(message: ConsoleMessage) -> None:
            if message.type in ("error", "warning") and "blocked by Playwright" not in message.text:
                visit.complaints.append(f"{visit.page.url}: {message.text}")

        context.on("console", say)
        context.on("weberror", lambda error: visit.complaints.append(str(error.error)))

        def ask(request: Request) -> None:  # Playwright takes no methods of built-in types
            visit.requests.append(request)

        context.on("request", ask)
        return visit

    yield start
    for visit in visits:
        visit.context.close()
    assert [text for visit in visits for text in visit.complaints] == []
    assert [url for visit in visits for url in visit.outside()] == []
