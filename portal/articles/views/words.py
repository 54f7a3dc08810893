"""Words of the desk's lists, made when they are shown."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext

from portal.articles.queries import TaskKind
from portal.articles.rules import Kind, Outcome

KINDS: dict[Kind, Callable[[], str]] = {
    Kind.ARTICLE: lambda: gettext("Article"),
    Kind.ALERT: lambda: gettext("Fraud alert: short, with an end"),
}
TASKS: dict[str, Callable[[], str]] = {
    TaskKind.CONFIRM: lambda: gettext("Second person wanted"),
    TaskKind.FAILED: lambda: gettext("Not published"),
    TaskKind.REVIEW: lambda: gettext("Waits for your review"),
    TaskKind.MEND: lambda: gettext("Sent back"),
    TaskKind.PUBLISH: lambda: gettext("Approved, not published"),
    TaskKind.OVERDUE: lambda: gettext("Overdue for a check"),
    TaskKind.SOURCE: lambda: gettext("Source changed"),
    TaskKind.LINK: lambda: gettext("Link leads nowhere"),
    TaskKind.READ: lambda: gettext("Alert to read"),
    TaskKind.WRITE: lambda: gettext("Draft"),
    TaskKind.SCHEDULED: lambda: gettext("Scheduled"),
    TaskKind.WAITING: lambda: gettext("Waits for somebody else"),
    TaskKind.SOON: lambda: gettext("Due for a check soon"),
    "act-confirm": lambda: gettext("Look and confirm"),
    "act-failed": lambda: gettext("See why"),
    "act-review": lambda: gettext("Review"),
    "act-mend": lambda: gettext("Mend"),
    "act-publish": lambda: gettext("Publish"),
    "act-overdue": lambda: gettext("Check the facts"),
    "act-source": lambda: gettext("Look and confirm"),
    "act-link": lambda: gettext("Mend"),
    "act-read": lambda: gettext("Read"),
    "act-write": lambda: gettext("Go on writing"),
    "act-scheduled": lambda: gettext("Look"),
    "act-waiting": lambda: gettext("Look"),
    "act-soon": lambda: gettext("Check the facts"),
    "slug-taken": lambda: gettext("Another article has this name in its address, now or from before."),
}
FILTERS: dict[str, Callable[[], str]] = {
    "all": lambda: gettext("All"),
    "mine": lambda: gettext("For me"),
    "review": lambda: gettext("To review"),
    "scheduled": lambda: gettext("Scheduled"),
    "overdue": lambda: gettext("To check"),
    "waiting": lambda: gettext("Waiting"),
}
OUTCOMES: dict[Outcome, Callable[[], str]] = {
    Outcome.GONE: lambda: gettext("The server says that there is no such page (any more)."),
    Outcome.ERROR: lambda: gettext("The server answers with an error."),
    Outcome.NO_NAME: lambda: gettext("There is no server of this name."),
    Outcome.UNREACHABLE: lambda: gettext("The server cannot be reached."),
    Outcome.SLOW: lambda: gettext("The server does not answer within five seconds."),
    Outcome.UNTRUSTED: lambda: gettext("The server has no valid certificate: browsers warn readers of it."),
    Outcome.ASTRAY: lambda: gettext("The address leads on to others again and again."),
    Outcome.GARBLED: lambda: gettext("What the server answers is not what a browser understands."),
}
"""What happened to links that are broken."""
