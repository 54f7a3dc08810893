"""Rows and files of the library."""

from __future__ import annotations

import io
import os
import threading
import time
from contextlib import suppress
from typing import Any

import pytest
import sqlalchemy as sa

from portal.audit.models import Event
from portal.core.database import db, site_version, transaction
from portal.media import queries, services
from portal.media.models import Asset, Use
from portal.media.queries import State
from portal.media.rules import Kind, Reason, Refused
from portal.media.rules.words import Words
from tests.media.conftest import NOON, WORDS, Desk
from tests.media.files import VTT, mp3, mp4, picture

VIDEO = {"alt": "", "transcript": "先挂断。", "captions": VTT}


def replace(desk: Desk, key: str, raw: bytes, name: str = "b.png") -> None:
    with (
        desk.app.app_context(),
        services.received(io.BytesIO(raw), filename=name, data=desk.data) as received,
        transaction() as session,
    ):
        services.replace(session, key=key, received=received, data=desk.data, by="周明", at=NOON)


def tags(desk: Desk) -> list[tuple[str, str, str]]:
    with desk.app.app_context():
        return [
            (event.tag, event.target, event.actor) for event in db.session.scalars(sa.select(Event).order_by(Event.id))
        ]


def version(desk: Desk) -> int:
    with desk.app.app_context():
        return site_version(db.session())


def test_an_entry_has_its_files_and_a_record(desk: Desk) -> None:
    key = desk.add(picture("JPEG", (1000, 500)), "a.jpg")
    asset = desk.row(key)
    assert (asset.kind, asset.version, asset.width, asset.height) == (Kind.PICTURE, 1, 1000, 500)
    assert sorted(file.name for file in asset.files) == ["desktop.jpg", "desktop.webp", "phone.jpg", "phone.webp"]
    place = services.folder(desk.data, key, 1)
    assert {path.name: path.stat().st_size for path in place.iterdir()} == {f.name: f.bytes for f in asset.files}
    assert asset.bytes == sum(file.bytes for file in asset.files)
    assert tags(desk) == [("media:asset:added", key, "林静")]
    assert list((desk.data / "media" / ".incoming").iterdir()) == []


@pytest.mark.parametrize(
    ("raw", "name", "words", "missing"),
    [
        (picture(), "a.png", {"alt": ""}, ["alt"]),
        (picture(), "a.png", {"decorative": True}, ["alt"]),
        (picture(), "a.png", {"source": " ", "licence": ""}, ["source", "licence"]),
        (mp4(), "a.mp4", {"transcript": "话"}, ["captions"]),
        (mp3(), "a.mp3", {}, ["transcript"]),
    ],
)
def test_nothing_comes_in_without_its_words(
    desk: Desk, raw: bytes, name: str, words: dict[str, Any], missing: list[str]
) -> None:
    with pytest.raises(services.Incomplete) as refused:
        desk.add(raw, name, **words)
    assert refused.value.names == missing
    assert list(desk.data.rglob("media/*/*/*")) == []


@pytest.mark.parametrize(
    "change",
    [
        {"alt": ""},
        {"decorative": True},
        {"source": ""},
        {"licence": ""},
        {"title": ""},
        {"kind": Kind.AUDIO},
        {"kind": Kind.VIDEO, "transcript": "话"},
    ],
)
def test_the_database_refuses_it_as_well(desk: Desk, change: dict[str, Any]) -> None:
    key = desk.add()
    with desk.app.app_context(), pytest.raises(sa.exc.IntegrityError), transaction() as session:
        session.execute(sa.update(Asset).where(Asset.key == key).values(**change))


def test_a_unit_that_fails_leaves_nothing_and_what_a_killed_one_left_is_swept(desk: Desk) -> None:
    with desk.app.app_context():
        with (
            services.received(io.BytesIO(picture()), filename="a.png", data=desk.data) as received,
            suppress(ZeroDivisionError),
            transaction() as session,
        ):
            services.add(session, received=received, words=Words(**WORDS), data=desk.data, by="林静", at=NOON)
            raise ZeroDivisionError
        kept = desk.add()
        assert [asset.key for asset in db.session.scalars(sa.select(Asset))] == [kept]
        assert list(desk.data.glob("media/*/*")) == [services.folder(desk.data, kept, 1)]
        # A process that was killed between the move and its commit.
        services.folder(desk.data, "gone", 1).mkdir(parents=True)
        folders = list(desk.data.glob("media/*/*"))
        assert services.sweep(db.session(), data=desk.data) == 0, "a unit may still be under way"
        for path in folders:
            os.utime(path, (1, 1))
        assert services.sweep(db.session(), data=desk.data) == 1
        assert list(desk.data.glob("media/*/*")) == [services.folder(desk.data, kept, 1)]
        assert sorted(path.name for path in desk.data.glob("media/*")) == sorted([".incoming", kept])
        broken = desk.data / "media" / ".incoming" / "0123"
        broken.mkdir()
        os.utime(broken, (1, 1))
        assert services.sweep(db.session(), data=desk.data) == 1
        assert services.sweep(db.session(), data=desk.data / "absent") == 0


def test_the_same_file_in_the_same_language_is_one_entry(desk: Desk) -> None:
    key = desk.add()
    with pytest.raises(services.Duplicate) as refused:
        desk.add()
    assert refused.value.key == key
    other = desk.add(locale="en", alt="An old man looks at his phone")
    assert other != key
    with desk.app.app_context(), transaction() as session:
        services.retire(session, key=key, by="林静", at=NOON)
    again = desk.add()
    with desk.app.app_context(), pytest.raises(services.Duplicate) as refused, transaction() as session:
        services.restore(session, key=key, by="林静", at=NOON)
    assert refused.value.key == again


def both(work: Any, *arguments: Any) -> list[Any]:
    """Run `work` in two threads that begin together; return what each gave or raised."""
    barrier = threading.Barrier(2, timeout=20)
    results: list[Any] = []

    def run(argument: Any) -> None:
        barrier.wait()
        try:
            results.append(work(argument))
        except Exception as problem:
            results.append(problem)

    threads = [threading.Thread(target=run, args=(argument,)) for argument in arguments]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_two_who_send_the_same_file_at_once_make_one_entry(desk: Desk) -> None:
    raw = picture("PNG", (300, 200))
    results = both(lambda _number: desk.add(raw), 1, 2)
    keys = [one for one in results if isinstance(one, str)]
    refused = [one for one in results if isinstance(one, services.Duplicate)]
    assert (len(keys), len(refused)) == (1, 1), results
    assert refused[0].key == keys[0]


def test_two_who_replace_at_once_leave_one_whole_version(desk: Desk) -> None:
    key = desk.add()
    files = [picture("PNG", (100, 50)), picture("PNG", (90, 60))]
    assert both(lambda raw: replace(desk, key, raw), *files) == [None, None]
    asset = desk.row(key)
    assert asset.version == 3
    place = services.folder(desk.data, key, 3)
    assert {path.name: path.stat().st_size for path in place.iterdir()} == {f.name: f.bytes for f in asset.files}


def test_who_changes_an_older_state_is_told(desk: Desk) -> None:
    key = desk.add()

    def change(title: str) -> str:
        with desk.app.app_context(), transaction() as session:
            words = Words(**{**WORDS, "title": title})
            return services.describe(session, key=key, words=words, edits=1, by=title, at=NOON).title

    results = both(change, "甲", "乙")
    assert sorted(type(one).__name__ for one in results) == ["Changed", "str"]
    assert [desk.row(key).title] == [one for one in results if isinstance(one, str)]


def test_the_same_two_overwrite_each_other_without_the_state_they_saw(desk: Desk) -> None:
    key = desk.add()

    def careless(title: str) -> str:
        with desk.app.app_context(), transaction() as session:
            present = session.scalars(sa.select(Asset.edits).where(Asset.key == key).with_for_update()).one()
            words = Words(**{**WORDS, "title": title})
            return services.describe(session, key=key, words=words, edits=present, by=title, at=NOON).title

    assert sorted(both(careless, "甲", "乙")) == ["乙", "甲"], "each believes that its text is kept"


def test_words_that_did_not_change_are_not_an_act(desk: Desk) -> None:
    key = desk.add()
    before = version(desk)
    with desk.app.app_context(), transaction() as session:
        services.describe(session, key=key, words=Words(**WORDS), edits=1, by="周明", at=NOON)
    assert (desk.row(key).edits, version(desk), len(tags(desk))) == (1, before, 1)
    with desk.app.app_context(), transaction() as session:
        said = Words(**{**WORDS, "ai_generated": True})
        services.describe(session, key=key, words=said, edits=1, by="周明", at=NOON)
    assert (desk.row(key).edits, version(desk)) == (2, before + 1)
    assert tags(desk)[-1] == ("media:asset:changed", key, "周明")


def test_replacing_keeps_the_key_and_the_words(desk: Desk) -> None:
    key = desk.add()
    before = version(desk)
    replace(desk, key, picture("JPEG", (900, 300)), "b.jpg")
    asset = desk.row(key)
    assert (asset.version, asset.width, asset.alt, asset.replaced_at) == (2, 900, WORDS["alt"], NOON)
    assert version(desk) == before + 1
    assert tags(desk)[-1] == ("media:asset:replaced", key, "周明")
    assert services.folder(desk.data, key, 1).is_dir()
    services.remove_old(data=desk.data, key=key, version=2)
    assert [path.name for path in (desk.data / "media" / key).iterdir()] == ["2"]
    replace(desk, key, picture("JPEG", (900, 300)), "b.jpg")
    assert desk.row(key).version == 2, "the same file again changes nothing"


def test_a_file_is_replaced_by_its_own_kind_only(desk: Desk) -> None:
    key = desk.add()
    with pytest.raises(Refused) as refused:
        replace(desk, key, mp3(), "b.mp3")
    assert refused.value.reason is Reason.OTHER_KIND
    other = desk.add(picture("PNG", (9, 9)))
    with pytest.raises(services.Duplicate):
        replace(desk, key, picture("PNG", (9, 9)))
    assert (desk.row(key).version, desk.row(other).version) == (1, 1)
    with pytest.raises(services.NotFound):
        replace(desk, "nowhere", picture("PNG", (8, 8)))


def test_uses_are_exactly_what_was_told_last(desk: Desk) -> None:
    one, two = desk.add(), desk.add(picture("PNG", (9, 9)))
    before = version(desk)
    desk.use(one, two, public=False)
    assert version(desk) == before, "a draft changes nothing that a reader sees"
    desk.use(one)
    assert version(desk) == before + 1
    desk.use(one, title="《先挂断》")
    assert version(desk) == before + 1
    with desk.app.app_context():
        uses = list(db.session.scalars(sa.select(Use).order_by(Use.public, Use.asset_id)))
        assert [(use.asset_id, use.public, use.title) for use in uses] == [
            (desk.row(one).id, False, ""),
            (desk.row(two).id, False, ""),
            (desk.row(one).id, True, "《先挂断》"),
        ]
    desk.use()
    assert version(desk) == before + 2
    with desk.app.app_context():
        assert {use.public for use in db.session.scalars(sa.select(Use))} == {False}
    desk.use(two, user="article:2:youth:en")
    assert desk.row(one).key == one


def test_unknown_and_retired_keys_are_named(desk: Desk) -> None:
    key = desk.add()
    desk.use(key, public=False)
    with desk.app.app_context(), transaction() as session:
        services.retire(session, key=key, by="林静", at=NOON)
    assert tags(desk)[-1] == ("media:asset:retired", key, "林静")
    for keys, named in (((key, "zz"), [key, "zz"]), (("a", "b"), ["a", "b"])):
        with pytest.raises(services.UnknownMedia) as refused:
            desk.use(*keys)
        assert refused.value.keys == named
    desk.use(key, public=False)
    with pytest.raises(services.UnknownMedia):
        desk.use(key, public=False, user="article:2:general:en")


def test_what_the_public_sees_is_not_retired(desk: Desk) -> None:
    key = desk.add()
    desk.use(key, title="《先挂断》")
    with desk.app.app_context(), pytest.raises(services.InUse) as refused, transaction() as session:
        services.retire(session, key=key, by="林静", at=NOON)
    assert refused.value.where == ["《先挂断》"]
    desk.use()
    with desk.app.app_context(), transaction() as session:
        services.retire(session, key=key, by="林静", at=NOON)
        services.retire(session, key=key, by="林静", at=NOON)
    with desk.app.app_context(), transaction() as session:
        services.restore(session, key=key, by="周明", at=NOON)
        services.restore(session, key=key, by="周明", at=NOON)
    assert [tag for tag, _target, _by in tags(desk)] == [
        "media:asset:added", "media:asset:retired", "media:asset:restored"]  # fmt: skip


def test_publishing_and_retiring_at_once_never_both_happen(desk: Desk) -> None:
    keys = [desk.add(picture("PNG", (30 + number, 9))) for number in range(8)]

    def act(verb: str) -> list[str]:
        done = []
        for key in keys:
            try:
                if verb == "publish":
                    desk.use(key, user=f"article:{key}:general:zh-Hans")
                else:
                    with desk.app.app_context(), transaction() as session:
                        services.retire(session, key=key, by="林静", at=NOON)
                done.append(key)
            except (services.InUse, services.UnknownMedia):
                time.sleep(0)
        return done

    published, retired = both(act, "publish", "retire")
    assert sorted([*published, *retired]) == sorted(keys)


def test_the_shelf_is_searched_and_filtered(desk: Desk) -> None:
    one = desk.add(caption="100%_安全")
    two = desk.add(picture("PNG", (9, 9)), title="签到码")
    three = desk.add(mp4(), "a.mp4", **VIDEO, title="讲座录像")
    desk.use(two)
    with desk.app.app_context(), transaction() as session:
        services.retire(session, key=three, by="林静", at=NOON)

    def found(**asked: Any) -> list[str]:
        with desk.app.app_context():
            entries, total = queries.shelf(db.session(), **asked)
            assert total == len(entries)
            return [entry.asset.key for entry in entries]

    assert found() == [two, one]
    assert found(text="签到") == [two]
    assert found(text="老人 手机 转账") == [one]
    assert found(text="%_安") == [one]
    assert found(text="_签") == []
    assert found(text=one) == [one]
    assert found(kind=Kind.VIDEO) == []
    assert found(kind=Kind.VIDEO, state=State.RETIRED) == [three]
    assert found(state=State.PUBLIC) == [two]
    assert found(state=State.UNSEEN) == [one]
    with desk.app.app_context():
        entries, _total = queries.shelf(db.session())
        assert [entry.state for entry in entries] == [State.PUBLIC, State.UNSEEN]
        assert queries.shelf(db.session(), page=2) == ([], 2)
        assert queries.keys(db.session()) == {one, two}
        assert queries.figure(db.session(), "absent") is None
