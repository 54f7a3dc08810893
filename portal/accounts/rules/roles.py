"""Roles and what each may do."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from portal.core.settings import Permission


class Role(StrEnum):
    """What a member of staff is there for; a person may hold several."""

    AUTHOR = "author"
    REVIEWER = "reviewer"
    ORGANISER = "organiser"
    ANALYST = "analyst"
    ADMINISTRATOR = "administrator"


ROLES: dict[Role, frozenset[Permission]] = {
    Role.AUTHOR: frozenset({Permission.DESK, Permission.WRITE}),
    Role.REVIEWER: frozenset({Permission.DESK, Permission.WRITE, Permission.REVIEW}),
    Role.ORGANISER: frozenset({Permission.DESK, Permission.ORGANISE}),
    Role.ANALYST: frozenset({Permission.DESK, Permission.ANALYSE}),
    # Whoever looks after the people neither writes nor approves, unless that role is given to them as well.
    Role.ADMINISTRATOR: frozenset(
        {
            Permission.DESK,
            Permission.MANAGE_PEOPLE,
            Permission.READ_AUDIT,
            Permission.MOVE_CONTENT,
            Permission.ANALYSE,
        }
    ),
}
"""The whole table of permissions."""


def permissions(roles: Iterable[str]) -> frozenset[Permission]:
    """Return everything that a person with these roles may do; a word that is no role gives nothing."""
    known = [Role(name) for name in roles if name in set(Role)]
    return frozenset().union(*(ROLES[role] for role in known))


def needs_second_factor(roles: Iterable[str]) -> bool:
    """Return whether a person with these roles must have a second factor before they may do anything."""
    return not {Role.REVIEWER, Role.ADMINISTRATOR}.isdisjoint(roles)
