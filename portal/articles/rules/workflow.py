"""The workflow of editions: one answer to "may this person do this to this edition now, and why not".

Four eyes compare people, never roles: whoever wrote any part of a text since its last published revision may neither
approve nor publish it, administrators included. A set of editions is asked about as one: an act is allowed only where
every member allows it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from portal.core.settings import Permission

EMERGENCY_LASTS = timedelta(hours=72)
"""An alert that one reviewer published alone is withdrawn after this time unless another reviewer confirms it."""


class Kind(StrEnum):
    """What an article is."""

    ARTICLE = "article"
    ALERT = "alert"
    """A warning of a new kind of fraud: short, with an end."""


class State(StrEnum):
    """Where the working copy of an edition stands. What the public reads is told by its published revision."""

    DRAFT = "draft"
    IN_REVIEW = "in-review"
    NEEDS_CHANGES = "needs-changes"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class ReviewState(StrEnum):
    """Where a submitted set stands."""

    OPEN = "open"
    CHANGES = "changes"
    """Sent back."""
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    VOID = "void"
    """Taken back, or something in it was changed after it was submitted."""


LIVE = frozenset({ReviewState.OPEN, ReviewState.APPROVED, ReviewState.SCHEDULED})
"""Sets that a change of any of their texts makes void."""


class Act(StrEnum):
    """What a person can do to an edition."""

    EDIT = "edit"
    SUBMIT = "submit"
    TAKE_BACK = "take-back"
    WAIVE = "waive"
    ASK_CHANGES = "ask-changes"
    APPROVE = "approve"
    PUBLISH = "publish"
    SCHEDULE = "schedule"
    UNSCHEDULE = "unschedule"
    WITHDRAW = "withdraw"
    PUBLISH_ALONE = "publish-alone"
    CONFIRM = "confirm"


class Why(StrEnum):
    """Why an act is refused; the screen shows a sentence for each."""

    NO_PERMISSION = "no-permission"
    OWN_TEXT = "own-text"
    WRONG_STATE = "wrong-state"
    NO_TEXT = "no-text"
    NOTHING_NEW = "nothing-new"
    NO_RULES = "no-rules"
    FINDINGS = "findings"
    NOT_PUBLIC = "not-public"
    NOT_AN_ALERT = "not-an-alert"
    NO_EMERGENCY = "no-emergency"
    NO_END = "no-end"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who acts."""

    id: int
    name: str
    permissions: frozenset[Permission]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an edition stands, as far as the rules need to know."""

    state: State = State.DRAFT
    authors: frozenset[int] = frozenset()
    """Everybody who wrote any part since the last published revision."""
    has_text: bool = True
    has_news: bool = True
    """The working copy differs from what the public reads."""
    is_public: bool = False
    has_rules: bool = True
    """There are rules to check by; without any, nothing may pass as checked."""
    blocking: int = 0
    """Findings of the check that keep it back and that nobody has waived."""
    kind: Kind = Kind.ARTICLE
    has_end: bool = True
    """An alert says until when it stands."""
    alone_by: int | None = None
    """Who published it alone, while nobody has confirmed it."""


NEXT: dict[tuple[State, Act], State] = {
    **{(state, Act.EDIT): State.DRAFT for state in State},
    (State.NEEDS_CHANGES, Act.EDIT): State.NEEDS_CHANGES,
    (State.DRAFT, Act.SUBMIT): State.IN_REVIEW,
    (State.NEEDS_CHANGES, Act.SUBMIT): State.IN_REVIEW,
    (State.WITHDRAWN, Act.SUBMIT): State.IN_REVIEW,
    (State.PUBLISHED, Act.SUBMIT): State.IN_REVIEW,
    (State.IN_REVIEW, Act.TAKE_BACK): State.DRAFT,
    (State.APPROVED, Act.TAKE_BACK): State.DRAFT,
    (State.IN_REVIEW, Act.WAIVE): State.IN_REVIEW,
    (State.DRAFT, Act.WAIVE): State.DRAFT,
    (State.NEEDS_CHANGES, Act.WAIVE): State.NEEDS_CHANGES,
    (State.IN_REVIEW, Act.ASK_CHANGES): State.NEEDS_CHANGES,
    (State.APPROVED, Act.ASK_CHANGES): State.NEEDS_CHANGES,
    (State.IN_REVIEW, Act.APPROVE): State.APPROVED,
    (State.APPROVED, Act.PUBLISH): State.PUBLISHED,
    (State.SCHEDULED, Act.PUBLISH): State.PUBLISHED,
    (State.APPROVED, Act.SCHEDULE): State.SCHEDULED,
    (State.SCHEDULED, Act.UNSCHEDULE): State.APPROVED,
    (State.DRAFT, Act.PUBLISH_ALONE): State.PUBLISHED,
    (State.NEEDS_CHANGES, Act.PUBLISH_ALONE): State.PUBLISHED,
    (State.IN_REVIEW, Act.PUBLISH_ALONE): State.PUBLISHED,
    (State.APPROVED, Act.PUBLISH_ALONE): State.PUBLISHED,
    **{(state, Act.WITHDRAW): state for state in State},
    (State.PUBLISHED, Act.WITHDRAW): State.WITHDRAWN,
    (State.PUBLISHED, Act.CONFIRM): State.PUBLISHED,
}
"""Where each act leads; a pair that is absent is not possible."""

PERMISSIONS: dict[Act, Permission] = {
    Act.EDIT: Permission.WRITE,
    Act.SUBMIT: Permission.WRITE,
    Act.TAKE_BACK: Permission.WRITE,
    **{act: Permission.REVIEW for act in Act if act not in (Act.EDIT, Act.SUBMIT, Act.TAKE_BACK)},
}
BY_ANOTHER = frozenset({Act.WAIVE, Act.ASK_CHANGES, Act.APPROVE, Act.PUBLISH, Act.SCHEDULE})
"""Acts that nobody does to a text that they wrote any part of."""
FORWARD = frozenset({Act.SUBMIT, Act.APPROVE, Act.PUBLISH, Act.SCHEDULE, Act.PUBLISH_ALONE})
"""Acts that bring a text nearer to the public; the check must hold nothing against it."""


def why_not(act: Act, person: Person, standing: Standing) -> Why | None:
    """Return why `person` may not do `act` to an edition that stands so; None: they may."""
    if PERMISSIONS[act] not in person.permissions:
        return Why.NO_PERMISSION
    if act is Act.WITHDRAW:
        return None if standing.is_public else Why.NOT_PUBLIC
    if act is Act.CONFIRM:
        if standing.alone_by is None:
            return Why.NO_EMERGENCY
        return Why.OWN_TEXT if person.id == standing.alone_by or person.id in standing.authors else None
    if (standing.state, act) not in NEXT:
        return Why.WRONG_STATE
    if act in BY_ANOTHER and person.id in standing.authors:
        return Why.OWN_TEXT
    if act is Act.PUBLISH_ALONE and standing.kind is not Kind.ALERT:
        return Why.NOT_AN_ALERT
    if act in FORWARD:
        if not standing.has_text:
            return Why.NO_TEXT
        if standing.kind is Kind.ALERT and not standing.has_end:
            return Why.NO_END
        if act is Act.SUBMIT and not standing.has_news:
            return Why.NOTHING_NEW
        if not standing.has_rules:
            return Why.NO_RULES
        if standing.blocking:
            return Why.FINDINGS
    return None


def why_not_all(act: Act, person: Person, standings: Iterable[Standing]) -> Why | None:
    """Return the first reason why `person` may not do `act` to a whole set; None: to every member they may.

    The authors of any member count for all of them: a set is approved as one text.
    """
    members = list(standings)
    authors = frozenset().union(*(member.authors for member in members))
    for member in members:
        if (reason := why_not(act, person, replace(member, authors=authors))) is not None:
            return reason
    return None if members else Why.NO_TEXT


def next_state(state: State, act: Act) -> State:
    """Return the state after an allowed act.

    Raises:
        KeyError: the act is not possible in this state.
    """
    return NEXT[state, act]
