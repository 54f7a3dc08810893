"""What a server does not load: every process of it would keep that for good, twice with two workers."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import weakref

import pytest
from flask import Flask

from portal.app import COMMANDS, create_app
from portal.core.cli import Late
from portal.core.database import db
from portal.core.settings import Settings
from tests.house.files import ROOT

LATE = (
    "alembic", "flask_migrate", "mako", "pygments", "rjieba", "pypinyin", "PIL", "webauthn", "apscheduler",
    "numpy", "weasyprint", "xlsxwriter", "icalendar", "sqlalchemy.dialects.postgresql",
)  # fmt: skip
"""Each is loaded by the command, or at the first act, that needs it."""
_TELL = f"import sys; {{}}; print(*sorted(set({LATE!r}) & set(sys.modules)))"


def loaded(settings: Settings, statement: str) -> list[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    told = subprocess.run(
        [sys.executable, "-c", _TELL.format(statement)],
        cwd=ROOT,
        env={**kept, "PORTAL_DATA": str(settings.data)},
        capture_output=True,
        text=True,
        check=True,
    )
    return told.stdout.split()


@pytest.mark.parametrize("statement", ["import wsgi", "import wsgi; wsgi.app.test_client().get('/')"])
def test_a_server_loads_nothing_that_it_may_never_need(settings: Settings, statement: str) -> None:
    assert loaded(settings, statement) == []


def test_a_server_that_checks_no_text_holds_no_weights(settings: Settings) -> None:
    held = "from portal.prose.rules.likeness import learnt; print(learnt.cache_info().currsize); sys.exit()"
    assert loaded(settings, f"import wsgi; wsgi.app.test_client().get('/'); {held}") == ["0"]
    assert loaded(settings, f"import wsgi; from portal.prose.rules.likeness import learnt; learnt(); {held}") == ["1"]


def test_a_server_loads_no_commands(settings: Settings) -> None:
    modules = "print(*sorted(one for one in sys.modules if '.commands' in one)); sys.exit()"
    assert loaded(settings, f"import wsgi; {modules}") == []
    # Nor does what it is forked from, but for the command that starts it.
    starts = ["portal.commands", "portal.commands.serving"]
    assert loaded(settings, f"import wsgi, portal.commands.serving; {modules}") == starts


@pytest.mark.parametrize("name", COMMANDS)
def test_what_is_said_of_a_command_is_what_it_says_itself(app: Flask, name: str) -> None:
    late = app.cli.commands[name]
    assert isinstance(late, Late)
    command = late.load()
    assert command.name == name
    if name != "db":
        assert (command.help or "").partition("\f")[0].strip() == late.help


def test_the_check_knows_its_counterexample(settings: Settings) -> None:
    assert loaded(settings, "import wsgi, alembic.op") == [
        "alembic",
        "mako",
        "pygments",
        "sqlalchemy.dialects.postgresql",
    ]


def test_an_application_that_is_done_with_goes(settings: Settings) -> None:
    app = create_app(settings)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    gone = weakref.ref(app)
    del app
    gc.collect()
    assert gone() is None
