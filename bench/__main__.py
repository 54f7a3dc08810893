"""`python -m bench [NAME …]`: measure, print, and exit with 1 when a target is missed."""

from __future__ import annotations

import importlib
import importlib.util
import subprocess
import sys
import urllib.error

from bench.report import Missing, Report

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
    for name in names or STAGES:
        print(f"\n== {name}", flush=True)
        if importlib.util.find_spec(f"bench.{name}") is None:
            report.skip(name, f"bench/{name}.py does not exist")
            continue
        try:
            importlib.import_module(f"bench.{name}").run(report)
        except (Missing, ImportError, subprocess.SubprocessError, urllib.error.URLError) as reason:
            report.skip(name, str(reason))
    return report.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
