"""The lines a benchmark prints, and whether every target was met."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field


class Missing(Exception):
    """Something a measurement needs cannot be had here; the text says what and why."""


@dataclass
class Report:
    """Collects results; each is printed as soon as it is known."""

    met: int = 0
    missed: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    def value(
        self, name: str, value: float, unit: str, *, at_least: float | None = None, at_most: float | None = None
    ) -> None:
        """Print one figure; with a bound, also whether it holds."""
        line = f"{name:<58} {value:>10,.3f} {unit}" if abs(value) < 100 else f"{name:<58} {value:>10,.0f} {unit}"
        if at_least is None and at_most is None:
            print(line, flush=True)
            return
        holds = (at_least is None or value >= at_least) and (at_most is None or value <= at_most)
        target = f">= {at_least:g}" if at_least is not None else f"<= {at_most:g}"
        print(f"{line} (target {target}) {'ok' if holds else 'MISSED'}", flush=True)
        if holds:
            self.met += 1
        else:
            self.missed.append(name)

    def skip(self, name: str, reason: str) -> None:
        """Print that something was not measured, and why."""
        print(f"{name:<58} skipped: {reason}", flush=True)
        self.skipped.append(name)

    def note(self, text: str) -> None:
        """Print a remark that helps to judge the figures."""
        print(f"# {text}", flush=True)

    def add(self, other: Report) -> None:
        """Take over the results of a stage."""
        self.met += other.met
        self.missed += other.missed
        self.skipped += other.skipped

    def close(self) -> int:
        """Print the summary; return the exit code."""
        skipped = f", {len(self.skipped)} skipped ({', '.join(self.skipped)})" if self.skipped else ""
        missed = f" ({', '.join(self.missed)})" if self.missed else ""
        print(f"\n{self.met} targets met, {len(self.missed)} missed{missed}{skipped}", flush=True)
        return 1 if self.missed else 0


def paired(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the median of the ratios of figures taken right after one another: what a busy machine cannot bend."""
    return statistics.median(one / other for one, other in zip(ours, theirs, strict=True))
