"""The Nu HTML checker finds nothing on any kind of page."""

from __future__ import annotations

import shutil
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from portal.core.settings import ROOT
from tests.journeys.pages import EDITIONS, PAGES, place

JAR = ROOT / "tools" / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
JAVA = shutil.which("java")


def _body(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        return error.read()


def complaints(files: list[Path]) -> list[str]:
    """Return what the checker says about `files`, remarks included."""
    command = [str(JAVA), "-jar", str(JAR), "--format", "gnu", *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    return done.stderr.splitlines()


@pytest.fixture(autouse=True)
def _checker() -> None:
    if JAVA is None:
        pytest.skip("no Java runtime on this machine: the Nu HTML checker needs one")
    if not JAR.exists():
        pytest.skip("the Nu HTML checker is not installed: run `npm ci --prefix tools`")


def test_the_checker_can_find_something(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<!doctype html><html lang=en><title>x</title><p><section></p>", "utf-8")
    assert any(": error: " in line for line in complaints([page]))


def test_every_page_is_valid_html(site: str, tmp_path: Path) -> None:
    files = []
    for locale, audience in EDITIONS:
        for name, path in PAGES.items():
            files.append(tmp_path / f"{locale} {audience} {name}.html")
            files[-1].write_bytes(_body(site + place(path, locale, audience)))
    assert complaints(files) == []
