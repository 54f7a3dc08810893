"""Staff come in through a real browser: password, authenticator, passkey; and axe-core finds nothing on any page."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from portal.app import create_app
from portal.core.database import db
from portal.core.settings import ROOT, Settings
from tests.conftest import Templates
from tests.journeys.conftest import served
from tests.journeys.pages import DESKTOP, PATIENCE_MS, PHONE
from tests.journeys.test_access import findings

PASSWORD = "蓝色的自行车在雨里 42"
VIRTUAL = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@dataclass(frozen=True)
class Desk:
    """A served portal of which the data are at hand."""

    address: str
    environ: dict[str, str]

    def flask(self, *words: str, typed: str = "") -> str:
        """Run a command on the same data."""
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
        done = subprocess.run(
            command, cwd=ROOT, env={**kept, **self.environ}, input=typed, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def add(self, email: str, name: str, *roles: str) -> str:
        """Make an account and return its authenticator's secret."""
        words = [word for role in roles for word in ("--role", role)]
        told = self.flask("accounts", "create", "--email", email, "--name", name, "--totp", *words, typed=PASSWORD)
        uri = next(line for line in told.splitlines() if line.startswith("otpauth://"))
        return parse_qs(urlsplit(uri).query)["secret"][0]

    def beside(self, work: Callable[[], object]) -> None:
        """Do something to the data of the served portal."""
        app = create_app(Settings.from_env(self.environ))
        with app.app_context():
            work()
            db.session.remove()
            db.engine.dispose()


@pytest.fixture(scope="module")
def desk(template: Templates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Serve the starter library under localhost: a passkey can be bound to that name, but to no IP address."""
    with served(template, tmp_path_factory.mktemp("desk")) as environ:
        yield Desk(f"http://localhost:{environ['PORTAL_PORT']}", environ)


@pytest.fixture
def page(desk: Desk, browser: Browser) -> Iterator[Page]:
    """Return a page of a fresh window with a passkey device; it may complain of nothing but refused forms."""
    context = browser.new_context(
        base_url=desk.address, viewport={"width": PHONE[0], "height": PHONE[1]}, locale="zh-CN"
    )
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    told: list[str] = []
    context.on(
        "console",
        lambda message: told.append(message.text) if message.type in ("error", "warning") else None,
    )
    context.on("weberror", lambda error: told.append(str(error.error)))
    device = context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": VIRTUAL})
    yield page
    context.close()
    assert [text for text in told if "the server responded with a status of 4" not in text] == []


def fits(page: Page) -> list[str]:
    """Return what is wrong with a page as it stands: axe-core's findings, and whether it is wider than the screen."""
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return findings(page) + ([f"{page.url}: {wide} px too wide"] if wide else [])


def sign_in(page: Page, email: str, secret: str) -> None:
    page.goto("/desk/sign-in")
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    page.click("main form button[type=submit]")
    expect(page.locator("#code")).to_be_visible()
    page.fill("#code", pyotp.TOTP(secret).now())
    page.click("main form button[type=submit]")
    expect(page.locator(".desk-who")).to_be_visible()


def session_of(desk: Desk, browser: Browser, email: str, secret: str) -> Any:
    """Sign somebody in and return what their browser then holds: a code is taken once, a window may come again."""
    context = browser.new_context(base_url=desk.address, locale="zh-CN")
    sign_in(context.new_page(), email, secret)
    state = context.storage_state()
    context.close()
    return state


def test_a_passkey_is_made_and_signs_in(desk: Desk, page: Page) -> None:
    secret = desk.add("zhou@example.org", "周明", "reviewer")
    sign_in(page, "zhou@example.org", secret)
    page.goto("/desk/me/passkeys")
    page.fill("#passkey-name", "手机")
    page.click("[data-passkey] button")
    expect(page).to_have_url(f"{desk.address}/desk/me")
    page.goto("/desk/me/passkeys")
    expect(page.get_by_role("button", name="手机")).to_be_visible()
    page.click(".desk-who button")
    expect(page).to_have_url(f"{desk.address}/desk/sign-in")
    page.goto("/desk/me/passkeys")
    page.click("[data-passkey] button")
    expect(page).to_have_url(f"{desk.address}/desk/me/passkeys")
    page.goto("/desk/confirm?next=/desk/me/password")
    page.click("[data-passkey] button")
    expect(page).to_have_url(f"{desk.address}/desk/me/password")


def test_a_passkey_of_nobody_says_so(desk: Desk, page: Page) -> None:
    page.goto("/desk/sign-in")
    page.click("[data-passkey] button")
    expect(page.locator("[data-passkey] [role=alert]")).to_be_visible()
    assert fits(page) == []


def test_a_mailed_link_says_what_is_wrong_and_works_once(desk: Desk, page: Page) -> None:
    desk.add("first@example.org", "管理", "author")
    link = desk.flask("accounts", "reset", "first@example.org").strip()
    page.goto(urlsplit(link).path)
    found = fits(page)
    page.fill("#password", "short")
    page.click("main form button[type=submit]")
    expect(page.locator(".errors")).to_be_visible()
    found += fits(page)
    page.fill("#password", "三只猫在屋顶上看月亮")
    page.click("main form button[type=submit]")
    expect(page).to_have_url(f"{desk.address}/desk/sign-in")
    page.goto(urlsplit(link).path)
    expect(page.locator("h1")).to_be_visible()
    found += fits(page)
    assert found == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_pages_of_accounts(desk: Desk, page: Page, scheme: str) -> None:
    email = f"{scheme}@example.org"
    secret = desk.add(email, "管理员林静", "administrator", "author")
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    found: list[str] = []
    for path in ("/desk/sign-in", "/desk/reset", "/desk/link/" + "x" * 43):
        page.goto(path)
        found += fits(page)
    sign_in(page, email, secret)
    paths = ["me", "me/password", "me/passkeys", "confirm", "people/", "people/invite", "people/1"]
    for size in (PHONE, DESKTOP):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        for path in paths:
            page.goto(f"/desk/{path}")
            found += fits(page)
    page.goto("/desk/people/invite")
    page.click("main form button[type=submit]")
    expect(page.locator(".errors")).to_be_visible()
    found += fits(page)
    page.goto("/desk/me")
    page.click("form[action$='/recovery-codes'] button")
    expect(page.locator(".codes li")).to_have_count(10)
    found += fits(page)
    assert found == []


def test_the_authenticator_is_set_up(desk: Desk, page: Page) -> None:
    desk.flask(
        "accounts", "create", "--email", "new@example.org", "--name", "新来的", "--role", "reviewer", typed=PASSWORD
    )
    page.goto("/desk/people/")
    page.fill("#email", "new@example.org")
    page.fill("#password", PASSWORD)
    page.click("main form button[type=submit]")
    expect(page).to_have_url(f"{desk.address}/desk/me/authenticator")
    page.wait_for_load_state("load")
    assert page.evaluate("document.querySelector('.qr').naturalWidth") > 0
    found = fits(page)
    secret = (page.locator(".secret").text_content() or "").replace(" ", "")
    page.fill("#code", pyotp.TOTP(secret).now())
    page.click("main form button[type=submit]")
    expect(page.locator(".codes li")).to_have_count(10)
    found += fits(page)
    page.click("main .form__actions a")
    expect(page).to_have_url(f"{desk.address}/desk/me")
    assert found == []


def test_without_scripts_everything_but_passkeys_works(desk: Desk, browser: Browser) -> None:
    secret = desk.add("plain@example.org", "没有脚本", "author")
    context = browser.new_context(base_url=desk.address, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, "plain@example.org", secret)
    page.goto("/desk/me")
    page.fill("#name", "还是没有脚本")
    page.click("main form button[type=submit]")
    expect(page.get_by_role("link", name="还是没有脚本")).to_be_visible()
    page.goto("/desk/me/passkeys")
    expect(page.locator("[data-passkey] button")).to_be_hidden()
    expect(page.locator(".passkey-elsewhere")).to_be_visible()
    page.click(".desk-who button")
    expect(page).to_have_url(f"{desk.address}/desk/sign-in")
    context.close()
