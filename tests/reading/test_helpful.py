"""Readers say whether an article helped, on any page of any edition, without a cookie or a script."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.articles.models import Helpful
from portal.articles.rules import MOST_FROM_ONE
from tests.reading.helpers import EDITIONS, attribute, guarded, place, text
from tests.reading.site import Site

HERE = "/articles/hang-up"


def send(reader: FlaskClient, at: str = HERE, headers: dict[str, str] | None = None, **form: str) -> TestResponse:
    return reader.post(f"{at}/helpful", data=form, headers=headers)


def stored(site: Site) -> list[tuple[Any, ...]]:
    columns = (Helpful.audience, Helpful.locale, Helpful.was_helpful, Helpful.comment)
    return [tuple(row) for row in site.do(lambda session: session.execute(sa.select(*columns)).all())]


@pytest.mark.parametrize(("locale", "audience"), EDITIONS)
def test_a_reader_of_any_edition_answers_and_adds_a_line(site: Site, locale: str, audience: str) -> None:
    reader, here = site.reader(), place(HERE, locale, audience)
    page = reader.get(here)
    strip = text(page).partition('<form class="helpful"')[2].partition("</form>")[0]
    assert attribute(strip, r'action="([^"]+)"') == [f"{here}/helpful"]
    assert attribute(strip, r'name="answer" value="([^"]+)"') == ["yes", "no"]
    assert "csrf" not in strip
    assert (page.headers.getlist("Set-Cookie"), "public" in page.headers["Cache-Control"]) == ([], True)

    answer = send(reader, here, answer="no")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{here}/helpful/thanks?answer=no")
    assert answer.headers.getlist("Set-Cookie") == []
    thanks = reader.get(answer.headers["Location"])
    said = text(thanks)
    assert attribute(said, r'<html lang="([^"]+)"') == [locale]
    assert attribute(said, r'<form class="remark section" method="post" action="([^"]+)"') == [f"{here}/helpful"]
    assert '<meta name="robots" content="noindex">' in said
    assert ("public" in thanks.headers["Cache-Control"], guarded(thanks)) == (True, {})

    answer = send(reader, here, answer="no", comment="字太小，打13812345678告诉我")
    assert answer.headers["Location"] == f"{here}/helpful/thanks?answer=no&text=1"
    last = text(reader.get(answer.headers["Location"]))
    assert '<form class="remark' not in last
    assert f'href="{here}"' in last
    # There is one edition: everybody was shown that one.
    assert stored(site) == [("general", "zh-Hans", False, "字太小，打***告诉我")]


def test_what_was_written_is_on_no_page(site: Site) -> None:
    reader = site.reader()
    send(reader, answer="yes", comment="独一无二的话")
    for path in (HERE, f"{HERE}/helpful/thanks?answer=yes", f"{HERE}/helpful/thanks?answer=yes&text=1", "/",
                 "/feed.xml", "/search?q=独一无二的话", "/api/v1/articles/hang-up"):  # fmt: skip
        page = reader.get(path).get_data(as_text=True)
        # A search repeats what was searched for.
        page = page.replace('value="独一无二的话"', "").replace("“独一无二的话”", "")
        assert "独一无二的话" not in page


def test_answers_do_not_empty_the_page_cache(site: Site) -> None:
    reader = site.reader()
    tag = reader.get(HERE).headers["ETag"]
    version = site.do(lambda session: session.scalar(sa.text("SELECT number FROM core_version")))
    send(reader, answer="yes")
    assert site.do(lambda session: session.scalar(sa.text("SELECT number FROM core_version"))) == version
    assert reader.get(HERE).headers["ETag"] == tag


def test_a_chosen_text_size_is_carried_on(site: Site) -> None:
    reader, here = site.reader(), f"/elderly{HERE}"
    assert '<input type="hidden" name="size" value="24">' in text(reader.get(f"{here}?size=24"))
    answer = send(reader, here, answer="yes", size="24")
    assert answer.headers["Location"] == f"{here}/helpful/thanks?answer=yes&size=24"
    assert 'data-size="24"' in text(reader.get(answer.headers["Location"]))
    assert send(reader, here, answer="yes", size='"><script>').headers["Location"].endswith("?answer=yes")


def test_too_long_a_line_comes_back_with_a_sentence(site: Site) -> None:
    reader, long = site.reader(), "长" * 201
    answer = send(reader, f"/en{HERE}", answer="no", comment=long)
    page = answer.get_data(as_text=True)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (422, "no-store")
    assert f'value="{long}"' in page
    assert "This has 201 characters; at most 200 fit." in page
    assert stored(site) == []
    assert send(reader, answer="no", comment="长" * 200).status_code == 303


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Sec-Fetch-Site": "none"}, 303),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://localhost"}, 303),
        ({"Origin": "http://127.0.0.1:8000"}, 303),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
def test_other_sites_do_not_answer_for_their_visitors(site: Site, headers: dict[str, str], status: int) -> None:
    assert send(site.reader(), headers=headers, answer="yes").status_code == status
    assert len(stored(site)) == (status == 303)


@pytest.mark.parametrize("form", [{}, {"answer": ""}, {"answer": "maybe"}, {"answer": "1", "comment": "x"}])
def test_what_is_neither_yes_nor_no_is_refused(site: Site, form: dict[str, str]) -> None:
    assert send(site.reader(), **form).status_code == 400
    assert stored(site) == []


def test_wrong_methods_and_missing_articles(site: Site) -> None:
    reader = site.reader()
    assert reader.get(f"{HERE}/helpful").status_code == 405
    assert reader.post(f"{HERE}/helpful/thanks").status_code == 405
    assert send(reader, "/articles/nowhere", answer="yes").status_code == 404
    assert reader.get("/articles/nowhere/helpful/thanks").status_code == 404
    site.withdraw(site.publish("old-story"))
    assert send(site.reader(), "/articles/old-story", answer="yes").status_code == 410


def test_a_form_of_an_old_name_is_sent_again_to_the_new_one(site: Site) -> None:
    article = site.publish("new-name")
    site.do(
        lambda session: session.execute(
            sa.text("INSERT INTO articles_former_slug (slug, article_id) VALUES ('old-name', :id)"), {"id": article}
        )
    )
    answer = send(site.reader(), "/en/articles/old-name", answer="yes")
    assert (answer.status_code, answer.headers["Location"]) == (308, "/en/articles/new-name/helpful")


def test_too_many_are_refused_with_a_page(site: Site) -> None:
    reader = site.reader()
    for number in range(MOST_FROM_ONE):
        assert send(reader, answer=("yes", "no")[number % 2]).status_code == 303
    answer = send(reader, f"/en{HERE}", answer="yes")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3600")
    assert "this one was not counted" in answer.get_data(as_text=True)
    assert urlsplit(reader.get(HERE).request.url).path == HERE
    other = {"REMOTE_ADDR": "192.0.2.77"}
    assert reader.post(f"{HERE}/helpful", data={"answer": "yes"}, environ_base=other).status_code == 303
