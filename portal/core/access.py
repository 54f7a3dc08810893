"""Who may call a route. Every route says so; `tests/house/test_routes.py` refuses one that does not.

This module knows neither people nor sessions: `accounts` tells it, at start, how to find out who is asking.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, TypeVar, cast

import flask
from flask import Flask
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.settings import Locale, Permission

__all__ = [
    "Actor",
    "DeskSection",
    "Gate",
    "Permission",
    "actor",
    "install",
    "present",
    "public",
    "requires",
    "requires_token",
]

View = TypeVar("View", bound=Callable[..., Any])

FRESH = timedelta(minutes=10)
"""How long ago a person may have proved who they are before an act that asks for it again."""


@dataclass(frozen=True, slots=True)
class Actor:
    """The person who is asking, as far as a view needs to know."""

    id: int
    name: str
    locale: Locale
    permissions: frozenset[Permission]
    session_id: int
    confirmed_at: datetime
    """When they last proved who they are."""

    def may(self, permission: Permission) -> bool:
        """Return whether the person holds `permission`."""
        return permission in self.permissions


@dataclass(frozen=True, slots=True)
class DeskSection:
    """One word of the desk's menu."""

    label: Callable[[], str]
    endpoint: str
    permission: Permission


@dataclass(slots=True)
class Gate:
    """How this application finds out who is asking, and where it sends who must sign in or confirm."""

    find: Callable[[], Actor | None]
    sign_in: Callable[[], ResponseReturnValue]
    confirm: Callable[[], ResponseReturnValue]
    by_token: Callable[[str], Actor | None] = lambda _token: None


def install(app: Flask, gate: Gate) -> None:
    """Tell `app` how people are recognised."""
    app.extensions["access"] = gate


def actor() -> Actor | None:
    """Return who is asking, looked up once a request; None: nobody has signed in."""
    if "actor" not in flask.g:
        gate: Gate | None = flask.current_app.extensions.get("access")
        flask.g.actor = gate.find() if gate else None
    return cast("Actor | None", flask.g.actor)


def present() -> Actor:
    """Return who is asking, in a view that `requires` somebody."""
    found = actor()
    assert found is not None  # noqa: S101  # `requires` has let them in
    return found


def public(view: View) -> View:
    """Mark a view as open to everybody, without any session."""
    view.access = "public"  # type: ignore[attr-defined]  # mark: read by the house test
    return view


def requires(*permissions: Permission, fresh: bool = False) -> Callable[[View], View]:
    """Let only people call a view who hold every one of `permissions`.

    Whoever has not signed in is sent to do so; whoever lacks a permission gets 403. The answer is never kept by any
    cache.

    Args:
        fresh: the person must have proved who they are within the last ten minutes.
    """
    if not permissions:
        raise ValueError("a guarded view names its permissions")

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(*arguments: Any, **options: Any) -> ResponseReturnValue:
            gate: Gate = flask.current_app.extensions["access"]
            asking = actor()
            if asking is None:
                return gate.sign_in()
            flask.g.locale = asking.locale
            if not asking.permissions.issuperset(permissions):
                flask.abort(403)
            if fresh and clock.now() - asking.confirmed_at > FRESH:
                return gate.confirm()
            answer = flask.make_response(view(*arguments, **options))
            answer.headers.setdefault("Cache-Control", "private, no-store")
            return answer

        guarded.access = permissions  # type: ignore[attr-defined]  # mark: read by the house test
        return cast(View, guarded)

    return guard


def requires_token(permission: Permission) -> Callable[[View], View]:
    """Let only programs call a view that show a token (`Authorization: Bearer …`) of somebody with `permission`.

    No cookie opens such a view, so no page of another site can.
    """

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(*arguments: Any, **options: Any) -> ResponseReturnValue:
            gate: Gate = flask.current_app.extensions["access"]
            kind, _space, token = flask.request.headers.get("Authorization", "").partition(" ")
            asking = gate.by_token(token.strip()) if kind.casefold() == "bearer" and len(token.strip()) == 43 else None
            if asking is None or permission not in asking.permissions:
                status = 401 if asking is None else 403
                answer = flask.make_response(flask.jsonify({"error": {"status": status}}), status)
                if asking is None:
                    answer.headers["WWW-Authenticate"] = "Bearer"
            else:
                flask.g.actor = asking
                answer = flask.make_response(view(*arguments, **options))
            answer.headers["Cache-Control"] = "private, no-store"
            return answer

        guarded.access = (permission,)  # type: ignore[attr-defined]  # mark: read by the house test
        guarded.by_token = True  # type: ignore[attr-defined]  # as above
        return cast(View, guarded)

    return guard
