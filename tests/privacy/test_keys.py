"""The ring of keys: every process goes by it, and nothing under a key that nobody knows is a fault of the server."""

from __future__ import annotations

import ast
import re
import stat
import threading

import pytest
import sqlalchemy as sa
from flask import Flask

from portal.core import crypto
from portal.core.access import Permission, public
from portal.core.crypto import KEY_FILE, RING, KeyRing, RotationUnderWay, Unreadable
from portal.core.database import Base, db
from portal.core.settings import Settings
from portal.privacy.services.rotating import REINDEX, sealed_columns
from tests.conftest import make_app
from tests.house.files import ROOT, shown, tracked
from tests.messages.helpers import put
from tests.staff import staff, token


def test_a_second_process_follows_at_once(app: Flask, settings: Settings) -> None:
    other = make_app(settings)
    before = crypto.seal("旧")
    with other.app_context():
        crypto.ring().add()
        after = crypto.seal("新")
    assert (crypto.unseal(before), crypto.unseal(after)) == ("旧", "新")
    assert (crypto.is_present(before), crypto.is_present(after)) == (False, True)
    with other.app_context():
        assert crypto.keyed_digests("x", purpose="p")[0] == crypto.keyed_digest("x", purpose="p")
        assert len(crypto.keyed_digests("x", purpose="p")) == 2
        crypto.ring().retire()
    with pytest.raises(Unreadable):
        crypto.unseal(before)
    assert crypto.unseal(after) == "新"
    # The next request of the first process signs by the new key, too.
    with app.app_context():
        assert app.config["SECRET_KEY"] == other.config["SECRET_KEY"] == (settings.data / KEY_FILE).read_text("ascii")


def test_the_file_is_its_owners_alone(app: Flask, settings: Settings) -> None:
    crypto.ring().add()
    assert stat.S_IMODE((settings.data / KEY_FILE).stat().st_mode) == 0o600
    assert len((settings.data / KEY_FILE).read_text("ascii").split()) == 2
    assert [path.name for path in settings.data.glob("secret*")] == [KEY_FILE]


def test_processes_that_start_together_agree(settings: Settings) -> None:
    gate, secrets = threading.Barrier(8), []

    def start() -> None:
        gate.wait()
        secrets.append(KeyRing(settings).known()[0].secret)

    threads = [threading.Thread(target=start) for _one in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(secrets) == 8
    assert len(set(secrets)) == 1


def test_only_one_rotates_at_a_time(app: Flask, settings: Settings) -> None:
    with crypto.ring().rotating(), pytest.raises(RotationUnderWay), KeyRing(settings).rotating():
        pass


def test_keys_of_the_environment_are_read_and_never_written(settings: Settings) -> None:
    ring = KeyRing(Settings(data=settings.data, secret_key="a" * 32, old_secret_keys=("b" * 32, "a" * 32)))
    assert [key.secret for key in ring.known()] == ["a" * 32, "b" * 32]
    with pytest.raises(ValueError, match="environment"):
        ring.add()
    assert list(settings.data.glob("secret*")) == []


def test_what_is_sealed_under_a_foreign_key_is_unreadable_and_no_fault_of_the_server(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    @app.get("/desk/canary-for-a-test")
    @public
    def shown_mail() -> str:
        return db.session.execute(sa.text("SELECT 1")).scalar_one() and str(mail_of())

    def mail_of() -> str:
        from portal.messages.models import Mail

        return str(db.session.scalars(sa.select(Mail)).one().recipient)

    put("canary@example.org")
    assert app.test_client().get("/desk/canary-for-a-test").text == "canary@example.org"
    app.extensions[RING] = KeyRing(Settings(secret_key="a foreign key, as long as it has to be"))
    with pytest.raises(Unreadable):
        mail_of()
    answer = app.test_client().get("/desk/canary-for-a-test")
    assert answer.status_code == 503
    assert "a sealed text cannot be read" in caplog.text
    assert "canary@" not in caplog.text


def test_staff_stay_signed_in_and_an_open_form_is_taken_while_the_former_key_is_known(app: Flask) -> None:
    person = staff(app, Permission.MANAGE_PEOPLE, Permission.DESK)
    page = "/desk/people/invite"
    form = {"csrf_token": token(person, page), "email": "a@example.org", "name": "甲", "locale": "zh-Hans"}
    crypto.ring().add()
    with app.app_context():  # each request pushes one, but for those inside a test's own
        assert person.post(page, data=form).status_code == 422  # read, and found wanting
    crypto.ring().retire()
    with app.app_context():
        assert person.get("/desk/").status_code == 200
    assert person.post(page, data=form).status_code == 400
    assert person.post(page, data={**form, "csrf_token": token(person, page)}).status_code == 422


# --- what stores digests --------------------------------------------------------------------------------------------

CANNOT = {
    "network address": "accounts: counted for a day, and a place known for 90; both begin anew with a rotation",
    "authenticator set-up": "accounts: never stored; a set-up under way in that moment is begun again",
    "passkey handle": "accounts: told to the browser, never looked up by",
    "asked": "reading: never stored; it stands in pages, and is known under a former key too",
    "event sender": "events: counted within an hour, which begins anew",
    "event feedback": "",  # from the codes of the lecture: `events.services.reindexing.tickets`
    "account address": "",  # of people it is made anew; attempts are counted for a day and begin anew
    "recovery code": "",
    "quiz attempt code": "",
    "contest contact": "",
    "event contact": "",
    "event person": "",
    "mail": "",
}
"""Every purpose of a keyed digest, and why it is not made anew where it is not (ADR 10); empty: it is."""


def purposes(source: str) -> set[str]:
    """Return the purposes of keyed digests in a file: literal, or by the name of a constant of the same file."""
    tree = ast.parse(source)
    constants = {
        node.targets[0].id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
    }
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("keyed_digest", "keyed_digests"):
            (value,) = (one.value for one in node.keywords if one.arg == "purpose")
            found.add(value.value if isinstance(value, ast.Constant) else constants[value.id])
    return found


def test_every_keyed_digest_is_made_anew_or_says_why_not() -> None:
    files = [path for path in tracked("portal/*.py") if shown(path) != "portal/core/crypto.py"]
    used = set().union(*(purposes(path.read_text("utf-8")) for path in files))
    assert used <= set(CANNOT), "say in CANNOT why, or add it to portal.privacy.services.rotating.REINDEX"


def compared(source: str) -> list[int]:
    """Return the lines that compare with one keyed digest: while keys are rotated it may lie under another."""
    tree = ast.parse(source)
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
        for side in (node.left, *node.comparators)
        if isinstance(side, ast.Call)
        and re.fullmatch(
            r"(keyed_digest|person_digest|contact_digest|email_digest|address_digest)",
            side.func.attr if isinstance(side.func, ast.Attribute) else getattr(side.func, "id", ""),
        )
    ]


def test_no_lookup_knows_only_the_present_key() -> None:
    assert [
        (shown(path), lines) for path in tracked("portal/*.py") if (lines := compared(path.read_text("utf-8")))
    ] == []


def test_the_checks_know_their_counterexamples() -> None:
    assert compared("x = Row.digest == contact_digest(said)") == [1]
    assert compared("x = Row.digest.in_(contact_digests(said))") == []
    assert purposes("P = 'a'\ncrypto.keyed_digest(x, purpose=P)\ncrypto.keyed_digests(x, purpose='b')") == {"a", "b"}


def test_every_table_with_digests_made_anew_has_the_texts_they_are_made_of() -> None:
    tables = Base.metadata.tables
    assert {name for name in REINDEX if not sealed_columns(tables[name])} == set()
    # Batches follow one column.
    assert [one for one in tables.values() if sealed_columns(one) and len(one.primary_key.columns) != 1] == []
    assert (ROOT / "docs" / "adr" / "0010-keys-and-keeping.md").exists()
