"""Cutting Chinese into words.

`rjieba`'s dictionary costs 35 MB a process, and importing the package in the ordinary way loads it at once. Only texts
need it, and only the writer of the index cuts texts. A question is cut with the words that the index has, which are the
only ones that it could find: about 1 MB for 10,000 words.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib import util
from pathlib import Path
from typing import Any, Protocol


class Segmenter(Protocol):
    """What is used of `rjieba.Jieba`; safe to use from several threads."""

    def cut(self, text: str, hmm: bool = True) -> list[str]:
        """Return the words of a text, in order."""
        ...

    def cut_for_search(self, text: str, hmm: bool = True) -> list[str]:
        """Return the words of a text and the shorter ones inside them."""
        ...


@lru_cache(maxsize=1)
def _library() -> Any:
    """Load rjieba's compiled part without its package, whose `__init__` would load the dictionary."""
    package = util.find_spec("rjieba")
    assert package is not None  # noqa: S101  # a pinned dependency
    assert package.submodule_search_locations is not None  # noqa: S101  # it is a package
    (compiled,) = (
        path
        for folder in package.submodule_search_locations
        for path in Path(folder).glob("rjieba.*")
        if path.suffix in (".so", ".pyd")
    )
    spec = util.spec_from_file_location("rjieba.rjieba", compiled)
    assert spec is not None  # noqa: S101  # a compiled module's ending is known
    assert spec.loader is not None  # noqa: S101  # the same
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@lru_cache(maxsize=1)
def full() -> Segmenter:
    """Return the segmenter for texts, with its dictionary of 500,000 words."""
    segmenter: Segmenter = _library().Jieba()
    return segmenter


def light(words: Mapping[str, int]) -> Segmenter:
    """Return a segmenter for questions that knows `words`, each with how many documents have it."""
    made = _library().Jieba.empty()
    for word, holding in words.items():
        made.add_word(word, holding, None)
    segmenter: Segmenter = made
    return segmenter
