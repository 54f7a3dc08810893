"""The worker: all that is done in the background, beside the server."""

from __future__ import annotations

import logging
import os
import signal
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import click
import flask
from flask import Flask

from portal.accounts import services as accounts
from portal.articles import services as articles
from portal.audit.services import ORIGIN
from portal.commands.welcome import say_where
from portal.core import clock
from portal.core.database import db, local_day, transaction
from portal.core.errors import Busy
from portal.core.settings import Settings
from portal.events.services import feedback, lapsing, limits, managing, notices, reminding
from portal.events.services import turning as lectures
from portal.media import services as media
from portal.messages import services as messages
from portal.messages.rules import Channel
from portal.metrics.services import building
from portal.privacy import services as privacy
from portal.quizzes.services import drawing, forgetting, paper_waiting, regrading
from portal.quizzes.services import taking as quizzes
from portal.search import services as search

TICK_S = 0.5
OPTIMISE = "optimise index"
OPTIMISE_EVERY_S = 86_400
WATCH_S = 0.2
"""How soon the worker notices that it is to end."""


def _settings() -> Settings:
    settings: Settings = flask.current_app.config["PORTAL"]
    return settings


@dataclass(frozen=True, slots=True)
class Job:
    """Work that the worker does again and again."""

    name: str
    seconds: float
    """From one beginning to the next; while it runs it does not begin again."""
    work: Callable[[], object]
    """Returns something true where there may be more to do at once."""
    lane: str = "database"
    """Jobs of one lane wait for each other: two that write would fight over SQLite."""


def jobs(settings: Settings) -> list[Job]:
    """Return what the worker does, in the order in which `--once` does it: what others follow up comes first."""
    folder = settings.index_folder
    # Other sites may take their time as well: each run asks for one page, so that the worker can end soon.
    links = [
        Job("collect links", 3_600, articles.collect_links, lane="links"),
        Job("check links", 20, articles.check_next_link, lane="links"),
    ]
    return [
        Job("publish", 1, _publish),
        Job("expire", 5, _expire),
        Job("end quizzes", 5, partial(_in_a_unit, quizzes.end_late, zone=settings.timezone)),
        Job("mark anew", 2, partial(_while_more, regrading.mark_next)),
        Job("close contests", 5, partial(_in_a_unit, drawing.close_due)),
        Job("lapse seats", 5, _lapse_seats),
        Job("tell changes", 1, _tell_changes),
        Job("remind lectures", 60, partial(_while_more, reminding.remind_next)),
        Job("turn lectures", 5, partial(_turn_lectures, [])),
        Job("remind", 3_600, partial(_remind, settings)),
        Job("index", TICK_S, partial(_index, folder)),
        # A mail server or gateway that takes its time must not keep anything else waiting.
        Job("mail", 1, partial(messages.send_batch, settings=settings), lane="mail"),
        Job("texts", 1, partial(messages.send_batch, settings=settings, channel=Channel.SMS), lane="texts"),
        *(links if settings.check_links else ()),
        Job("purge messages", 3_600, partial(_in_a_unit, messages.purge)),
        Job("sweep media", 3_600, partial(_sweep_media, settings.data)),
        Job("purge accounts", 3_600, partial(_in_a_unit, accounts.purge)),
        Job("purge quizzes", 3_600, partial(_in_a_unit, forgetting.purge)),
        Job("erase contacts", 3_600, partial(_in_a_unit, drawing.erase_due)),
        Job("erase people", 3_600, partial(privacy.erase_people, settings)),
        Job("forget networks", 3_600, partial(_in_a_unit, limits.forget)),
        Job("cut feedback off", 3_600, partial(_while_more, feedback.forget_due)),
        Job("erase waiting lists", 3_600, partial(paper_waiting.sweep, settings.data / "lectures")),
        Job("erase waiting surveys", 3_600, partial(paper_waiting.sweep, settings.data / "surveys")),
        Job("erase waiting papers", 3_600, partial(paper_waiting.sweep, settings.data / "paper")),
        Job("build quarter", 600, _build_quarter),
        Job("forget senders", 600, partial(_in_a_unit, articles.forget_senders, zone=settings.timezone)),
        Job("fold rare terms", 86_400, partial(_in_a_unit, articles.fold_rare_terms)),
        Job(OPTIMISE, OPTIMISE_EVERY_S, partial(search.optimise, folder=folder)),
    ]


@click.command()
@flask.cli.with_appcontext
@click.option("--once", is_flag=True, help="Do what is waiting, then end.")
@click.option("--announce", is_flag=True, help="First wait for the server of these settings, and say where it is.")
@click.option("--welcome", is_flag=True, help="While nobody can sign in yet, also print a link that works once.")
def worker(once: bool, announce: bool, welcome: bool) -> None:
    """Do the work that waits in the database: keep the search index up to date, send mail, forget what is old."""
    app: Flask = flask.current_app._get_current_object()  # type: ignore[attr-defined]  # what the proxy stands for
    parent = os.getppid()
    ending = False

    def end(_signal: int, _frame: FrameType | None) -> None:
        nonlocal ending
        ending = True

    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, end)
    if announce:
        say_where(_settings(), _first_link() if welcome else None)
    todo = jobs(_settings())
    if once:
        for job in todo:
            while job.name != OPTIMISE and run(app, job):
                pass
        return
    scheduler = _scheduler(app, todo)
    scheduler.start()
    # Not the scheduler's own loop: a signal that comes while that takes its lock would wait for itself.
    while not ending and os.getppid() == parent:
        time.sleep(WATCH_S)
    scheduler.remove_all_jobs()
    scheduler.shutdown(wait=True)


def _scheduler(app: Flask, todo: list[Job]) -> Any:
    """Return a scheduler that does each job at once, and then whenever its time has come."""
    from apscheduler.executors.pool import ThreadPoolExecutor  # noqa: PLC0415  # only the worker needs it
    from apscheduler.schedulers.background import BackgroundScheduler  # noqa: PLC0415  # as above

    # What it would say of a job that takes longer than its interval is nothing that anybody must mend.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    scheduler = BackgroundScheduler(
        executors={lane: ThreadPoolExecutor(1) for lane in {job.lane for job in todo}},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        timezone=UTC,
    )
    for job in todo:
        first = {} if job.name == OPTIMISE else {"next_run_time": clock.now()}
        scheduler.add_job(
            run, "interval", seconds=job.seconds, args=(app, job), id=job.name, executor=job.lane, **first
        )
    return scheduler


def run(app: Flask, job: Job) -> bool:
    """Do one job once; return whether there may be more of it.

    When it fails, that is logged. Its work stays in its table, and the next time tries again.

    The line names the job, the kind of error and the place, but never the error's own text, which may name people.
    """
    with app.app_context():
        mark = ORIGIN.set("worker")
        try:
            return bool(job.work())
        except Exception as problem:
            place = traceback.extract_tb(problem.__traceback__)[-1]
            where = f"{Path(place.filename).name}:{place.lineno}"
            app.logger.warning("the worker tries %s again: %s at %s", job.name, type(problem).__name__, where)
            return False
        finally:
            ORIGIN.reset(mark)
            db.session.remove()


def _sweep_media(data: Path) -> None:
    media.sweep(db.session(), data=data)


def _in_a_unit(work: Callable[..., object], **values: Any) -> object:
    """Do work that is one write unit."""
    with transaction() as session:
        return work(session, at=clock.now(), **values)


def _while_more(work: Callable[..., object]) -> None:
    """Do work that returns whether there was any, in one write unit after the other until there is none."""
    while _in_a_unit(work):
        pass


def _build_quarter() -> None:
    """Bring the report of the running quarter up to date, and of the one before it while that is open."""
    building.keep_up(at=clock.now())


def _lapse_seats() -> None:
    """End offers and holds whose time has run out, and waiting lists of lectures that have begun."""
    _while_more(managing.lapse_due)
    _while_more(lapsing.end_waiting)


def _tell_changes() -> None:
    """Write to people whose lecture was moved or called off."""
    if notices.any_telling(db.session()):
        _while_more(notices.tell_next)


def _publish() -> None:
    """Publish the sets whose time has come, each in a write unit of its own; what fails is written down and told."""
    now = clock.now()
    due = articles.due_reviews(db.session(), at=now)
    for review_id in due:
        try:
            with transaction() as session:
                if not articles.publish_due(session, review_id=review_id, at=now):
                    articles.tell_failed(session, review_id=review_id, site=_settings().base_url, at=now)
        except Busy:
            raise
        except Exception:
            with transaction() as session:
                articles.failed(session, review_id=review_id, why="error", at=now)
                articles.tell_failed(session, review_id=review_id, site=_settings().base_url, at=now)
            raise


def _expire() -> None:
    """Take from the public what has come to its end."""
    now = clock.now()
    for article_id in articles.expired(db.session(), at=now):
        with transaction() as session:
            articles.expire(session, article_id=article_id, at=now)


def _turn_lectures(looked: list[datetime]) -> None:
    """Renew public pages that the clock alone has changed since this worker `looked` last."""
    at = clock.now()
    _in_a_unit(lectures.turn, since=looked[0] if looked else None)
    # Only now: what was looked at in a unit that failed is looked at again.
    looked[:] = [at]


def _remind(settings: Settings) -> None:
    """Write to owner and deputy of articles whose facts are due for a check, once for each day that was set."""
    today = local_day(db.session(), at=clock.now())
    with transaction() as session:
        articles.remind(session, today=today, site=settings.base_url, at=clock.now())


def _index(folder: Path) -> None:
    """Bring the index up to date; build it anew when it is absent, damaged or of another version."""
    while search.drain(folder=folder).changes:
        pass


def _first_link() -> str | None:
    """Return the path of a link for the first person of an installation; None: somebody can sign in already."""
    try:
        with transaction() as session:
            token = accounts.first_link(session, name="演示管理员", at=clock.now())
    except Busy:
        return None
    finally:
        db.session.remove()
    return f"/desk/link/{token}" if token else None
