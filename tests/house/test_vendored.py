"""What others wrote and this site serves is what was reviewed, byte by byte, with its licence beside it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.house.files import ROOT

VENDORED = sorted((ROOT / "static" / "vendor").iterdir())


@pytest.mark.parametrize("folder", VENDORED, ids=lambda folder: folder.name)
def test_vendored_files_are_those_that_were_reviewed(folder: Path) -> None:
    listed = {}
    for line in (folder / "SHA256SUMS").read_text("ascii").splitlines():
        digest, name = line.split()
        listed[name] = digest
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    del found["SHA256SUMS"]
    assert found == listed
    assert "LICENSE" in found


def test_there_is_something_to_check() -> None:
    assert len(VENDORED) >= 2
