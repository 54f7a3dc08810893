"""What lies in the folder of a content package, and what must not."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from portal.articles.rules.pictures import picture_key
from portal.core.errors import Said
from portal.reference.rules import AUDIENCES, LOCALES, Problems
from portal.reference.rules import files as package_files

ROOT_FILES = (
    "site.yaml",
    "topics.yaml",
    "hotlines.yaml",
    "glossary.yaml",
    "calendar.yaml",
    "synonyms.yaml",
    "lint.yaml",
    "media.yaml",
    "words.txt",
)
FOLDERS = ("articles", "media")
EDITION_FILES = {f"{audience}.{locale}.md": (audience, locale) for audience in AUDIENCES for locale in LOCALES}
ELSEWHERE = ("quizzes",)
"""Folders of a package that only the command takes in."""
MAX_FILES = 100_000


@dataclass(slots=True)
class Tree:
    """The names of the files of a package; `articles` by slug, `pictures` by key."""

    lists: list[str] = field(default_factory=list)
    articles: dict[str, list[str]] = field(default_factory=dict)
    pictures: dict[str, str] = field(default_factory=dict)
    has_articles: bool = False
    has_parts: bool = False


def scan(folder: Path, problems: Problems, *, parts: Collection[str] = ()) -> Tree:
    """Return what lies in `folder`; note whatever has no place in a package.

    Args:
        parts: folders that other rooms look after.
    """
    tree = Tree()
    if not folder.is_dir():
        problems.add(str(folder), 0, Said("There is no such folder."))
        return tree
    for entry in _entries(folder, "", problems):
        if entry.name in ROOT_FILES and entry.is_file(follow_symlinks=False):
            tree.lists.append(entry.name)
        elif entry.name == "articles" and entry.is_dir(follow_symlinks=False):
            tree.has_articles = True
            _scan_articles(Path(entry.path), tree, problems)
        elif entry.name == "media" and entry.is_dir(follow_symlinks=False):
            tree.has_parts = True
            _scan_pictures(Path(entry.path), tree, problems)
        elif entry.name in parts and entry.is_dir(follow_symlinks=False):
            tree.has_parts = True
        elif entry.name in ELSEWHERE:
            problems.add(
                entry.name, 0, Said("This part of a package is not taken in here. Please leave the folder out.")
            )
        elif entry.name not in ("README.md", "REVIEW.md"):
            problems.add(entry.name, 0, Said("This does not belong to a content package."))
    if not tree.lists and not tree.has_articles and not tree.has_parts:
        problems.add(str(folder), 0, Said("This folder holds no part of a content package."))
    return tree


def _entries(folder: Path, under: str, problems: Problems) -> list[os.DirEntry[str]]:
    entries = []
    try:
        with os.scandir(folder) as found:
            listed = sorted(found, key=lambda item: item.name)
    except OSError as problem:
        problems.add(
            under.rstrip("/") or str(folder),
            0,
            Said("The folder cannot be read: %(strerror)s.", strerror=problem.strerror),
        )
        return []
    for entry in listed:
        if entry.is_symlink():
            problems.add(under + entry.name, 0, Said("Symbolic links are not followed."))
        elif not entry.is_file(follow_symlinks=False) and not entry.is_dir(follow_symlinks=False):
            problems.add(under + entry.name, 0, Said("This is neither a file nor a folder."))
        else:
            entries.append(entry)
    return entries


def _scan_pictures(folder: Path, tree: Tree, problems: Problems) -> None:
    for entry in _entries(folder, "media/", problems):
        key = picture_key(entry.name)
        if not key or entry.is_dir(follow_symlinks=False):
            problems.add(
                f"media/{entry.name}",
                0,
                Said("In media/ there may only be pictures, named by their keys: <key>.png, .jpg, .webp or .gif."),
            )
        elif key in tree.pictures:
            problems.add(
                f"media/{entry.name}",
                0,
                Said("There is another picture with this key: %(name)s.", name=tree.pictures[key]),
            )
        else:
            tree.pictures[key] = entry.name


def _scan_articles(folder: Path, tree: Tree, problems: Problems) -> None:
    count = 0
    for entry in _entries(folder, "articles/", problems):
        place = f"articles/{entry.name}"
        if not entry.is_dir(follow_symlinks=False):
            problems.add(place, 0, Said("In articles/ there may only be folders, one for each article."))
            continue
        if not package_files.KEY.match(entry.name) or len(entry.name) > package_files.MAX_KEY:
            problems.add(place, 0, Said("The folder's name is not a slug: small letters, digits and single hyphens."))
            continue
        names = []
        for item in _entries(Path(entry.path), place + "/", problems):
            file = f"{place}/{item.name}"
            if item.name not in EDITION_FILES and item.name != "article.yaml":
                problems.add(file, 0, Said("The name must be article.yaml or <audience>.<locale>.md."))
            elif item.is_dir(follow_symlinks=False):
                problems.add(file, 0, Said("This must be a file, but it is a folder."))
            else:
                names.append(item.name)
        if "article.yaml" not in names:
            problems.add(place, 0, Said("article.yaml is missing."))
        count += len(names)
        tree.articles[entry.name] = names
    if count > MAX_FILES:
        problems.add(
            "articles",
            0,
            Said(
                "The package has %(count)s files; at most %(max_files)s are taken.",
                count=f"{count:,}",
                max_files=f"{MAX_FILES:,}",
            ),
        )
