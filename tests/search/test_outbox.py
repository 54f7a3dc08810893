"""The outbox, and several machines that each keep an index of their own."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from portal.core.clock import now
from portal.core.database import db, transaction
from portal.search import queries, services
from portal.search.models import KEPT_DAYS, Change, Document, files
from tests.search.helpers import a_document, folder, put

OLD = timedelta(days=KEPT_DAYS + 1)


def found(session, where, text="诈骗"):
    session.rollback()
    answer = queries.find(session, text, audience="general", locale="zh-Hans", folder=where)
    assert answer.source == "index"
    return {hit.slug: hit.title for hit in answer.hits}


def age(*ids):
    """Make changes older than they are kept."""
    with transaction() as unit:
        unit.execute(sa.update(Change).where(Change.id.in_(ids)).values(at=now() - OLD))


def kept(session):
    session.rollback()
    return list(session.scalars(sa.select(Change.id).order_by(Change.id)))


@pytest.fixture
def machines(session, tmp_path):
    """Return the index folders of two machines with one database."""
    put(a_document(title="当心诈骗"))
    folders = [folder(), tmp_path / "other"]
    for where in folders:
        services.rebuild(folder=where)
    return folders


def test_every_machine_takes_in_every_change(session, machines):
    one, other = machines
    put(a_document(title="当心诈骗二"), a_document(slug="b", title="又一种诈骗"))
    assert services.drain(folder=one).changes == 2
    assert (services.pending(session, folder=one), services.pending(session, folder=other)) == (0, 2)
    assert services.drain(folder=other).changes == 2
    with transaction() as unit:
        services.remove(unit, "a/general/zh-Hans")
    # Withdrawn is withdrawn on both, before either worker has looked.
    assert found(session, one) == found(session, other) == {"b": "又一种诈骗"}
    session.rollback()
    assert [services.drain(folder=where).changes for where in (other, one, other)] == [1, 1, 0]
    assert found(session, one) == found(session, other) == {"b": "又一种诈骗"}


def test_a_change_is_taken_in_once_in_steps(session, machines):
    put(*(a_document(slug=f"a{number}") for number in range(5)))
    assert [services.drain(folder=machines[1], limit=2).changes for _ in range(4)] == [2, 2, 1, 0]
    assert len(found(session, machines[1])) == 6


def test_old_changes_go_and_the_newest_stays(session, machines):
    put(*(a_document(slug=f"a{number}") for number in range(3)))
    ids = kept(session)
    age(*ids[:2])
    services.drain(folder=machines[0])
    assert kept(session) == ids[2:]
    age(*ids)
    put(a_document(slug="last"))
    last = kept(session)[-1]
    age(last)
    session.rollback()
    services.drain(folder=machines[0])
    assert kept(session) == [last]
    assert services.drain(folder=machines[0]).rebuilt is False


def test_a_machine_that_was_away_too_long_makes_its_index_anew(session, machines):
    one, other = machines
    put(a_document(slug="b", title="又一种诈骗"))
    age(*kept(session))
    put(a_document(slug="c", title="第三种诈骗"))
    services.drain(folder=one)
    assert len(kept(session)) == 1
    session.rollback()
    assert "older" in (services.reason_to_rebuild(folder=other) or "")
    assert services.drain(folder=other).rebuilt is True
    assert set(found(session, other)) == {"a", "b", "c"}
    session.rollback()
    assert services.reason_to_rebuild(folder=other) is None


def test_an_index_of_an_empty_site_follows_or_is_made_anew(session, tmp_path):
    early, late = tmp_path / "early", tmp_path / "late"
    for where in (early, late):
        services.rebuild(folder=where)
    put(a_document())
    assert services.drain(folder=early) == services.indexing.Drained(1, 1)
    put(a_document(slug="b"))
    age(1)
    services.drain(folder=early)
    assert kept(session) == [2]
    session.rollback()
    assert services.drain(folder=late).rebuilt is True
    assert set(found(session, late)) == {"a", "b"}


def test_a_restored_database_is_noticed(session, machines):
    put(a_document(slug="b", title="会消失的诈骗"))
    services.drain(folder=machines[0])
    # The backup knows nothing of b; the next change gets its number.
    with transaction() as unit:
        unit.execute(sa.delete(Document).where(Document.slug == "b"))
        unit.execute(sa.update(Change).where(Change.id == 2).values(document_key="c/general/zh-Hans", at=now()))
    put(a_document(slug="c", title="新来的诈骗"))
    assert services.drain(folder=machines[0]).rebuilt is True
    assert set(found(session, machines[0])) == {"a", "c"}


def test_changes_are_numbered_in_the_order_of_their_commits(app, session, machines):
    """Nobody takes a number while another write unit holds one that is not committed: whoever ends first has it."""
    began = threading.Event()
    one_writes = app.config["PORTAL"].is_sqlite

    def second():
        with app.app_context():
            began.set()
            put(a_document(slug="second"))
            db.session.remove()

    thread = threading.Thread(target=second)
    with transaction() as unit:
        services.put(unit, a_document(slug="first"))
        thread.start()
        assert began.wait(10)
        # On SQLite the second unit waits for this one; elsewhere it is done before it.
        thread.join(0.2 if one_writes else 30)
        assert thread.is_alive() is one_writes
    thread.join()
    session.rollback()
    keys = session.scalars(sa.select(Change.document_key).order_by(Change.id)).all()
    ended = ["first", "second"] if one_writes else ["second", "first"]
    assert [key.split("/")[0] for key in keys] == ["a", *ended]


def test_a_crash_while_old_changes_are_deleted_is_made_good(session, machines, monkeypatch):
    put(a_document(slug="b"))

    def die():
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr("portal.search.services.outbox.purge", die)
        with pytest.raises(KeyboardInterrupt):
            services.drain(folder=machines[0])
    session.rollback()
    assert services.drain(folder=machines[0]).changes == 0
    assert set(found(session, machines[0])) == {"a", "b"}
    assert files.read_pointer(machines[0]).seen == 2
