"""Who may call a route. Every route says so; `tests/house/test_routes.py` refuses one that does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])


def public(view: View) -> View:
    """Mark a view as open to everybody, without any session."""
    view.access = "public"  # type: ignore[attr-defined]  # mark: read by the house test and the route guard
    return view
