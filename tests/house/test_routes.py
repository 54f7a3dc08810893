"""Every route says who may call it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask
from werkzeug.routing import Map, MapAdapter, Rule

from portal.core.access import public


def unguarded(views: Iterable[tuple[str, Callable[..., Any]]]) -> list[str]:
    return [name for name, view in views if not getattr(view, "access", None)]


def test_every_route_has_a_permission_or_is_public(app: Flask) -> None:
    views = [(name, view) for name, view in app.view_functions.items() if name != "static"]
    assert len(views) > 15
    assert unguarded(views) == []


def test_the_check_knows_its_counterexample() -> None:
    def bare() -> None: ...

    @public
    def marked() -> None: ...

    assert unguarded([("bare", bare), ("marked", marked)]) == ["bare"]


PUBLIC_WRITES = {
    "quizzes.begin",
    "quizzes.resume",
    "quizzes.answer",
    "quizzes.answer_all",
    "quizzes.finish",
    "quizzes.again",
    "contests.begin",
    "contests.enter",
    "contests.withdraw",
    "accounts.sign_in",
    "accounts.code",
    "accounts.sign_in_by_passkey",
    "accounts.reset",
    "accounts.link",
    "reading.asked",
    "reading.completed",
    "reading.helpful",
    "reading.read",
    "rewards.certificate",
    "cards.quiz",
    "feedback.by_code",
    "feedback.by_link",
    "registering.register",
    "registering.register_group",
    "own.accept",
    "own.pass_on",
    "own.cancel",
    "own.seats",
    "own.correct",
    "own.copy",
    "own.withdraw",
    "own.erase",
    "own.code",
    "guardians.guardian",
    "guardians.refuse",
}
"""The public views that take a POST; each is here on purpose."""


def test_public_pages_take_nothing_but_what_is_listed(app: Flask) -> None:
    methods = {rule.endpoint: rule.methods for rule in app.url_map.iter_rules() if rule.endpoint != "static"}
    writing = {name for name, allowed in methods.items() if allowed and allowed - {"GET", "HEAD", "OPTIONS"}}
    assert {name for name in writing if getattr(app.view_functions[name], "access", None) == "public"} == PUBLIC_WRITES


def test_everything_guarded_lives_under_the_desk(app: Flask) -> None:
    guarded = [
        rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static" and app.view_functions[rule.endpoint].access != "public"  # type: ignore[attr-defined]
    ]
    by_token = {rule.rule for rule in guarded if getattr(app.view_functions[rule.endpoint], "by_token", False)}
    assert [one for one in sorted(by_token) if not one.startswith("/api/v1/")] == []
    assert [rule.rule for rule in guarded if rule.rule not in by_token and not rule.rule.startswith("/desk/")] == []


def test_every_parameter_in_an_address_has_a_type(app: Flask) -> None:
    untyped = [
        (rule.rule, name)
        for rule in app.url_map.iter_rules()
        for name, converter in rule._converters.items()
        if type(converter).__name__ == "UnicodeConverter"
    ]
    assert untyped == []


def test_addresses_are_those_of_werkzeugs_own_rules(app: Flask) -> None:
    """Ours are made late; what they make must not differ, also with a query."""
    plain = Map(converters=app.url_map.converters)
    for rule in app.url_map.iter_rules():
        made = Rule(rule.rule, endpoint=rule.endpoint, methods=rule.methods, defaults=rule.defaults)
        plain.add(made)
    ours, theirs = (rules.bind("localhost") for rules in (app.url_map, plain))
    values = {"locale": "en", "audience": "youth", "self": "a b", "values": "稳", "rule": "1"}
    asked: list[tuple[str, dict[str, Any]]] = []

    def built(adapter: MapAdapter) -> list[str]:
        told = []
        for endpoint, given in asked:
            try:
                told.append(adapter.build(endpoint, given))
            except ValueError as problem:
                told.append(repr(problem))
        return told

    for rule in app.url_map.iter_rules():
        filled = {name: values.get(name, 7 if "max=" in rule.rule else "a-b") for name in rule.arguments}
        for unknown in ({}, {name: value for name, value in values.items() if name not in rule.arguments}):
            asked.append((rule.endpoint, {**filled, **unknown}))
    assert len(asked) > 900
    assert built(ours) == built(theirs)
    assert sum("%E7%A8%B3" in made for made in built(ours)) > 400
