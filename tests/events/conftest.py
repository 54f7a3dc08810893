"""What tests of lectures share."""

from __future__ import annotations

from tests.articles.conftest import desk_library

__all__ = ["desk_library"]
