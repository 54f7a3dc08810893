"""Which answers before and after may be compared: of one card, to the same questions or to two forms of a test."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from portal.events.rules.attendance import Wave
from portal.metrics.rules.inputs import Answers, CardAnswers, Sitting
from portal.metrics.rules.uplift import Person


def people(answers: Answers, *, after: Wave = Wave.POST) -> tuple[list[Person], int]:
    """Return everybody who answered before or at `after`, and how many complete pairs were refused.

    Pairs of a lecture are refused together where a quiz was changed between its people's answers: what rose would be
    the questions. A card is one person; answers with two cards are never put together.
    """
    by_lecture: defaultdict[int, list[CardAnswers]] = defaultdict(list)
    for card in answers.cards:
        if Wave.PRE in card.waves or after in card.waves:
            by_lecture[card.event_id].append(card)
    found: list[Person] = []
    mixed = 0
    for cards in by_lecture.values():
        refused = _is_mixed(answers, cards, after)
        for card in cards:
            first, second = card.waves.get(Wave.PRE), card.waves.get(after)
            if first is not None and second is not None and (refused or not _same_test(answers, first, second)):
                mixed += 1
            else:
                found.append(_person(card.event_id, first, second))
    return found, mixed


def _is_mixed(answers: Answers, cards: Iterable[CardAnswers], after: Wave) -> bool:
    """Whether one quiz was taken in two versions."""
    versions: defaultdict[int, set[int]] = defaultdict(set)
    for card in cards:
        for wave in (Wave.PRE, after):
            sitting = card.waves.get(wave)
            if sitting is not None:
                versions[answers.versions[sitting.version_id].quiz_id].add(sitting.version_id)
    return any(len(found) > 1 for found in versions.values())


def _same_test(answers: Answers, first: Sitting, second: Sitting) -> bool:
    one, other = (answers.versions[sitting.version_id] for sitting in (first, second))
    return first.version_id == second.version_id or (
        one.quiz_id != other.quiz_id and one.pair != "" and one.pair == other.pair
    )


def _person(event_id: int, first: Sitting | None, second: Sitting | None) -> Person:
    return Person(
        before=first.share if first else None,
        after=second.share if second else None,
        lecture=str(event_id),
        control_before=first.control if first else None,
        control_after=second.control if second else None,
        items_before=first.right if first else {},
        items_after=second.right if second else {},
    )
