"""How the sources themselves are kept: short files, explained suppressions, no addresses of registries."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from portal.core.settings import Settings
from portal.core.web import desk_stylesheet_files, stylesheet_files
from tests.house.files import ROOT, shown, tracked

LONGEST = 400
SUPPRESSION = re.compile(r"#\s*(noqa|type:\s*ignore|nosec|fmt:\s*skip|pragma)\b([^#\n]*)(#\s*\S.*)?")
REGISTRY = re.compile(
    r"files\.pythonhosted|pypi\.org|registry\.npmjs|deb\.debian|npmmirror|tuna\.tsinghua", re.IGNORECASE
)


@pytest.mark.parametrize("path", tracked("*.py", "*.css", "*.js", "*.html", "*.sh"), ids=shown)
def test_no_file_is_longer_than_a_person_reads_at_once(path: Path) -> None:
    if "vendor" in path.parts:
        pytest.skip("not ours")
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST


def unexplained(text: str) -> list[str]:
    found = []
    for line in text.splitlines():
        match = SUPPRESSION.search(line)
        if match and match[1] != "fmt: skip" and not match[3]:
            found.append(line.strip())
    return found


@pytest.mark.parametrize("path", tracked("portal/*.py", "migrations/env.py", "wsgi.py"), ids=shown)
def test_every_suppression_says_why(path: Path) -> None:
    assert unexplained(path.read_text("utf-8")) == []


def test_the_check_knows_its_counterexample() -> None:
    assert unexplained("x = 1  # noqa: S101") == ["x = 1  # noqa: S101"]
    assert unexplained("x = 1  # type: ignore[misc]") == ["x = 1  # type: ignore[misc]"]
    assert unexplained("x = 1  # noqa: S101  # narrows an optional") == []


@pytest.mark.parametrize("path", tracked("*.txt", "*.json", "*.toml", "*.in", "Makefile", ".npmrc"), ids=shown)
def test_no_file_records_the_address_of_a_registry(path: Path) -> None:
    assert REGISTRY.findall(path.read_text("utf-8")) == []


def test_every_pin_has_a_hash() -> None:
    for path in tracked("requirements/*.txt"):
        entries = re.split(r"\n(?=\S)", path.read_text("utf-8").strip())
        assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == [], shown(path)


def test_the_readme_names_every_setting() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    missing = [name for name in Settings.__dataclass_fields__ if f"PORTAL_{name.upper()}" not in readme]
    assert missing == []


def test_every_stylesheet_is_part_of_the_one_that_is_served() -> None:
    assert {*stylesheet_files(), *desk_stylesheet_files()} == set(tracked("static/css/*.css"))
