"""A report as one long table: a line a figure, for statistics programs. Keys are stable, notes are for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from portal.metrics.rules import words
from portal.metrics.rules.report import Report
from portal.metrics.rules.words import labels
from portal.metrics.rules.words.labels import label
from portal.metrics.services.exporting.closing import Closing
from portal.metrics.services.exporting.tables import inner

HEAD = ("section", "key", "dimension", "value", "low", "high", "n", "unit", "note")


class Line(NamedTuple):
    """One figure; what is unknown or hidden is empty."""

    section: str
    key: str
    dimension: str = ""
    value: object = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    unit: str = ""
    note: str = ""


def lines(report: Report, narrative: Mapping[str, str], closing: Closing) -> Iterator[Line]:
    """Return a report line by line."""
    for key in ("quarter", "zone", "begins", "ends", "as_of", "is_over", "demo", "format", "definitions"):
        yield Line(
            "report", key, value=_plain(report[key]), note="演示数据" if key == "demo" and report["demo"] else ""
        )
    yield from _verdicts(report)
    for kind, count in report["attendance"].items():
        yield Line("attendance", kind, value=count, unit="count", note=label(labels.ATTENDANCE, kind))
    yield from _breakdowns(report)
    yield from _satisfaction(report)
    yield from _awareness("awareness", report["awareness"])
    yield from _awareness("follow_up", report["awareness"].get("follow_up") or {})
    for number, survey in enumerate(report.get("surveys", []), 1):
        section, who = f"survey_{number}", f"签字 {survey['signer']}；收录 {survey['taken_by']} {survey['taken_at']}"
        yield Line(section, "name", survey["digest"], survey["name"], n=survey["rows"], note=who)
        yield Line(section, "verdict", value=survey["found"]["verdict"])
        yield from _awareness(section, survey["found"])
    for kind, found in report["articles"].items():
        yield Line("articles", kind, value=found, unit="count", note=label(labels.ARTICLES, kind))
    yield from _reading(report)
    yield from _rows(report)
    for measure, series in report["series"].items():
        unit = _units(report).get(measure, "count")
        for point in series:
            yield Line(
                "series", measure, point["quarter"], point["value"], point["low"], point["high"], point["n"], unit
            )
    yield from _told(report, narrative, closing)


def _plain(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value


def _units(report: Report) -> dict[str, str]:
    return {line["measure"]: words.judged(report, line).unit for line in report["verdicts"]}


def _verdicts(report: Report) -> Iterator[Line]:
    for line in report["verdicts"]:
        by, measure = words.judged(report, line), line["measure"]
        said = words.sentence(report, line)
        yield Line("verdicts", measure, line["verdict"], by.value, by.low, by.high, line["n"], by.unit, said)
        note = words.rule(report, line)
        yield Line("targets", measure, line["since"], line["target"], n=line["least"], unit=line["unit"], note=note)


def _breakdowns(report: Report) -> Iterator[Line]:
    for dimension, rows in report["breakdowns"].items():
        for row in rows:
            place, note = f"{dimension}:{row['key']}", row["label"] + ("（隐去）" if row["hidden"] else "")
            shown = not row["hidden"]
            yield Line("breakdowns", "lectures", place, row["lectures"], unit="count", note=note)
            there = row["person_times"] if shown else None
            yield Line("breakdowns", "person_times", place, there, unit="count", note=note)
            if not shown:
                yield Line("breakdowns", "satisfaction", place, unit="share", note=note)
                continue
            share = row["share"]
            bounds = (share["value"], share["low"], share["high"])
            yield Line("breakdowns", "satisfaction", place, *bounds, row["answers"], "share", note)


def _satisfaction(report: Report) -> Iterator[Line]:
    found = report["satisfaction"]
    share = found["share"]
    yield Line("satisfaction", "share", "", share["value"], share["low"], share["high"], found["n"], "share")
    yield Line("satisfaction", "satisfied", value=found["satisfied"], unit="count")
    for key, count in found["levels"].items():
        yield Line("satisfaction", "level", key, count, unit="count", note=label(labels.LEVELS, key))


_AWARENESS = {
    "n_pre": "count", "n_post": "count", "n_matched": "count", "mixed": "count", "pre_percent": "percent",
    "post_percent": "percent", "difference_pp": "pp", "relative": "relative", "gain": "gain", "control_pp": "pp",
    "net_pp": "pp", "attrition.matched_share": "share", "attrition.kept_pre_percent": "percent",
    "attrition.lost_pre_percent": "percent", "attrition.difference_pp": "pp", "unlinked.n_pre": "count",
    "unlinked.n_post": "count", "unlinked.difference_pp": "pp", "lectures.count": "count", "lectures.seed": "seed",
    "lectures.rounds": "count",
}  # fmt: skip
"""Keys of awareness and their units. A `difference_pp` of `unlinked` stands on those answers, not on the pairs."""


def _awareness(section: str, found: dict[str, Any]) -> Iterator[Line]:
    n = found.get("n_matched")
    for key, unit in _AWARENESS.items():
        one = inner(found, key)
        if isinstance(one, dict):
            pairs = None if "." in key else n
            yield Line(section, key, "", one.get("value"), one.get("low"), one.get("high"), pairs, unit)
        elif key.partition(".")[0] in found:
            yield Line(section, key, value=one, unit=unit)
    for when, rates in (found.get("detection") or {}).items():
        for rate in ("hit_rate", "false_alarm_rate"):
            if rates and rate in rates:
                yield Line(section, rate, when, rates[rate], unit="share")
    for one in found.get("items") or []:
        change = one["change_pp"]
        cells = (change["value"], change["low"], change["high"])
        tally = "，".join(f"{kind}={one[kind]}" for kind in ("right_both", "gained", "lost", "wrong_both"))
        yield Line(section, "item", str(one["item"]), *cells, one["n"], "pp", f"{tally}，mcnemar_p={one['mcnemar_p']}")


def _reading(report: Report) -> Iterator[Line]:
    for one in report["reading"]:
        place = f"{one['audience']}:{one['locale']}"
        counts = (one["reads"], one["completions"], one["helpful_yes"], one["helpful_no"])
        for key, count in zip(("reads", "completions", "helpful_yes", "helpful_no"), counts, strict=True):
            yield Line("reading", key, place, count, unit="count")
    found = report["search"]
    for key in ("searches", "nothing"):
        yield Line("search", key, value=found.get(key), unit="count")
    for key in ("terms", "nothing_terms"):
        for term in found.get(key, []):
            yield Line("search", key, term["term"], term["times"], unit="count")


def _rows(report: Report) -> Iterator[Line]:
    for quiz in report["quizzes"]:
        counts = (quiz["finished"], quiz["passed"])
        for key, count in zip(("finished", "passed"), counts, strict=True):
            yield Line("quizzes", key, quiz["slug"], count, unit="count", note=quiz["title"])
        mean = quiz["mean_percent"]
        yield Line(
            "quizzes", "mean_percent", quiz["slug"], mean, n=quiz["finished"], unit="percent", note=quiz["title"]
        )
    for entry in report["entries"]:
        who = f"来源 {entry['source']}；签字 {entry['signer']}；填报 {entry['entered_by']} {entry['entered_at']}"
        yield Line("entries", entry["measure"], "numerator", entry["numerator"], unit="count", note=who)
        yield Line("entries", entry["measure"], "denominator", entry["denominator"], unit="count", note=who)
    for one in report["ledger"]:
        place, title = one["slug"], one["title"]
        said = ("starts_at", "audience", "topic", "district", "branch", "campaign", "mode")
        yield Line("ledger", "title", place, title)
        for key in said:
            yield Line("ledger", key, place, one[key], note=title)  # type: ignore[literal-required]  # keys of Activity
        for key in ("person_times", "online", "answers", "materials", "cost_cents"):
            yield Line("ledger", key, place, one[key], unit="count", note=title)  # type: ignore[literal-required]  # as above
        yield Line(
            "ledger", "satisfied_percent", place, one["satisfied_percent"], n=one["answers"], unit="percent", note=title
        )
        yield Line("ledger", "evidence", place, " ".join(one["evidence"]), note=title)


def _told(report: Report, narrative: Mapping[str, str], closing: Closing) -> Iterator[Line]:
    for key, text in sorted(narrative.items()):
        yield Line("narrative", key, value=text)
    for number, text in enumerate(words.caveats(report), 1):
        yield Line("caveats", str(number), value=text)
    for key, text in words.methods(report):
        yield Line("methods", key, value=text)
    yield Line("closing", "state", value=closing.state.value, note=labels.STATES[closing.state.value])
    for key, who, when in (
        ("closed", closing.closed_by, closing.closed_at),
        ("confirmed", closing.confirmed_by, closing.confirmed_at),
    ):
        if when is not None:
            yield Line("closing", key, when.isoformat(), who)
    if closing.digest:
        yield Line("closing", "digest", value=closing.digest)
    for amendment in closing.amendments:
        yield Line("amendments", amendment.at.isoformat(), amendment.by, amendment.text)
