"""Lighthouse's four scores, as a phone, for the pages that readers open first."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
from pathlib import Path
from typing import Any

from bench import machine, site
from bench.report import Missing, Report

TOOLS = Path(__file__).parent / "tools"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
RUNS = 3
"""The performance score moves with whatever else the machine does; the median is taken."""
TARGET = 98
FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-quic --disable-background-networking"


def run(report: Report) -> None:
    """Print the scores of each page."""
    program = _install()
    chromium = machine.need("chromium", "chromium")
    site.prepare()
    pages = {"home": "/"}
    pages |= {f"article, {edition.strip('/') or 'general'}": edition + site.ARTICLE for edition in site.EDITIONS}
    pages["search"] = "/search?q=%E8%BD%AC%E8%B4%A6"
    with site.portal() as (url, _):
        for name, path in pages.items():
            results = [_audited(program, chromium, url + path) for _ in range(RUNS)]
            for category in CATEGORIES:
                score = statistics.median(result["categories"][category]["score"] * 100 for result in results)
                report.value(f"Lighthouse {category}, {name}", score, "of 100", at_least=TARGET)
                if score < TARGET:
                    report.note("; ".join(_complaints(results[-1], category)))


def _install() -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise Missing("npm is not installed (Debian: apt-get install npm)")
    program = TOOLS / "node_modules" / "lighthouse" / "cli" / "index.js"
    if not program.exists():
        done = subprocess.run(
            [npm, "ci", "--no-audit", "--no-fund"], cwd=TOOLS, check=False, capture_output=True, timeout=600
        )
        if done.returncode:
            raise Missing("`npm ci` failed in bench/tools")
    return program


def _audited(program: Path, chromium: str, url: str) -> dict[str, Any]:
    """Audit once more when the first try met an error of Lighthouse itself (its trace is sometimes not recorded)."""
    try:
        return _audit(program, chromium, url)
    except Missing:
        return _audit(program, chromium, url)


def _audit(program: Path, chromium: str, url: str) -> dict[str, Any]:
    command = [
        shutil.which("node") or "node",
        str(program),
        url,
        "--quiet",
        "--no-enable-error-reporting",
        "--output=json",
        "--output-path=stdout",
        f"--only-categories={','.join(CATEGORIES)}",
        f"--chrome-flags={FLAGS}",
    ]
    environ = {**os.environ, "CHROME_PATH": chromium}
    done = subprocess.run(command, env=environ, check=False, capture_output=True, timeout=180)
    if done.returncode:
        raise Missing(f"Lighthouse failed on {url}: {done.stderr.decode(errors='replace')[-300:]}")
    result: dict[str, Any] = json.loads(done.stdout)
    if result.get("runtimeError"):
        raise Missing(f"Lighthouse failed on {url}: {result['runtimeError'].get('message')}")
    return result


def _complaints(result: dict[str, Any], category: str) -> list[str]:
    audits = result["audits"]
    weighed = [ref["id"] for ref in result["categories"][category]["auditRefs"] if ref["weight"]]
    low = [
        audits[name] for name in weighed if (audits[name]["score"] if audits[name]["score"] is not None else 1) < 0.9
    ]
    return [f"{audit['id']} {audit.get('displayValue', '')}".strip() for audit in low] or ["no single audit below 0.9"]
