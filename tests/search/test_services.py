"""Documents, the outbox, the index, and what a miss leaves behind."""

import multiprocessing
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from portal.core.database import configure, db, transaction
from portal.core.settings import Settings
from portal.search import queries, services
from portal.search.models import Change, Document, Miss, files, tables
from portal.search.services import misses as miss_service
from tests.search.helpers import a_document, find, folder, put

AT = datetime(2026, 11, 1, tzinfo=UTC)


def test_putting_the_same_twice_is_no_news(session):
    services.rebuild(folder=folder())
    with transaction() as unit:
        assert services.put(unit, a_document()) is True
        assert services.put(unit, a_document()) is False
        assert services.put(unit, a_document(title="另一个标题")) is True
    assert services.pending(session, folder=folder()) == 2
    assert session.scalars(sa.select(Document.title)).all() == ["另一个标题"]


def test_removing_says_whether_there_was_something(session):
    put(a_document())
    with transaction() as unit:
        assert services.remove(unit, "a/general/zh-Hans") is True
        assert services.remove(unit, "a/general/zh-Hans") is False
    assert session.scalar(sa.select(sa.func.count()).select_from(Document)) == 0


def test_draining_empties_the_outbox_and_makes_it_found(session):
    services.rebuild(folder=folder())
    put(a_document(title="当心刷单返利"))
    assert services.drain(folder=folder()).changes == 1
    assert services.pending(session, folder=folder()) == 0
    found = find(session, "刷单")
    assert (found.total, found.source) == (1, "index")
    assert services.drain(folder=folder()).changes == 0


def test_draining_takes_no_more_than_asked(session):
    services.rebuild(folder=folder())
    put(*(a_document(slug=f"a{number}") for number in range(5)))
    assert services.drain(folder=folder(), limit=2).changes == 2
    assert services.pending(session, folder=folder()) == 3


def test_a_commit_without_its_pointer_is_built_anew(session, monkeypatch):
    services.rebuild(folder=folder())
    put(a_document())

    def die(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr("portal.search.models.files.write_pointer", die)
        with pytest.raises(KeyboardInterrupt):
            services.drain(folder=folder())
    session.rollback()
    assert services.drain(folder=folder()).rebuilt or services.pending(session, folder=folder()) == 0
    assert find(session, "诈骗").source == "index"
    assert find(session, "诈骗").total == 1


def test_siblings_are_written_anew_when_an_edition_comes_or_goes(session):
    put(a_document())
    services.rebuild(folder=folder())
    assert find(session, "诈骗", audience="elderly").hits[0].audience == "general"
    put(a_document(audience="elderly"))
    services.drain(folder=folder())
    assert [hit.audience for hit in find(session, "诈骗", audience="elderly").hits] == ["elderly"]
    with transaction() as unit:
        services.remove(unit, "a/elderly/zh-Hans")
    services.drain(folder=folder())
    assert [hit.audience for hit in find(session, "诈骗", audience="elderly").hits] == ["general"]


def test_changed_words_build_the_index_anew(session):
    put(a_document(body="本地人说的杀洋盘"))
    services.rebuild(folder=folder())
    with transaction() as unit:
        assert services.set_vocabulary(unit, words=["杀洋盘"], synonyms=[["杀洋盘", "土味陷阱"]]) is True
        assert services.set_vocabulary(unit, words=["杀洋盘"], synonyms=[["杀洋盘", "土味陷阱"]]) is False
    assert services.drain(folder=folder()).rebuilt is True
    assert find(session, "土味陷阱").hits[0].slug == "a"


def test_a_number_among_the_words_is_text(session):
    put(a_document(body="打96110问一问"))
    with transaction() as unit:
        services.set_vocabulary(unit, words=[96110], synonyms=[[96110, "反诈专线"]])
    services.drain(folder=folder())
    assert find(session, "反诈专线").hits[0].slug == "a"


def test_a_rebuild_keeps_what_changes_meanwhile(session):
    put(a_document())

    def meanwhile(done, total):
        if done == 1:
            put(a_document(slug="late", title="迟到的验证码"))

    services.rebuild(folder=folder(), progress=meanwhile)
    services.drain(folder=folder())
    assert find(session, "验证码").hits[0].slug == "late"


def test_old_generations_go_but_the_last_one_stays_for_its_readers(session):
    for _ in range(4):
        services.rebuild(folder=folder())
    assert len(files.generations(folder())) == 2


def test_optimising_leaves_nothing_of_what_was_withdrawn(session):
    put(a_document(title="独角兽的秘密"), a_document(slug="b"))
    services.rebuild(folder=folder())
    with transaction() as unit:
        services.remove(unit, "a/general/zh-Hans")
    services.drain(folder=folder())
    assert services.optimise(folder=folder()) is True
    assert find(session, "诈骗").total == 1
    everything = b"".join(path.read_bytes() for path in folder().rglob("*") if path.is_file())
    assert "独角兽".encode() not in everything


def test_the_index_folder_is_private(session):
    services.rebuild(folder=folder())
    assert folder().stat().st_mode & 0o077 == 0


def _drained_index():
    put(a_document(title="当心刷单返利", audience="elderly"), a_document())
    services.rebuild(folder=folder())
    put(a_document(slug="b", title="存款不等于理财"))
    services.drain(folder=folder())


def _kinds(of: Path) -> list[str]:
    return sorted({path.suffix or path.name for path in of.iterdir() if path.is_file() and "LOCK" not in path.name})


@pytest.mark.parametrize("how", ["half", "zero", "garbage", "gone"])
@pytest.mark.parametrize("kind", [".toc", ".trm", ".pst", ".col", "STAMP", "VOCABULARY", "SOUNDS", "LEXICON"])
def test_a_damaged_file_is_answered_by_the_database_and_mended(session, kind, how):
    _drained_index()
    generation = files.read_pointer(folder()).folder(folder())
    assert kind in _kinds(generation)
    for path in generation.iterdir():
        if (path.suffix or path.name) != kind:
            continue
        old = path.read_bytes()
        if how == "gone":
            path.unlink()
        else:
            path.write_bytes({"half": old[: len(old) // 2], "zero": b"", "garbage": os.urandom(len(old))}[how])
    _answered_and_mended(session)


def _answered_and_mended(session):
    from portal.search.queries.reader import keeper

    keeper(folder()).forget()
    found = find(session, "诈骗")
    assert (found.source, found.total) == ("database", 2)
    assert queries.suggest(session, "诈骗", audience="general", locale="zh-Hans", folder=folder())
    session.rollback()
    services.drain(folder=folder())
    assert services.ensure(folder=folder()) is None
    found = find(session, "诈骗")
    assert (found.source, found.total) == ("index", 2)


@pytest.mark.parametrize(
    "said",
    [
        None,
        b"",
        b"{",
        b"null",
        b'{"generation": "../x", "revision": 1, "mark": "m", "sizes": {}}',
        b'{"generation": "gen-9999", "revision": 1, "mark": "m", "sizes": {"STAMP": 3}}',
    ],
)
def test_a_damaged_pointer_is_answered_by_the_database_and_mended(session, said):
    _drained_index()
    if said is None:
        (folder() / files.CURRENT).unlink()
    else:
        (folder() / files.CURRENT).write_bytes(said)
    _answered_and_mended(session)


def test_an_empty_generation_and_no_folder_at_all(session):
    import shutil

    _drained_index()
    generation = files.read_pointer(folder()).folder(folder())
    for path in generation.iterdir():
        path.unlink()
    _answered_and_mended(session)
    shutil.rmtree(folder())
    _answered_and_mended(session)


def test_another_version_is_built_anew(session, monkeypatch):
    _drained_index()
    monkeypatch.setattr(files, "SCHEMA_VERSION", files.SCHEMA_VERSION + 1)
    assert "another version" in (services.ensure(folder=folder()) or "")
    assert services.ensure(folder=folder()) is None


def _drain_in_a_process(data, database_url, count, outcomes):
    settings = Settings(data=data, database_url=database_url)
    app = Flask("drain")
    app.config.update(configure(settings))
    db.init_app(app)
    try:
        with app.app_context():
            for _ in range(count):
                services.drain(folder=settings.index_folder)
        outcomes.put("")
    except BaseException as problem:
        outcomes.put(repr(problem))


def test_many_drains_at_once_lose_nothing_and_meet_no_lock_error(app, session):
    services.rebuild(folder=folder())
    put(*(a_document(slug=f"a{number}") for number in range(12)))
    db.session.rollback()
    spawn = multiprocessing.get_context("spawn")
    outcomes = spawn.Queue()
    settings = app.config["PORTAL"]
    workers = [
        spawn.Process(target=_drain_in_a_process, args=(settings.data, settings.database_url, 3, outcomes))
        for _ in range(3)
    ]
    for worker in workers:
        worker.start()
    assert [outcomes.get(timeout=60) for _ in workers] == ["", "", ""]
    for worker in workers:
        worker.join()
    assert services.pending(session, folder=folder()) == 0
    found = find(session, "诈骗", limit=100)
    assert (found.source, found.total) == ("index", 12)


def test_a_miss_is_counted_and_masked(session):
    for _ in range(3):
        assert services.record_miss(session, "我的卡号６２２２０２１２３", audience="youth", locale="zh-Hans", at=AT)
    (miss,) = queries.misses(session)
    assert (miss.text, miss.count, miss.audience) == ("我的卡号#####", 3, "youth")
    assert not services.record_miss(session, " \x00 ", audience="youth", locale="en", at=AT)


def test_misses_are_capped_and_the_rarest_go_first(session, monkeypatch):
    monkeypatch.setattr(miss_service, "MOST_MISSES", 3)
    for text in ["甲", "甲", "乙", "丙", "丁", "戊"]:
        services.record_miss(session, text, audience="general", locale="zh-Hans", at=AT)
    kept = [miss.text for miss in queries.misses(session)]
    assert len(kept) == 3
    assert kept[0] == "甲"
    assert tables.MOST_MISSES == 5_000


def test_a_miss_never_costs_a_page(session, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError

    monkeypatch.setattr(miss_service, "_count", broken)
    assert services.record_miss(session, "什么", audience="general", locale="zh-Hans", at=AT) is False
    with transaction() as unit:
        assert services.record_miss(unit, "什么", audience="general", locale="zh-Hans", at=AT) is False
    assert session.scalar(sa.select(sa.func.count()).select_from(Miss)) == 0
    assert session.scalar(sa.select(sa.func.count()).select_from(Change)) == 0
