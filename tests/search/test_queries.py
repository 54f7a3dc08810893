"""What a reader finds."""

import shutil
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.core.database import transaction
from portal.search import queries, services
from portal.search.queries import answers
from portal.search.queries.reader import keeper
from tests.search.helpers import a_document, find, folder, put

ARTICLES = {
    "police": ("冒充公检法与安全账户", "公安局不会打电话要你转账。警察 通缉令 洗钱"),
    "screen": ("屏幕共享与冒充客服", "客服说给你退款，让你打开屏幕共享。"),
    "brushing": ("刷单返利都是骗局", "先给小钱，后让垫付。兼职刷单。"),
    "codes": ("验证码就是钥匙", "验证码和身份证照片不能给别人。"),
    "deposits": ("存款不等于理财", "银行存款有保险，理财不保本。"),
    "cards": ("两卡不能出租出借", "把银行卡借给别人跑分会犯帮信罪。"),
}


@pytest.fixture
def site(session):
    with transaction() as unit:
        services.set_vocabulary(
            unit,
            words=["安全账户", "刷单返利", "两卡"],
            synonyms=[["刷单", "做任务赚钱"], ["屏幕共享", "共享屏幕", "screen sharing"]],
        )
    put(
        *(
            a_document(
                slug=slug,
                title=title,
                body=body,
                summary=title,
                key_message="",
                headings="",
                topic=slug[0],
                topic_name="防范诈骗" if slug != "deposits" else "理财",
            )
            for slug, (title, body) in ARTICLES.items()
        )
    )
    services.rebuild(folder=folder())
    return session


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("安全账户", "police"),
        ("安全帐户", "police"),
        ("安全帳戶", "police"),
        ("公安局打电话说我洗钱怎么办", "police"),
        ("做任务赚钱", "brushing"),
        ("共享屏幕", "screen"),
        ("screen sharing", "screen"),
        ("yanzhengma", "codes"),
        ("yan zheng ma", "codes"),
        ("yzm", "codes"),
        ("cunkuan", "deposits"),
        ("pingmugongxiangyumaochongkefu", "screen"),
        ("anquanzhanghu", "police"),
        ("an quan zhang hu", "police"),
        ("aqzh", "police"),
        ("zuorenwuzhuanqian", "brushing"),
        ("燕正马", "codes"),
        ("跑分", "cards"),
        ("钥匙", "codes"),
        ("借", "cards"),
        ("驗證碼", "codes"),
    ],
)
def test_what_people_type_finds_the_article(site, asked, first):
    found = find(site, asked)
    assert found.source == "index"
    assert found.hits[0].slug == first


def test_nothing_finds_nothing(site):
    for asked in ["", "   ", "\x00", "???", "葡萄牙菜谱", "qqxxzz"]:
        found = find(site, asked)
        assert (found.total, found.hits, found.source) == (0, (), "index"), asked


@pytest.mark.parametrize(
    "attack",
    [
        "*",
        "?*?*?*?*",
        "[a TO z]",
        "a* OR b* OR c*",
        "(((((",
        "NOT NOT NOT",
        "title:*",
        "骗~2",
        '"',
        "%",
        "_",
        "\\",
        "骗" * 20_000,
    ],
)
def test_query_language_is_answered_from_the_index(site, attack):
    assert find(site, attack).source == "index"


@given(text=st.text(alphabet=st.characters(), max_size=300))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_raises_in_either_way_of_answering(site, text):
    assert find(site, text).source == "index"
    queries.suggest(site, text, audience="general", locale="zh-Hans", folder=folder())
    assert queries.find(site, text, audience="general", locale="zh-Hans", folder=folder() / "none").source == "database"
    queries.suggest(site, text, audience="general", locale="zh-Hans", folder=folder() / "none")


@pytest.mark.parametrize("asked", ["%", "_", "100%", "\\", "a_b"])
def test_wildcards_of_the_database_are_only_characters(site, asked):
    put(a_document(slug="percent", title="利率 100% a_b \\ 真的吗", body=""))
    (folder() / "CURRENT").unlink()
    keeper(folder()).forget()
    found = find(site, asked)
    assert found.source == "database"
    assert {hit.slug for hit in found.hits} <= {"percent"}


def test_the_database_answers_traditional_and_synonyms_too(site):
    put(a_document(slug="hant", locale="zh-Hant", title="安全帳戶是騙局", body="轉帳"))
    (folder() / "CURRENT").unlink()
    keeper(folder()).forget()
    found = find(site, "安全账户", locale="zh-Hant")
    assert {hit.slug for hit in found.hits} == {"hant", "police"}
    assert find(site, "做任务赚钱").hits[0].slug == "brushing"
    assert "<mark>安全帳戶</mark>" in found.hits[[hit.slug for hit in found.hits].index("hant")].title_html


def test_the_unpublished_is_never_found(site):
    with transaction() as unit:
        services.remove(unit, "codes/general/zh-Hans")
    found = find(site, "验证码")
    assert "codes" not in [hit.slug for hit in found.hits]
    assert found.total == len(found.hits)
    assert all(key != "codes" for key in _suggested(site, "验证码"))
    services.drain(folder=folder())
    assert "codes" not in [hit.slug for hit in find(site, "验证码").hits]


def test_a_kept_answer_forgets_what_was_withdrawn(site):
    assert find(site, "验证码").hits[0].slug == "codes"
    assert find(site, "验证码").hits[0].slug == "codes"
    with transaction() as unit:
        services.remove(unit, "codes/general/zh-Hans")
    assert "codes" not in [hit.slug for hit in find(site, "验证码").hits]


def test_a_kept_answer_does_not_come_back_after_draining(site):
    assert find(site, "验证码").hits[0].slug == "codes"
    with transaction() as unit:
        services.remove(unit, "codes/general/zh-Hans")
    find(site, "身份证")
    # Another process drains: this one is not told to look again.
    with pytest.MonkeyPatch.context() as elsewhere:
        elsewhere.setattr("portal.search.queries.reader.Keeper.look_again", lambda _: None)
        services.drain(folder=folder())
    assert "codes" not in [hit.slug for hit in find(site, "验证码").hits]


def test_an_emptied_folder_does_not_bring_old_answers_back(site):
    assert find(site, "验证码").hits[0].slug == "codes"
    shutil.rmtree(folder())
    with transaction() as unit:
        services.remove(unit, "codes/general/zh-Hans")
    services.rebuild(folder=folder())
    assert "codes" not in [hit.slug for hit in find(site, "验证码").hits]


def test_a_change_shows_at_once_and_is_found_after_draining(site):
    put(a_document(slug="codes", title="新的标题验证码"))
    assert find(site, "验证码").hits[0].title == "新的标题验证码"
    services.drain(folder=folder())
    assert find(site, "新的标题").hits[0].slug == "codes"


def test_editions_and_their_fallbacks(session):
    put(
        a_document(),
        a_document(audience="elderly", title="老人版诈骗"),
        a_document(locale="en", title="Spotting fraud 诈骗"),
        a_document(slug="b", locale="zh-Hant", title="識別詐騙"),
    )
    services.rebuild(folder=folder())

    def editions(audience, locale):
        found = find(session, "诈骗", audience=audience, locale=locale)
        return {(hit.slug, hit.audience, hit.locale) for hit in found.hits}

    assert editions("general", "zh-Hans") == {("a", "general", "zh-Hans")}
    assert editions("elderly", "zh-Hans") == {("a", "elderly", "zh-Hans")}
    assert editions("youth", "zh-Hant") == {("a", "general", "zh-Hans"), ("b", "general", "zh-Hant")}
    assert editions("elderly", "zh-Hant") == {("a", "elderly", "zh-Hans"), ("b", "general", "zh-Hant")}
    assert editions("elderly", "en") == {("a", "general", "en")}
    assert editions("unheard-of", "xx") == {("a", "general", "zh-Hans")}
    by_database = queries.find(session, "诈骗", audience="elderly", locale="zh-Hant", folder=folder() / "none")
    assert {(hit.slug, hit.audience) for hit in by_database.hits} == {("a", "elderly"), ("b", "general")}


def test_topics_are_counted_and_chosen(site):
    every = find(site, "骗局 银行 客服")
    topic, count = every.facets[0]
    chosen = find(site, "骗局 银行 客服", topic=topic)
    assert chosen.total == count
    assert {hit.topic for hit in chosen.hits} == {topic}
    assert chosen.facets == every.facets


def test_pages_follow_one_another(session):
    put(*(a_document(slug=f"a{number}") for number in range(25)))
    services.rebuild(folder=folder())
    pages = [find(session, "诈骗", limit=10, offset=offset) for offset in (0, 10, 20)]
    slugs = [hit.slug for page in pages for hit in page.hits]
    assert len(slugs) == len(set(slugs)) == 25
    assert {page.total for page in pages} == {25}
    assert find(session, "诈骗", limit=-5, offset=-5).hits == ()


def test_full_answers_stand_before_partial_ones(site):
    found = find(site, "银行 存款")
    assert found.hits[0].slug == "deposits"
    assert found.widened
    assert [hit.slug for hit in found.hits][:2] == ["deposits", "cards"]


def test_snippets_are_safe(session):
    put(a_document(title="<img src=x onerror=alert(1)>诈骗", body="<script>alert(1)</script>诈骗"))
    services.rebuild(folder=folder())
    hit = find(session, "诈骗").hits[0]
    assert "<script" not in hit.snippet
    assert "<img" not in hit.title_html
    assert "<mark>诈骗</mark>" in hit.snippet


def _suggested(session, typed, **more):
    given = queries.suggest(session, typed, **{"audience": "general", "locale": "zh-Hans", "folder": folder(), **more})
    return [item.key for item in given]


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("验", "codes"),
        ("yanz", "codes"),
        ("yzm", "codes"),
        ("YanZheng", "codes"),
        ("钥匙", "codes"),
        ("驗證", "codes"),
        ("lic", "d"),
    ],
)
def test_suggestions(site, typed, key):
    assert key in _suggested(site, typed)


def test_suggestions_offer_the_sites_words_only_where_they_are_found(site):
    kinds = {
        item.text: item.kind
        for item in queries.suggest(site, "安全", audience="general", locale="zh-Hans", folder=folder())
    }
    assert kinds.get("安全账户") == "word"
    assert _suggested(site, "") == []
    assert len(_suggested(site, "a", limit=2)) <= 2


def test_a_repeated_question_is_not_looked_for_again(site, monkeypatch):
    first = find(site, "验证码")

    def never(*_, **__):
        raise AssertionError

    monkeypatch.setattr(answers, "rank", never)
    assert find(site, "验证码").hits == first.hits


def test_threads_share_one_reader(app, site):
    problems = []

    def ask(number):
        try:
            with app.app_context():
                from portal.core.database import db

                for turn in range(15):
                    slug = list(ARTICLES)[(number + turn) % len(ARTICLES)]
                    title = ARTICLES[slug][0]
                    found = queries.find(
                        db.session(), title + " " * turn, audience="general", locale="zh-Hans", folder=folder()
                    )
                    assert (found.source, found.hits[0].slug) == ("index", slug)
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []


def test_readers_go_on_while_the_index_is_written(app, site):
    stop = threading.Event()
    seen = []

    def ask():
        with app.app_context():
            from portal.core.database import db

            while not stop.is_set():
                found = queries.find(db.session(), "安全账户", audience="general", locale="zh-Hans", folder=folder())
                db.session.rollback()
                keeper(folder()).look_again()
                seen.append((found.source, found.hits[0].slug))

    thread = threading.Thread(target=ask)
    thread.start()
    for turn in range(6):
        put(a_document(slug="more", title=f"第{turn}次"))
        services.drain(folder=folder())
    services.rebuild(folder=folder())
    stop.set()
    thread.join()
    assert {slug for _, slug in seen} == {"police"}
