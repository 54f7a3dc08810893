"""What the files of the reference lists may say, and how they are stored."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.core.database import site_version, transaction
from portal.reference import queries
from portal.reference.models import Campaign, Hotline, Situation, Term, Topic
from portal.reference.rules import AUDIENCES, LOCALES, Node, Problems, address, lists, localised, read_yaml
from portal.reference.services import LISTS, store_list, store_site
from tests.factories import TOPICS

SITE = "name: a\nbank: b\ntagline: c\nabout: d\nbank_hotline: e\n"
HOTLINE = "key: '110', number: '110', name: a, purpose: b, source: c, checked_on: 2026-11-01"
REPEATED = f"hotlines:\n- {{{HOTLINE}}}\n- {{{HOTLINE}}}"
FINDER = f"hotlines:\n- {{{HOTLINE}}}\nsituations:\n- "
TERM = "key: a, term: b, plain: c, checked_on: 2026-11-01"
NOT_KEY = "is not a key: use small letters, digits and single hyphens, at most 80."
LIST = "Here must stand a list, each entry after a hyphen."
FIELDS = "Here must stand fields, as `name: value`."


def read(reader: Callable[[Node], Any], text: str) -> tuple[Any, list[str]]:
    problems = Problems()
    node = read_yaml(text, file="f", problems=problems)
    assert node is not None
    return reader(node), [str(problem) for problem in problems.found]


def missing(line: int, *names: str) -> list[str]:
    return [f"f:{line}: The field `{name}` is missing." for name in names]


@pytest.mark.parametrize(
    ("reader", "text", "problems"),
    [
        (lists.read_site, SITE, []),
        (lists.read_site, "", [f"f:1: {FIELDS}"]),
        (lists.read_site, "x: y", ["f:1: `x` is not a field that is known here."]),
        (lists.read_site, SITE + "featured: [A]", [f"f:6: `A` {NOT_KEY}"]),
        (lists.read_site, SITE + "featured: a", [f"f:6: {LIST}"]),
        (lists.read_site, SITE + "alert: a", [f"f:6: {FIELDS}"]),
        (lists.read_site, SITE + "alert: {text: a}", missing(6, "advice", "article", "date")),
        (lists.read_site, SITE + "searches: {fr: [a]}", ["f:6: `fr` is not a field that is known here."]),
        (
            lists.read_site,
            SITE + f"searches: {{en: [{'a' * 81}]}}",
            ["f:6: This text has 81 characters; at most 80 are taken."],
        ),
        (lists.read_topics, TOPICS, []),
        (lists.read_topics, "a: b", [f"f:1: {LIST}"]),
        (lists.read_topics, "- a", [f"f:1: {FIELDS}", *missing(1)]),
        (lists.read_topics, "- {key: a, name: b}", missing(1, "icon")),
        (
            lists.read_topics,
            TOPICS + "- {key: x, name: y, icon: z, parent: phone}",
            ["f:8: The parent `phone` is not a topic without parent in this file."],
        ),
        (
            lists.read_topics,
            TOPICS + "- {key: x, name: y, icon: z, parent: x}",
            ["f:8: The parent `x` is not a topic without parent in this file."],
        ),
        (
            lists.read_topics,
            TOPICS + "- {key: phone, name: y, icon: z}",
            ["f:8: The key `phone` stands already on line 4."],
        ),
        (lists.read_hotlines, f"hotlines: [{{{HOTLINE}}}]", []),
        (lists.read_hotlines, "[]", [f"f:1: {FIELDS}"]),
        (lists.read_hotlines, "situations: []", missing(1, "hotlines")),
        (lists.read_hotlines, f"hotlines:\n- {{{HOTLINE}, dial: yes}}", ["f:2: `yes` is not one of: true, false."]),
        (
            lists.read_hotlines,
            f"hotlines:\n- {{{HOTLINE}, strip: [all]}}",
            ["f:2: `all` is not one of: general, elderly, youth, new-resident."],
        ),
        (
            lists.read_hotlines,
            f"hotlines:\n- {{{HOTLINE}, url: 'file:///etc/passwd'}}",
            ["f:2: A web address begins with https:// or http:// and has no blanks, quotes or angle brackets."],
        ),
        (
            lists.read_hotlines,
            f"hotlines:\n- {{{HOTLINE}}}\n- {{{HOTLINE}}}",
            ["f:3: The key `110` stands already on line 2."],
        ),
        (
            lists.read_hotlines,
            FINDER + "{key: a, text: b, advice: c, call: ['119']}",
            ["f:4: `119` is not the key of a number in this file."],
        ),
        (
            lists.read_hotlines,
            FINDER + "{key: a, text: b}",
            missing(4, "advice", "call"),
        ),
        (lists.read_terms, f"- {{{TERM}}}", []),
        (lists.read_terms, "- {key: a}", missing(1, "term", "plain", "checked_on")),
        (lists.read_terms, f"- {{{TERM}}}\n- {{{TERM}}}", ["f:2: The key `a` stands already on line 1."]),
        (
            lists.read_terms,
            "- {key: a, term: b, plain: c, checked_on: today}",
            ["f:1: `today` is not a date; write it as 2026-11-22."],
        ),
        (lists.read_synonyms, "- [a, b]\n- [c, d, e]", []),
        (lists.read_synonyms, "- [a]", ["f:1: A group of synonyms has at least two words."]),
        (lists.read_synonyms, "- [a, b]\n- c", [f"f:2: {LIST}", "f:2: A group of synonyms has at least two words."]),
        (lists.read_synonyms, "- [a, [b]]", ["f:1: Here must stand one text."]),
    ],
)
def test_each_mistake_of_a_list_has_its_line_and_sentence(
    reader: Callable[[Node], Any], text: str, problems: list[str]
) -> None:
    found = read(reader, text)[1]
    assert [one for one in found if "is missing" not in one or one in problems] == problems


def test_rows_come_in_order_with_every_column() -> None:
    rows, problems = read(lists.read_topics, TOPICS)
    assert problems == []
    assert rows == [
        {
            "key": "fraud",
            "parent": None,
            "name": {"zh-Hans": "防骗", "en": "Avoid fraud"},
            "note": {},
            "icon": "shield",
            "position": 0,
        },
        {
            "key": "phone",
            "parent": "fraud",
            "name": {"zh-Hans": "电话诈骗", "en": "Phone scams"},
            "note": {},
            "icon": "phone",
            "position": 1,
        },
    ]


def test_words_are_one_a_line_without_blanks() -> None:
    problems = Problems()
    node = Node("", file="w", line=0, problems=problems)
    assert lists.read_words(" 安全账户\n\n刷单 \n", file="w", complain=node) == ["安全账户", "刷单"]
    assert lists.read_words(f"a\nb\na\n{'x' * 81}\n", file="w", complain=node)[:2] == ["a", "b"]
    assert [str(one) for one in problems.found] == [
        "w:3: `a` is too long or stands here twice.",
        f"w:4: `{'x' * 40}` is too long or stands here twice.",
    ]


@pytest.mark.parametrize(
    ("locale", "text"), [("zh-Hans", ("简", "zh-Hans")), ("zh-Hant", ("简", "zh-Hans")), ("en", ("e", "en"))]
)
def test_localised_text_falls_back_to_the_language_that_always_exists(locale: str, text: tuple[str, str]) -> None:
    assert localised({"zh-Hans": "简", "en": "e"}, locale) == text
    assert localised({}, locale) == ("", "zh-Hans")


def test_every_page_has_exactly_one_address_for_each_reader() -> None:
    made = {address("/a", locale=locale, audience=audience) for locale in LOCALES for audience in AUDIENCES}
    assert len(made) == 12
    assert {"/a", "/en/a", "/elderly/a", "/zh-Hant/new-resident/a"} <= made
    assert [address("/"), address("/", locale="en"), address("/", audience="youth")] == ["/", "/en/", "/youth/"]


def store(name: str, rows: list[dict[str, Any]]) -> tuple[list[str], list[str], int, list[str]]:
    with transaction() as session:
        changes = store_list(session, name, rows=rows)
    return changes.added, changes.changed, changes.unchanged, changes.missing


def test_a_list_is_stored_changed_and_kept(session: Session) -> None:
    rows = read(lists.read_topics, TOPICS)[0]
    assert store("topics", rows) == (["fraud", "phone"], [], 0, [])
    version = site_version(session)
    session.rollback()
    assert store("topics", rows) == ([], [], 2, [])
    assert site_version(session) == version
    session.rollback()
    changed = {**rows[0], "icon": "star"}
    assert store("topics", [changed]) == ([], ["fraud"], 0, ["phone"])
    assert site_version(session) > version
    assert [(topic.key, topic.icon) for topic in queries.topics(session)] == [("fraud", "star"), ("phone", "phone")]


def test_every_list_has_its_table() -> None:
    assert {
        "topics": Topic,
        "hotlines": Hotline,
        "situations": Situation,
        "terms": Term,
        "campaigns": Campaign,
    } == LISTS


def test_the_site_says_something_before_it_is_stored_and_then_what_was_stored(session: Session) -> None:
    assert queries.site(session) is queries.EMPTY_SITE
    session.rollback()
    content = read(lists.read_site, SITE)[0]
    for expected in ((["site"], [], 0), ([], [], 1)):
        with transaction() as unit:
            changes = store_site(unit, content=content)
        assert (changes.added, changes.changed, changes.unchanged) == expected
    with transaction() as unit:
        assert store_site(unit, content={**content, "featured": ["x"]}).changed == ["site"]
    assert queries.site(session) == {**content, "featured": ["x"]}


CAMPAIGN = "key: a, month: 6, source: s, checked_on: 2026-11-01"


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        (f"- {{{CAMPAIGN}}}", []),
        (f"- {{{CAMPAIGN}, until: 9, names: {{'2025': 宣传月}}, organiser: o}}", []),
        (f"- {{{CAMPAIGN}, until: 5}}", ["f:1: A campaign ends in the month in which it begins, or in a later one."]),
        (f"- {{{CAMPAIGN}, names: {{next: 宣传月}}}}", ["f:1: `next` is no year."]),
        (f"- {{{CAMPAIGN}}}\n- {{{CAMPAIGN}}}", ["f:2: The key `a` stands already on line 1."]),
    ],
)
def test_campaigns_of_the_year(text: str, problems: list[str]) -> None:
    rows, told = read(lists.read_calendar, text)
    assert told == problems
    assert [row["month"] for row in rows] == [6] * len(rows)


def test_a_campaign_lasts_a_month_unless_it_says_otherwise() -> None:
    rows, _told = read(lists.read_calendar, f"- {{{CAMPAIGN}}}\n- {{{CAMPAIGN.replace('a,', 'b,', 1)}, until: 9}}")
    assert [(row["month"], row["until"], row["names"]) for row in rows] == [(6, 6, {}), (6, 9, {})]
