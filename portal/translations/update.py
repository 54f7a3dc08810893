"""Bring the catalogues up to date: `make catalogues`.

Messages are extracted from the sources; zh_Hans is written by people; zh_Hant is filled from it by OpenCC, except for
what `OWN_HANT` says otherwise. English is the language of the sources and needs no catalogue.
"""

from __future__ import annotations

import io
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from portal.core.i18n import to_hant

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
METHODS = [("portal/**.py", "python"), ("templates/**.html", "jinja2"), ("templates/**.xml", "jinja2")]
KEYWORDS = {"Said": None, "_": None, "_l": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
OWN_HANT: dict[str, str] = {}


def extract() -> Catalog:
    """Return every message of the sources."""
    found = Catalog(project="Mingbai", charset="utf-8")
    for folder in ("portal", "templates"):
        methods = [
            (pattern.removeprefix(f"{folder}/"), method) for pattern, method in METHODS if pattern.startswith(folder)
        ]
        for file, _line, message, _comments, context in extract_from_dir(
            ROOT / folder, methods, keywords=KEYWORDS, options_map={"**": {"silent": "false"}}
        ):
            if "translations" not in file:
                found.add(message, context=context)
    return found


def read(name: str) -> Catalog:
    """Return a stored catalogue, or an empty one."""
    path = HERE / name / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return Catalog(locale=name, project="Mingbai", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=name)


def text(catalogue: Catalog) -> bytes:
    """Return a catalogue as its file holds it."""
    catalogue.fuzzy = False
    catalogue.header_comment = "# Messages of Mingbai."
    out = io.BytesIO()
    write_po(out, catalogue, sort_output=True, omit_header=False, ignore_obsolete=True, width=110, no_location=True)
    return b"".join(
        line
        for line in out.getvalue().splitlines(True)
        if not line.startswith((b'"POT-Creation', b'"PO-Rev', b'"Generated'))
    )


def filled(source: Catalog) -> Catalog:
    """Return the zh_Hant catalogue made from the zh_Hans one."""
    target = Catalog(locale="zh_Hant", project="Mingbai", charset="utf-8")
    for message in source:
        if not message.id:
            continue
        words = message.string if isinstance(message.string, tuple) else (message.string,)
        there = tuple(OWN_HANT.get(word, to_hant(word)) for word in (word or "" for word in words))
        target.add(
            message.id,
            there if isinstance(message.string, tuple) else there[0],
            context=message.context,
            flags=message.flags,
        )
    return target


def main() -> None:
    """Write both catalogues."""
    simplified = read("zh_Hans")
    simplified.update(extract(), no_fuzzy_matching=True)
    for name, catalogue in (("zh_Hans", simplified), ("zh_Hant", filled(simplified))):
        path = HERE / name / "LC_MESSAGES" / "messages.po"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text(catalogue))


if __name__ == "__main__":
    main()
