"""The folder `quizzes/` of a content package: questions by topic, and a file for each quiz."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.core.errors import Said
from portal.quizzes.models import Document, Revision
from portal.quizzes.rules import items, quizzes, soundness
from portal.quizzes.rules.bank import Sort
from portal.quizzes.rules.items import Item
from portal.quizzes.rules.quizzes import Quiz
from portal.quizzes.rules.reading import read_items, read_quiz
from portal.quizzes.services.importing import take_bank
from portal.reference.rules import PackageError, Problems, write_yaml
from portal.reference.rules import files as package_files

FOLDER = "quizzes"
MOST_FILES = 5_000
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\.yaml\Z")


@dataclass(frozen=True, slots=True)
class BankPackage:
    """What the folder holds."""

    items: tuple[Item, ...]
    quizzes: tuple[Quiz, ...]


def read_bank(folder: Path) -> BankPackage:
    """Read and check the questions and quizzes in `folder`.

    Raises:
        PackageError: with every problem found.
    """
    problems = Problems()
    found: dict[str, Item] = {}
    made: list[Quiz] = []
    for path, name in _files(folder, problems):
        node = _node(path, name, problems)
        if node is None:
            continue
        if name.count("/") == 2:
            for item in read_items(node, sound=True):
                if item.name in found:
                    node.complain(Said("The name `%(name)s` stands in another file already.", name=item.name))
                found[item.name] = item
            continue
        quiz = read_quiz(node, sound=True)
        if quiz is None:
            continue
        if quiz.slug != path.stem:
            node.complain(Said("The file of the quiz `%(slug)s` must be called %(slug)s.yaml.", slug=quiz.slug))
        for problem in soundness.quiz_problems(quiz, items=found):
            node.complain(Said("This quiz cannot be taken: %(value)s.", value=problem.value.replace("_", " ")))
        made.append(quiz)
    if problems:
        raise PackageError(problems.found)
    return BankPackage(tuple(found.values()), tuple(made))


def _files(folder: Path, problems: Problems) -> Iterator[tuple[Path, str]]:
    """Yield the files of the folder, those with questions first, and what they are called in the package."""
    count = 0
    for under, place in ((folder / "items", f"{FOLDER}/items"), (folder, FOLDER)):
        if not under.is_dir() or under.is_symlink():
            continue
        for entry in sorted(os.scandir(under), key=lambda one: one.name):
            name = f"{place}/{entry.name}"
            if under == folder and entry.name == "items" and entry.is_dir(follow_symlinks=False):
                continue
            if not entry.is_file(follow_symlinks=False) or not _NAME.match(entry.name):
                problems.add(name, 0, Said("Here may only lie files called <slug>.yaml."))
                continue
            count += 1
            if count > MOST_FILES:
                problems.add(FOLDER, 0, Said("At most %(most)s files are taken.", most=f"{MOST_FILES:,}"))
                return
            yield Path(entry.path), name


def _node(path: Path, name: str, problems: Problems) -> package_files.Node | None:
    try:
        with path.open("rb") as file:
            raw = file.read(package_files.MAX_YAML_BYTES + 1)
    except OSError as problem:
        problems.add(name, 0, Said("The file cannot be read: %(strerror)s.", strerror=problem.strerror))
        return None
    text = package_files.read_text(raw, file=name, limit=package_files.MAX_YAML_BYTES, problems=problems)
    return package_files.read_yaml(text, file=name, problems=problems) if text is not None else None


class QuizzesPart:
    """How `flask content import` and `export` reach this room (`portal.articles.commands.Part`)."""

    folder = FOLDER

    def prepare(self, folder: Path) -> BankPackage:
        """Read and check the folder."""
        return read_bank(folder)

    def apply(self, session: Session, prepared: BankPackage, *, by: str, at: datetime) -> list[str]:
        """Store and publish what differs from what was brought before."""
        report = take_bank(session, found=prepared.items, made=prepared.quizzes, by=by, at=at)
        lines = [f"{name} was changed at the desk since; it was kept" for name in report.kept]
        if not report.is_empty:
            lines.insert(0, f"questions and quizzes: {len(report.added)} added, {len(report.changed)} changed")
        return lines

    def export(self, session: Session, folder: Path) -> None:
        """Write the latest text of every question, by category or else by topic, and of every quiz."""
        files: dict[str, list[dict[str, object]]] = {}
        rows = session.execute(
            sa.select(Document.sort, Document.name, Revision.content)
            .join(Revision, sa.and_(Revision.document_id == Document.id, Revision.number == Document.latest_number))
            .order_by(Document.id)
        )
        for sort, name, content in rows:
            if sort is Sort.ITEM:
                # Through the rules, so that fields stand in their usual order whatever the database made of it.
                plain = items.to_plain(items.from_plain(content))
                names = [plain.get("category", ""), plain.get("topic", ""), "without-topic"]
                files.setdefault(next(one for one in names if package_files.KEY.match(one)), []).append(plain)
            else:
                self._write(folder / f"{name}.yaml", quizzes.quiz_to_plain(quizzes.quiz_from_plain(content)))
        for stem, plains in files.items():
            self._write(folder / "items" / f"{stem}.yaml", plains)

    @staticmethod
    def _write(path: Path, plain: dict[str, object] | list[dict[str, object]]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(write_yaml(plain).encode())
