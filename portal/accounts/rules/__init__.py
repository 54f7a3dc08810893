"""What is allowed: roles, passwords, limits, and the lives of sessions and links."""

from portal.accounts.rules.agents import browser
from portal.accounts.rules.limits import LIMITS, Kind, Limit, Scope, network, wait
from portal.accounts.rules.passwords import LONGEST, SHORTEST, Weakness, folded, weakness
from portal.accounts.rules.people import EMAIL_LIMIT, NAME_LIMIT, Obstacle, obstacle_to_disabling, obstacle_to_roles
from portal.accounts.rules.roles import ROLES, Role, needs_second_factor, permissions
from portal.accounts.rules.sessions import (
    ABSOLUTE,
    CODE_STEPS,
    HALF,
    IDLE,
    LINK_LIFE,
    PASSKEYS,
    RECOVERY_CODES,
    RENEW_EVERY,
    Purpose,
    Stage,
    is_live,
    recovery_code,
    tidy_code,
)

__all__ = [
    "ABSOLUTE",
    "CODE_STEPS",
    "EMAIL_LIMIT",
    "HALF",
    "IDLE",
    "LIMITS",
    "LINK_LIFE",
    "LONGEST",
    "NAME_LIMIT",
    "PASSKEYS",
    "RECOVERY_CODES",
    "RENEW_EVERY",
    "ROLES",
    "SHORTEST",
    "Kind",
    "Limit",
    "Obstacle",
    "Purpose",
    "Role",
    "Scope",
    "Stage",
    "Weakness",
    "browser",
    "folded",
    "is_live",
    "needs_second_factor",
    "network",
    "obstacle_to_disabling",
    "obstacle_to_roles",
    "permissions",
    "recovery_code",
    "tidy_code",
    "wait",
    "weakness",
]
