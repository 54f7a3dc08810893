"""`flask search …`."""

import json

from portal.core.clock import now
from portal.search import services
from portal.search.commands import cli
from tests.search.helpers import a_document, put


def run(app, *words):
    result = app.test_cli_runner().invoke(cli, list(words))
    assert result.exit_code == 0, result.output
    return result


def test_reindex_and_query(app, session):
    put(
        a_document(),
        a_document(audience="elderly", title="老人防诈骗"),
        a_document(slug="b", locale="en", title="Fraud"),
    )
    assert "3 editions indexed" in run(app, "reindex").output
    said = json.loads(run(app, "query", "诈骗", "--audience", "elderly", "--json").stdout)
    assert said["total"] == 1
    assert set(said) == {"results", "total", "took_ms"}
    (hit,) = said["results"]
    assert set(hit) == {"slug", "audience", "locale", "title", "summary", "score", "url"}
    assert hit["url"] == "/elderly/articles/a"
    assert "/en/articles/b" in run(app, "query", "fraud", "--locale", "en").output
    assert "1 found" in run(app, "query", "诈骗").output


def test_query_without_an_index_says_who_answered(app, session):
    put(a_document())
    assert "the database answered" in run(app, "query", "诈骗").output


def test_wrong_options_are_refused(app, session):
    result = app.test_cli_runner().invoke(cli, ["query", "x", "--audience", "cats"])
    assert result.exit_code == 2


def test_misses(app, session):
    assert "Nothing" in run(app, "misses").output
    services.record_miss(session, "葡萄牙菜谱", audience="general", locale="zh-Hans", at=now())
    assert "葡萄牙菜谱" in run(app, "misses").output
