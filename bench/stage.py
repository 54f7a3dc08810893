"""One stage of the benchmark: here and not in `__main__`, which a fresh process does not load."""

from __future__ import annotations

import importlib
import importlib.util
import subprocess
import urllib.error

from bench.report import Missing, Report


def stage(name: str) -> Report:
    """Run one stage; return its results."""
    report = Report()
    print(f"\n== {name}", flush=True)
    if importlib.util.find_spec(f"bench.{name}") is None:
        report.skip(name, f"bench/{name}.py does not exist")
        return report
    try:
        importlib.import_module(f"bench.{name}").run(report)
    except (Missing, ImportError, subprocess.SubprocessError, urllib.error.URLError) as reason:
        report.skip(name, str(reason))
    return report
