"""What answers before and after come to, as programs read it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from portal.metrics.rules.intervals import Estimate
from portal.metrics.rules.targets import Target
from portal.metrics.rules.uplift import ItemChange, Person, Uplift, uplift
from portal.metrics.rules.verdicts import LEAST, Unit

Json = dict[str, Any]


def measured(people: Iterable[Person], target: Target | None) -> tuple[Uplift, Json]:
    """Return what answers before and after come to by the target of a quarter: as it is judged and as it is stored."""
    least = LEAST if target is None or target.least is None else target.least
    if target is None:
        found = uplift(people, least=least)
    else:
        found = uplift(people, least=least, target=target.value, unit=Unit(target.unit.value))
    return found, to_json(found, least=least)


def to_json(found: Uplift, *, least: int) -> Json:
    """Return an uplift for `json.dumps`.

    `…_percent` are from 0 to 100 and `…_pp` are percentage points; `relative`, `gain` and `target` are shares of 1. A
    figure that too few people answered for is null.
    """
    judgement, clusters = found.judgement, found.clusters
    return {
        "n_pre": found.n_pre,
        "n_post": found.n_post,
        "n_matched": found.n_matched,
        "pre_percent": _percent(found.before),
        "post_percent": _percent(found.after),
        "difference_pp": estimate(found.pp.scaled(100)),
        "relative": estimate(found.relative),
        "gain": estimate(found.gain),
        "verdict": judgement.verdict.value,
        "target": {
            "value": judgement.target,
            "unit": judgement.unit.value,
            "least_matched": least,
            "replaced_at_ceiling": judgement.at_ceiling,
        },
        "control_pp": estimate(found.control.scaled(100)),
        "net_pp": estimate(found.net.scaled(100)),
        "unlinked": {
            "n_pre": found.unlinked_pre,
            "n_post": found.unlinked_post,
            "difference_pp": estimate(found.independent.scaled(100)),
        },
        "attrition": {
            "matched_share": found.attrition.share,
            "kept_pre_percent": _percent(found.attrition.kept_before),
            "lost_pre_percent": _percent(found.attrition.lost_before),
            "difference_pp": estimate(found.attrition.difference.scaled(100)),
        },
        "lectures": None
        if clusters is None
        else {
            "count": clusters.lectures,
            "seed": clusters.seed,
            "rounds": clusters.rounds,
            "difference_pp": _bounds(clusters.pp.scaled(100)),
            "relative": _bounds(clusters.relative),
            "gain": _bounds(clusters.gain),
        },
        "items": [_item(one) for one in found.items],
        "warnings": [one.value for one in found.warnings],
    }


def estimate(one: Estimate) -> Json:
    """Return an estimate for `json.dumps`."""
    return {"value": one.value, "low": one.low, "high": one.high}


def _bounds(one: Estimate) -> Json:
    return {"low": one.low, "high": one.high}


def _item(one: ItemChange) -> Json:
    table = one.table
    return {
        "item": one.item,
        "n": table.n,
        "right_both": table.both,
        "gained": table.gained,
        "lost": table.lost,
        "wrong_both": table.neither,
        "change_pp": estimate(one.change.scaled(100)),
        "mcnemar_p": one.p,
    }


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share
