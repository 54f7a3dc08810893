"""The map of routes that applications of a test process share is each one's own all the same."""

from __future__ import annotations

import pytest
from werkzeug.exceptions import NotFound
from werkzeug.routing import Rule

from tests.routes import SharedMap


def routes(*paths: str) -> SharedMap:
    made = SharedMap()
    for path in paths:
        made.add(Rule(path, endpoint=path))
    return made


def found(made: SharedMap, path: str) -> str:
    return str(made.bind("localhost").match(path)[0])


def test_a_route_of_one_application_is_no_route_of_another() -> None:
    one, other = routes("/a", "/b/<int:n>"), routes("/a", "/b/<int:n>")
    assert (found(one, "/b/1"), found(other, "/b/1")) == ("/b/<int:n>",) * 2
    assert one._matcher is other._matcher
    one.add(Rule("/c", endpoint="/c"))
    assert (found(one, "/c"), found(one, "/a")) == ("/c", "/a")
    with pytest.raises(NotFound):
        found(other, "/c")
    assert found(other, "/a") == "/a"


def test_routes_that_differ_in_their_methods_alone_are_not_shared() -> None:
    one, other = SharedMap(), SharedMap()
    one.add(Rule("/a", endpoint="a", methods=["GET"]))
    other.add(Rule("/a", endpoint="a", methods=["POST"]))
    assert sorted(one.bind("localhost").allowed_methods("/a")) == ["GET", "HEAD"]
    assert other.bind("localhost").allowed_methods("/a") == ["POST"]
