"""What nobody may do to people's accounts, administrators included."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from portal.accounts.rules.roles import Role

EMAIL_LIMIT = 254
NAME_LIMIT = 60


class Obstacle(StrEnum):
    """Why something cannot be done."""

    NO_ROLE = "no-role"
    OWN_ADMINISTRATOR = "own-administrator"
    LAST_ADMINISTRATOR = "last-administrator"
    OWN_ACCOUNT = "own-account"
    TAKEN = "taken"


def obstacle_to_roles(
    *, by_id: int | None, person_id: int, old: Collection[str], new: Collection[str], other_administrators: int
) -> Obstacle | None:
    """Return why `by_id` (None: the command line) cannot give a person the roles `new`; None: they can."""
    if not new or any(name not in set(Role) for name in new):
        return Obstacle.NO_ROLE
    loses = Role.ADMINISTRATOR in old and Role.ADMINISTRATOR not in new
    if loses and by_id == person_id:
        return Obstacle.OWN_ADMINISTRATOR
    if loses and not other_administrators:
        return Obstacle.LAST_ADMINISTRATOR
    return None


def obstacle_to_disabling(
    *, by_id: int | None, person_id: int, roles: Collection[str], other_administrators: int
) -> Obstacle | None:
    """Return why `by_id` cannot disable a person; None: they can."""
    if by_id == person_id:
        return Obstacle.OWN_ACCOUNT
    if Role.ADMINISTRATOR in roles and not other_administrators:
        return Obstacle.LAST_ADMINISTRATOR
    return None
