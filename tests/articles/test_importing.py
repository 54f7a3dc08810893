"""Taking packages in: all or nothing, once and again, changed, disappeared, withdrawn."""

import gc
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask, current_app
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.articles import services
from portal.articles.models import Article, Edition, FormerSlug, Revision
from portal.articles.services import importing
from portal.audit.models import Event
from portal.core import clock
from portal.core.database import db, transaction
from portal.core.markup import Renderer
from portal.core.settings import ROOT
from portal.reference.models import Topic
from tests.articles.helpers import counts, refused, run, take
from tests.conftest import make_app
from tests.factories import ARTICLE, TOPICS, edition, package

NOTHING = "Nothing has changed: everything in the package is stored already.\n"
TWO = {"general.zh-Hans.md": edition(), "elderly.zh-Hans.md": edition("先放下电话")}


def revisions(session: Session) -> list[tuple[str, int, str]]:
    session.rollback()
    statement = (
        sa.select(Edition.audience, Revision.number, Revision.title)
        .join(Edition, Edition.id == Revision.edition_id)
        .order_by(Revision.id)
    )
    found = [(row[0].value, row[1], row[2]) for row in session.execute(statement)]
    session.rollback()
    return found


def test_a_package_is_taken_in_and_the_second_run_changes_nothing(session: Session, tmp_path: Path) -> None:
    folder = package(tmp_path / "p", {"hang-up": TWO})
    assert take(folder).splitlines()[-3:] == [
        "topics: 2 added, 0 changed",
        "articles: 1 added, 0 changed",
        "editions: 2 added, 0 changed",
    ]
    after = counts()
    assert take(folder).endswith(NOTHING)
    assert counts() == after
    assert revisions(session) == [("elderly", 1, "先放下电话"), ("general", 1, "先挂断")]


def test_a_dry_run_says_what_would_change_and_changes_nothing(session: Session, tmp_path: Path) -> None:
    folder = package(tmp_path / "p", {"hang-up": TWO})
    before = counts()
    said = take(folder, "--dry-run")
    assert said.splitlines()[-3:] == [
        "topics: 2 would be added, 0 would be changed",
        "articles: 1 would be added, 0 would be changed",
        "editions: 2 would be added, 0 would be changed",
    ]
    assert counts() == before


def test_a_changed_text_is_a_new_revision_and_the_old_one_stays(
    session: Session, client: FlaskClient, tmp_path: Path
) -> None:
    take(package(tmp_path / "p"))
    take(package(tmp_path / "p", {"hang-up": {"general.zh-Hans.md": edition("马上挂断")}}))
    assert revisions(session) == [("general", 1, "先挂断"), ("general", 2, "马上挂断")]
    stored = session.scalars(sa.select(Edition)).one()
    assert (stored.latest_number, stored.published_number) == (2, 2)
    page = client.get("/articles/hang-up").text
    assert ("马上挂断" in page, "先挂断" in page) == (True, False)


def test_what_disappeared_is_reported_and_kept(session: Session, tmp_path: Path) -> None:
    take(package(tmp_path / "p", {"hang-up": TWO, "other": TWO}))
    fewer = package(tmp_path / "q", {"hang-up": {"general.zh-Hans.md": edition()}}, topics_yaml=TOPICS + TOPICS[:0])
    before = counts()
    assert take(fewer).splitlines()[-3:] == [
        "articles: other is not in the package; it was kept",
        "editions: hang-up/elderly/zh-Hans is not in the package; it was kept",
        NOTHING.strip(),
    ]
    assert counts() == before


def test_a_list_entry_that_disappeared_is_kept_after_the_listed_ones(session: Session, tmp_path: Path) -> None:
    take(package(tmp_path / "p", {}))
    only = "- key: news\n  name: 新\n  icon: shield\n"
    said = take(package(tmp_path / "q", {}, topics_yaml=only))
    assert said.splitlines() == [
        "topics: 1 added, 0 changed",
        "topics: fraud is not in the package; it was kept",
        "topics: phone is not in the package; it was kept",
    ]
    order = sa.select(Topic.key, Topic.position).order_by(Topic.position)
    assert [tuple(row) for row in session.execute(order)] == [("news", 0), ("fraud", 1), ("phone", 2)]
    session.rollback()
    assert take(package(tmp_path / "q", {}, topics_yaml=only)).endswith(NOTHING)


def test_a_group_stays_a_group_while_a_kept_topic_stands_under_it(session: Session, tmp_path: Path) -> None:
    take(package(tmp_path / "p", {}))
    lower = "- {key: all, name: a, icon: b}\n- {key: fraud, parent: all, name: a, icon: b}\n"
    assert refused(package(tmp_path / "q", {}, topics_yaml=lower)) == [
        "topics.yaml: `fraud` must stay without parent: `phone` is kept under it."
    ]


def test_one_bad_last_file_keeps_everything_out(session: Session, tmp_path: Path) -> None:
    articles = {f"a{number}": TWO for number in range(5)}
    folder = package(tmp_path / "p", {**articles, "z": {"youth.zh-Hans.md": edition(status="live")}})
    assert refused(folder) == ["articles/z/youth.zh-Hans.md:4: `live` is not one of: draft, published."]


def test_every_problem_of_every_file_is_told_at_once(session: Session, tmp_path: Path) -> None:
    folder = package(
        tmp_path / "p",
        {
            "a": {"general.zh-Hans.md": edition(body="文"), "youth.en.md": "x", "notes.txt": "x"},
            "b": {"article.yaml": ARTICLE.replace("phone", "moon") + "related: [c]\nformer_slugs: [a]\n"},
            "C": {"general.zh-Hans.md": edition()},
        },
        topics_yaml=TOPICS + "- key: phone\n  name: x\n  icon: x\n",
        glossary_yaml="- key: A\n",
        stray_txt="x",
    )
    assert sorted(refused(folder)) == sorted([
        "articles/C: The folder's name is not a slug: small letters, digits and single hyphens.",
        "articles/a/notes.txt: The name must be article.yaml or <audience>.<locale>.md.",
        "stray.txt: This does not belong to a content package.",
        *(f"glossary.yaml:1: The field `{name}` is missing." for name in ("term", "plain", "checked_on")),
        "glossary.yaml:1: `A` is not a key: use small letters, digits and single hyphens, at most 80.",
        "topics.yaml:8: The key `phone` stands already on line 4.",
        "articles/a/general.zh-Hans.md:6: The text must begin with the key message: a line [一句话] (or [key]).",
        "articles/a/youth.en.md:1: The file must begin with a line ---, fields such as title, and another line ---.",
        "articles/b/article.yaml:1: There is no topic `moon`.",
        "articles/b/article.yaml:8: There is no article `c`.",
        "articles/b/article.yaml: The former slug `a` is in use.",
    ])  # fmt: skip


def test_references_to_what_does_not_exist_have_their_line(session: Session, tmp_path: Path) -> None:
    body = "[key]\na\n[/]\n\n[[hotline:1]]\n\n[[term:t|x]] [[source:s2]]\n\n[x](article:none)\n"
    folder = package(tmp_path / "p", {"a": {"general.en.md": edition(body=body)}})
    assert refused(folder) == [
        "articles/a/general.en.md:10: There is no hotline `1`.",
        "articles/a/general.en.md:12: There is no term `t`.",
        "articles/a/general.en.md:12: There is no source `s2`.",
        "articles/a/general.en.md:14: There is no article `none`.",
    ]


@pytest.mark.parametrize("part", ["topics.yaml", "hotlines.yaml", "glossary.yaml", "synonyms.yaml", "words.txt"])
def test_one_part_alone_is_a_package(session: Session, tmp_path: Path, part: str) -> None:
    folder = tmp_path / "p"
    folder.mkdir()
    (folder / part).write_bytes((ROOT / "content" / part).read_bytes())
    assert NOTHING not in take(folder)
    assert take(folder) == NOTHING


def test_articles_may_stand_on_topics_that_were_stored_before(session: Session, tmp_path: Path) -> None:
    alone = package(tmp_path / "p")
    (alone / "topics.yaml").unlink()
    assert refused(alone) == ["articles/hang-up/article.yaml:1: There is no topic `phone`."]
    take(package(tmp_path / "q", {}))
    assert "articles: 1 added" in take(alone)


def test_an_old_name_leads_to_the_article_and_may_move_to_another(
    session: Session, visit: Callable[[], FlaskClient], tmp_path: Path
) -> None:
    def named(a: str, b: str) -> Path:
        editions = {"general.zh-Hans.md": edition()}
        return package(
            tmp_path / "p",
            {
                "a": {**editions, "article.yaml": ARTICLE + f"former_slugs: [{a}]\n"},
                "b": {**editions, "article.yaml": ARTICLE + f"former_slugs: [{b}]\n"},
            },
        )

    take(named("x", "y"))
    assert visit().get("/articles/x").headers["Location"] == "/articles/a"
    take(named("y", "x"))
    assert visit().get("/articles/x").headers["Location"] == "/articles/b"
    assert take(named("y", "x")).endswith(NOTHING)
    assert session.scalar(sa.select(sa.func.count()).select_from(FormerSlug)) == 2


def test_an_old_name_in_use_is_refused_wherever_it_is_used(session: Session, tmp_path: Path) -> None:
    old = {"general.zh-Hans.md": edition(), "article.yaml": ARTICLE + "former_slugs: [old]\n"}
    both = package(tmp_path / "p", {"a": old, "b": old})
    assert refused(both) == ["articles/b/article.yaml: The former slug `old` is in use."]
    own = package(tmp_path / "o", {"old": old})
    assert refused(own) == ["articles/old/article.yaml: The former slug `old` is in use."]
    take(package(tmp_path / "q", {"a": old}))
    assert refused(package(tmp_path / "r", {"c": old})) == ["articles/c/article.yaml: The former slug `old` is in use."]
    fresh = package(tmp_path / "s", {"old": {"general.zh-Hans.md": edition()}})
    assert refused(fresh) == ["articles/old: The slug is a former slug of `a`."]


PUBLIC = ["/articles/hang-up", "/", "/topics/phone", "/search?q=先挂断", "/feed.xml", "/sitemap.xml",
          "/api/v1/articles", "/api/v1/articles/hang-up", "/api/v1/search?q=先挂断"]  # fmt: skip


@pytest.fixture
def visit(app: Flask, client: FlaskClient) -> Callable[[], FlaskClient]:
    """Return what makes a visitor who sees the newest version: on PostgreSQL a process asks for it once a second."""
    if app.config["PORTAL"].is_sqlite:
        return lambda: client
    return lambda: make_app(app.config["PORTAL"]).test_client()


def seen(client: FlaskClient) -> dict[str, bool]:
    """Return for each public address whether the article shows there."""
    return {path: "hang-up" in client.get(path).text and client.get(path).status_code == 200 for path in PUBLIC}


def test_a_draft_is_nowhere_and_a_published_article_everywhere(
    visit: Callable[[], FlaskClient], tmp_path: Path
) -> None:
    take(package(tmp_path / "p", {"hang-up": {"general.zh-Hans.md": edition(status="draft")}}))
    assert seen(visit()) == dict.fromkeys(PUBLIC, False)
    take(package(tmp_path / "p"))
    assert seen(visit()) == dict.fromkeys(PUBLIC, True)


def test_a_withdrawn_article_is_gone_from_everywhere_at_once(
    session: Session, visit: Callable[[], FlaskClient], tmp_path: Path
) -> None:
    take(package(tmp_path / "p"))
    assert seen(visit()) == dict.fromkeys(PUBLIC, True)
    said = take(package(tmp_path / "p", {"hang-up": {"general.zh-Hans.md": edition(status="draft")}}))
    assert said.endswith("editions: 0 added, 1 changed\n")
    assert seen(visit()) == dict.fromkeys(PUBLIC, False)
    assert revisions(session) == [("general", 1, "先挂断")]
    take(package(tmp_path / "p"))
    assert seen(visit()) == dict.fromkeys(PUBLIC, True)
    assert revisions(session) == [("general", 1, "先挂断")]


def test_a_new_text_of_a_draft_takes_the_old_text_from_the_public(
    visit: Callable[[], FlaskClient], tmp_path: Path
) -> None:
    take(package(tmp_path / "p"))
    take(package(tmp_path / "p", {"hang-up": {"general.zh-Hans.md": edition("新的", status="draft")}}))
    assert seen(visit()) == dict.fromkeys(PUBLIC, False)


def test_an_import_that_changes_something_is_recorded_once(session: Session, tmp_path: Path) -> None:
    folder = package(tmp_path / "p")
    for _time in range(2):
        take(folder)
    event = session.scalars(sa.select(Event)).one()
    assert (event.actor, event.tag, event.details) == (
        "command",
        "content:package:imported",
        {name: {"added": count, "changed": 0} for name, count in (("topics", 2), ("articles", 1), ("editions", 1))},
    )


def test_a_renamed_topic_is_found_under_its_new_name(client: FlaskClient, tmp_path: Path) -> None:
    take(package(tmp_path / "p"))
    take(package(tmp_path / "p", topics_yaml=TOPICS.replace("电话诈骗", "陌生来电")))
    assert "hang-up" in client.get("/api/v1/search?q=陌生来电").text


def peak(tmp_path: Path, count: int) -> int:
    """Return the most bytes that taking in `count` articles of four editions held at once."""
    names = [f"{audience}.zh-Hans.md" for audience in ("general", "elderly", "youth", "new-resident")]
    body = "[key]\n话。\n[/]\n\n" + "先停下来，再问一问。\n\n" * 150
    articles = {f"a{number}": {name: edition(body=body) for name in names} for number in range(count)}
    folder = package(tmp_path / f"p{count}", articles)
    with Renderer() as renderer:
        renderer.render("[key]\na\n[/]", locale="en")
        # As often as a server collects: the run of the tests waits longer.
        usual = gc.get_threshold()
        gc.set_threshold(700, 10, 10)
        tracemalloc.start()
        prepared = services.prepare(db.session(), folder, renderer=renderer, settings=current_app.config["PORTAL"])
        with transaction() as session:
            services.apply(session, prepared, by="test", at=clock.now())
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        gc.set_threshold(*usual)
    db.session.remove()
    return most


def test_memory_stays_flat_however_many_articles_there_are(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 10)
    peak(tmp_path, 1)  # what is loaded once for good
    few, many = peak(tmp_path, 20), peak(tmp_path, 80)
    assert many < 1.5 * few
    with transaction() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Article)) == 80


def test_others_may_write_while_a_package_is_being_checked(app: Flask, tmp_path: Path) -> None:
    folder = package(tmp_path / "p", {"a": TWO, "b": TWO})
    written = []

    def write(done: int, _total: int) -> None:
        with app.app_context(), transaction() as unit:
            unit.add(Topic(key=f"t{done}", position=0, name={}, note={}, icon=""))
        written.append(done)

    with Renderer() as renderer:
        services.prepare(
            db.session(), folder, renderer=renderer, settings=current_app.config["PORTAL"], progress=write
        ).spool.close()
    assert written == [3, 6]


def test_the_starter_library_is_whole(library: Flask) -> None:
    assert run("content", "import", str(ROOT / "content")).output.endswith(NOTHING)
    assert counts()["articles_article"] == 32
