"""`python -m bench [NAME …]`: measure, print, and exit with 1 when a target is missed."""

from __future__ import annotations

import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor

from bench.report import Report
from bench.stage import stage

STAGES = (
    "serving",
    "slow",
    "search",
    "prose",
    "lint",
    "hostile",
    "statistics",
    "answering",
    "registering",
    "importing",
    "quizzes_import",
    "quizzes_figures",
    "events_door",
    "events_list",
    "counting",
    "quarter",
    "weight",
    "lighthouse",
)
"""Modules of this package with `run(report)`; one that does not exist yet is told as skipped."""


def main(names: list[str]) -> int:
    """Run the named stages, or all."""
    report = Report()
    unknown = set(names) - set(STAGES)
    if unknown:
        print(f"Unknown: {', '.join(sorted(unknown))}. There are: {', '.join(STAGES)}.")
        return 2
    # A process for each: Linux counts as a process's memory what the one that started it held at that moment, and what
    # one stage has loaded or filled is not the next one's.
    apart = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=apart, max_tasks_per_child=1) as stages:
        for name in names or STAGES:
            report.add(stages.submit(stage, name).result())
    return report.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
