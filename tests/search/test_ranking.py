"""What stands first, how questions are cut, and what an open index costs."""

import json
import os
import subprocess
import sys

import pytest
from flask import current_app

from portal.core.database import transaction
from portal.core.settings import AUDIENCES, LOCALES, ROOT, Audience, Locale, edition_order
from portal.search import services
from portal.search.models import files
from portal.search.queries import answers
from portal.search.queries import reader as readers
from portal.search.queries.reader import keeper
from portal.search.rules import Words, choices, light, plan, serves
from portal.search.services import indexing
from tests.search.helpers import a_document, find, folder, put

PASSING = "办事要带上材料。有人告诉过别人，验证码会发来，怎么办理看说明。"


def in_passing(count=30, **more):
    """Return documents about something else that mention codes, and every word of the question."""
    values = {"title": "公积金怎样提取", "summary": "", "key_message": "", "headings": "", "body": PASSING, **more}
    return [a_document(slug=f"p{number}", **values) for number in range(count)]


def test_a_title_stands_before_many_that_mention_the_word(session):
    put(*in_passing(body=PASSING * 5), a_document(slug="codes", title="验证码就是钥匙", body="谁也不给。"))
    services.rebuild(folder=folder())
    assert find(session, "验证码").hits[0].slug == "codes"


def test_many_that_have_every_word_do_not_hide_the_one_about_it(session):
    put(*in_passing(), a_document(slug="codes", title="验证码就是钥匙", body="给了，马上改密码。"))
    services.rebuild(folder=folder())
    found = find(session, "验证码告诉别人怎么办")
    assert found.hits[0].slug == "codes"
    assert found.widened
    assert found.total == 31


def test_a_rare_synonym_counts_no_more_than_the_word(session):
    with transaction() as unit:
        services.set_vocabulary(unit, words=[], synonyms=[["存款", "储蓄"]])
    put(*in_passing(body="存款放在银行。"), a_document(slug="rare", title="别的", summary="", body="储蓄一词很少见。"))
    services.rebuild(folder=folder())
    assert find(session, "存款", limit=100).hits[-1].slug == "rare"


def test_single_characters_between_words_hide_nothing(session):
    put(a_document(slug="cards", title="银行卡不出租", body="出钱买卡的是骗子。"), *in_passing(3))
    services.rebuild(folder=folder())
    assert find(session, "有人出钱收银行卡").hits[0].slug == "cards"


def test_a_word_of_the_sites_that_no_text_has_is_divided(session):
    with transaction() as unit:
        services.set_vocabulary(unit, words=["兼职刷单", "刷单"], synonyms=[])
    put(a_document(slug="brushing", title="刷单都是骗局", body="兼职也要当心。"), *in_passing(3))
    services.rebuild(folder=folder())
    found = find(session, "兼职刷单")
    assert [hit.slug for hit in found.hits] == ["brushing"]
    assert not found.widened


def test_a_question_is_cut_with_the_words_of_the_texts():
    made = plan("公安局打电话", Words(), {}, frozenset(), segmenter=light({"公安局": 3, "电话": 5, "打电话": 2}))
    assert [concept.word for concept in made.concepts] == ["公安局", "打电话"]
    assert "电话" in made.concepts[1].parts


def test_words_that_come_with_a_change_are_known(session):
    services.rebuild(folder=folder())
    put(a_document(slug="new", title="当心杀洋盘"))
    services.drain(folder=folder())
    generation = files.read_pointer(folder()).folder(folder())
    assert json.loads((generation / files.LEXICON).read_bytes())["当心"] == 1
    assert find(session, "当心").hits[0].slug == "new"


def test_an_index_that_is_being_written_is_not_damaged(session):
    put(a_document())
    services.rebuild(folder=folder())
    assert find(session, "诈骗").source == "index"
    with indexing._writing(folder()):
        # Between Whoosh's commit and the pointer the files are others than the pointer says.
        pointer = folder() / files.CURRENT
        said = json.loads(pointer.read_bytes())
        pointer.write_text(json.dumps(said | {"sizes": said["sizes"] | {"STAMP": 1}}))
        keeper(folder()).look_again()
        assert find(session, "骗局 诈骗").source == "index"
        assert not (folder() / files.REBUILD).exists()
    keeper(folder()).look_again()
    assert find(session, "电信 诈骗").source == "database"
    assert (folder() / files.REBUILD).exists()


def test_caches_are_bounded_by_bytes(session, monkeypatch):
    put(*in_passing())
    services.rebuild(folder=folder())
    monkeypatch.setattr(answers, "_KEPT_BYTES", 60_000)
    monkeypatch.setattr(readers, "_KEPT_BYTES", 6_000)
    for number in range(40):
        find(session, f"验证码 材料 说明 {number}")
    index = keeper(folder()).index()
    assert answers._answers_bytes == sum(map(answers._size, answers._answers.values())) <= 60_000
    assert index._held == sum(map(readers._size, index._postings.values())) <= 6_000
    assert find(session, "验证码 材料").source == "index"


def test_nothing_but_the_writer_loads_a_dictionary(session):
    """35 MB and 57 MB in each process that serves."""
    put(a_document())
    services.rebuild(folder=folder())
    session.rollback()
    code = (
        "import sys; from wsgi import app; client = app.test_client()\n"
        "answer = client.get('/search?q=诈骗电话'); assert '/articles/a' in answer.text\n"
        "from portal.search.rules.segment import full\n"
        "assert 'pypinyin' not in sys.modules; assert full.cache_info().currsize == 0"
    )
    settings = current_app.config["PORTAL"]
    environ = {**os.environ, "PORTAL_DATA": str(settings.data)}
    if settings.database_url:
        environ["PORTAL_DATABASE_URL"] = settings.database_url
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environ, check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("audience", AUDIENCES)
@pytest.mark.parametrize("locale", LOCALES)
def test_the_readers_own_edition_comes_first_and_the_plainest_last(audience, locale):
    order = edition_order(audience, locale)
    assert choices(audience.value, locale.value) == order
    assert order[0] == (audience, locale)
    assert order[-1] == (Audience.GENERAL, Locale.HANS)
    assert len(set(order)) == len(order)


def test_another_audiences_english_does_not_stand_in():
    served = serves([("elderly", "en"), ("youth", "zh-Hans"), ("general", "zh-Hans")])
    assert "youth.en" in served["youth", "zh-Hans"]
    assert served["elderly", "en"] == ["elderly.en"]
