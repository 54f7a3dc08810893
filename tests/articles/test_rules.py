"""Which edition answers a reader, and what the files of an article may say."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.articles.rules import Choice, Status, choose, read_article, read_edition
from portal.reference.rules import AUDIENCES, LOCALES, Audience, Locale, Problems, read_yaml
from tests.factories import ARTICLE, edition

GENERAL, ELDERLY, YOUTH = Audience.GENERAL, Audience.ELDERLY, Audience.YOUTH
HANS, HANT, EN = Locale.HANS, Locale.HANT, Locale.EN
ALL = list(itertools.product(AUDIENCES, LOCALES))


def picked(available: set[tuple[str, str]], audience: Audience, locale: Locale) -> tuple[object, ...] | None:
    choice = choose(available, audience=audience, locale=locale)
    if choice is None:
        return None
    return choice.audience, choice.locale, choice.converted, choice.other_audience, choice.other_language


@pytest.mark.parametrize(
    ("available", "audience", "locale", "expected"),
    [
        ({(ELDERLY, HANS), (GENERAL, HANS)}, ELDERLY, HANS, (ELDERLY, HANS, False, False, False)),
        ({(GENERAL, HANS)}, ELDERLY, HANS, (GENERAL, HANS, False, True, False)),
        ({(ELDERLY, HANT), (ELDERLY, HANS)}, ELDERLY, HANT, (ELDERLY, HANT, False, False, False)),
        ({(ELDERLY, HANS), (GENERAL, HANT)}, ELDERLY, HANT, (ELDERLY, HANS, True, False, False)),
        ({(GENERAL, HANT), (GENERAL, HANS)}, ELDERLY, HANT, (GENERAL, HANT, False, True, False)),
        ({(GENERAL, HANS)}, ELDERLY, HANT, (GENERAL, HANS, True, True, False)),
        ({(YOUTH, EN), (GENERAL, EN)}, YOUTH, EN, (YOUTH, EN, False, False, False)),
        ({(YOUTH, HANS), (GENERAL, EN)}, YOUTH, EN, (GENERAL, EN, False, True, False)),
        ({(YOUTH, HANS), (GENERAL, HANS)}, YOUTH, EN, (YOUTH, HANS, False, False, True)),
        ({(GENERAL, HANS)}, YOUTH, EN, (GENERAL, HANS, False, True, True)),
        ({(GENERAL, EN)}, GENERAL, HANS, None),
        ({(YOUTH, HANS)}, ELDERLY, HANS, None),
        (set(), GENERAL, HANS, None),
    ],
)
def test_each_gap_has_its_fallback(
    available: set[tuple[str, str]], audience: Audience, locale: Locale, expected: tuple[object, ...] | None
) -> None:
    assert picked(available, audience, locale) == expected


available_sets = st.sets(st.sampled_from(ALL))


@given(available_sets, st.sampled_from(ALL))
def test_what_is_shown_exists_and_its_notes_are_true(
    available: set[tuple[Audience, Locale]], asked: tuple[Audience, Locale]
) -> None:
    audience, locale = asked
    choice = choose(available, audience=audience, locale=locale)
    if choice is None:
        assert (audience, HANS) not in available
        assert (GENERAL, HANS) not in available
        assert asked not in available
        return
    assert (choice.audience, choice.locale) in available
    assert choice.audience in (audience, GENERAL)
    assert choice == Choice(
        audience=choice.audience,
        locale=choice.locale,
        converted=(locale, choice.locale) == (HANT, HANS),
        other_audience=choice.audience is not audience,
        other_language=(locale, choice.locale) in ((HANS, EN), (HANT, EN), (EN, HANS), (EN, HANT), (HANS, HANT)),
    )


@given(available_sets, st.sampled_from(ALL))
def test_an_edition_that_exists_is_always_the_one_shown(
    available: set[tuple[Audience, Locale]], asked: tuple[Audience, Locale]
) -> None:
    choice = choose(available | {asked}, audience=asked[0], locale=asked[1])
    assert choice is not None
    assert (choice.audience, choice.locale) == asked


# --- article.yaml -------------------------------------------------------------------------------------------------


def article_problems(text: str) -> list[str]:
    problems = Problems()
    node = read_yaml(text, file="a.yaml", problems=problems)
    if node is not None:
        read_article(node)
    return [str(problem) for problem in problems.found]


SOURCE = "- {key: s1, title: 手册, publisher: 公安部, evidence: primary, checked_on: 2026-11-01"
HEAD = "topic: phone\nchecked_on: 2026-11-01\nreview_by: 2027-02-01\nsources:\n"


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        (ARTICLE, []),
        (HEAD + SOURCE + ", published: 2024-06}", []),
        ("", ["a.yaml:1: Here must stand fields, as `name: value`."]),
        ("the topic is phone", ["a.yaml:1: Here must stand fields, as `name: value`."]),
        ("- topic", ["a.yaml:1: Here must stand fields, as `name: value`."]),
        (
            "topic: phone",
            [f"a.yaml:1: The field `{name}` is missing." for name in ("checked_on", "review_by", "sources")],
        ),
        (HEAD + SOURCE + "}\nslug: x", ["a.yaml:6: `x`".replace("`x`", "`slug` is not a field that is known here.")]),
        (
            HEAD.replace("phone", "Phone") + SOURCE + "}",
            ["a.yaml:1: `Phone` is not a key: use small letters, digits and single hyphens, at most 80."],
        ),
        (
            HEAD.replace("2027-02-01", "2026-11-01") + SOURCE + "}",
            ["a.yaml:3: The day of the next review must come after the day of the last check."],
        ),
        (
            HEAD.replace("2026-11-01", "1 November") + SOURCE + "}",
            ["a.yaml:2: `1 November` is not a date; write it as 2026-11-22."],
        ),
        (
            HEAD.replace("2026-11-01", "2026-W44-7") + SOURCE + "}",
            ["a.yaml:2: `2026-W44-7` is not a date; write it as 2026-11-22."],
        ),
        (
            HEAD.replace("2026-11-01", "2026-02-30") + SOURCE + "}",
            ["a.yaml:2: `2026-02-30` is not a date; write it as 2026-11-22."],
        ),
        (HEAD + SOURCE + "}\n" + SOURCE + "}", ["a.yaml:6: The key `s1` stands here twice."]),
        (
            HEAD + SOURCE + ", published: 2024-13}",
            ["a.yaml:5: Write the day of publication as 2024, 2024-06 or 2024-06-25."],
        ),
        (
            HEAD + SOURCE + ", published: ２０２４}",
            ["a.yaml:5: Write the day of publication as 2024, 2024-06 or 2024-06-25."],
        ),
        (
            HEAD + SOURCE + ", url: 'javascript:alert(1)'}",
            ["a.yaml:5: A web address begins with https:// or http:// and has no blanks, quotes or angle brackets."],
        ),
        (HEAD + SOURCE.replace("primary", "rumour") + "}", ["a.yaml:5: `rumour` is not one of: primary, secondary."]),
        (
            HEAD + SOURCE + "}\nfacts:\n- {key: f, text: 话, source: s2}",
            ["a.yaml:7: `s2` is not the key of a source in this file."],
        ),
        (
            HEAD + SOURCE + "}\nfacts:\n- {key: f, text: {en: x}, source: s1}",
            ["a.yaml:7: The field `zh-Hans` is missing."],
        ),
        (
            HEAD + SOURCE + "}\nfacts:\n- {key: f, text: {zh-Hans: x, fr: y}, source: s1}",
            ["a.yaml:7: `fr` is not a field that is known here."],
        ),
        (HEAD + SOURCE + "}\nformer_slugs: [a, b, a]", ["a.yaml:6: The former slug `a` stands here twice."]),
        (HEAD + SOURCE + "}\nrelated: a", ["a.yaml:6: Here must stand a list, each entry after a hyphen."]),
        (HEAD + SOURCE + "}\nrelated: [[a]]", ["a.yaml:6: Here must stand one text."]),
    ],
)
def test_each_mistake_of_an_article_has_its_line_and_sentence(text: str, problems: list[str]) -> None:
    assert article_problems(text) == problems


def test_all_mistakes_are_told_at_once() -> None:
    text = "topic: A\nchecked_on: x\nreview_by: y\nsources:\n- {key: B}\nextra: 1\n"
    assert len(article_problems(text)) == 9


# --- <audience>.<locale>.md ---------------------------------------------------------------------------------------


def edition_problems(text: str) -> list[str]:
    problems = Problems()
    found = read_edition(text, file="e.md", problems=problems)
    assert (found is None) == bool(problems.found)
    return [str(problem) for problem in problems.found]


NO_FRONT = "e.md:1: The file must begin with a line ---, fields such as title, and another line ---."


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        (edition(), []),
        ("", [NO_FRONT]),
        ("title: x\n", [NO_FRONT]),
        ("---\ntitle: x\n", [NO_FRONT]),
        ("--- \ntitle: x\n---\n", [NO_FRONT]),
        (
            edition("!x y"),
            ["e.md:2: Tags (!) are not taken. Put quotes around text that begins with an exclamation mark."],
        ),
        (
            edition("*x"),
            ["e.md:2: Anchors and aliases (& and *) are not taken. Put quotes around text that needs them."],
        ),
        (edition("a: b"), ["e.md:2: This is not valid YAML: mapping values are not allowed in this context."]),
        (edition("x" * 121), ["e.md:2: This text has 121 characters; at most 120 are taken."]),
        (edition(summary="x" * 301), ["e.md:3: This text has 301 characters; at most 300 are taken."]),
        (edition("x\nhook: " + "y" * 81), ["e.md:3: This text has 81 characters; at most 80 are taken."]),
        (edition('"a\\nb"'), ["e.md:2: This must be one line."]),
        (
            edition('"a\\0b"'),
            ["e.md:2: This text holds a control character or half a character that cannot be stored."],
        ),
        (edition('" "'), ["e.md:2: This must not be empty."]),
        (edition("[a]"), ["e.md:2: Here must stand one text."]),
        (edition(status="live"), ["e.md:4: `live` is not one of: draft, published."]),
        (edition("x\ntitle: y"), ["e.md:3: The field `title` stands here twice."]),
        (edition("x\nslug: y"), ["e.md:3: `slug` is not a field that is known here."]),
        (edition(body="文"), ["e.md:6: The text must begin with the key message: a line [一句话] (or [key])."]),
        (
            edition(body="[key]\na\n[/]\n\n[[x:y]]\n"),
            ["e.md:10: [[x:…]] is not known here; there are hotline, term and source."],
        ),
        (
            edition(status="live", body="文\n[/]"),
            [
                "e.md:4: `live` is not one of: draft, published.",
                "e.md:6: The text must begin with the key message: a line [一句话] (or [key]).",
                "e.md:7: [/] closes a block, but none is open.",
            ],
        ),
    ],
)
def test_each_mistake_of_an_edition_has_its_line_and_sentence(text: str, problems: list[str]) -> None:
    assert edition_problems(text) == problems


@pytest.mark.parametrize(
    "title", ["no", "yes", "null", "~", "2024-06-25", "1e3", "0x10", "true", "'a: b'", '"#x"', "'---'"]
)
def test_front_matter_is_the_text_it_shows(title: str) -> None:
    problems = Problems()
    found = read_edition(edition(title), file="e.md", problems=problems)
    assert found is not None
    assert found.title == title.strip("'\"")


def test_the_body_is_exactly_what_follows_the_front_matter() -> None:
    body = "[key]\na  \n[/]\n\n---\ntitle: x\n---\n\n  end  "
    found = read_edition(edition(body=body), file="e.md", problems=Problems())
    assert found is not None
    assert (found.body, found.body_line, found.status) == (body, 6, Status.PUBLISHED)


def test_the_checksum_changes_with_each_text_and_not_with_the_status() -> None:
    def checksum(**changed: str) -> str:
        found = read_edition(edition(**changed), file="e.md", problems=Problems())
        assert found is not None
        return found.checksum

    same = {checksum(), checksum(status="draft")}
    others = {
        checksum(title="x"),
        checksum(summary="x"),
        checksum(title="x\nhook: y"),
        checksum(body="[key]\nb\n[/]\n"),
    }
    assert (len(same), len(others - same)) == (1, 4)
