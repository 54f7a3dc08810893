"""Our own YAML: a list of questions as `content/quizzes/items/*.yaml` holds them. It carries everything."""

from __future__ import annotations

import yaml

from portal.core.errors import Said
from portal.quizzes.rules.formats.common import Loss, Reading, Refused, collecting_later, together
from portal.quizzes.rules.items import Item, to_plain
from portal.quizzes.rules.reading import read_item
from portal.reference.rules.files import Problems, read_yaml

MAX_CHARACTERS = 8_000_000
MAX_PARTS = 200_000
"""Lines and commas together: about as many values as the file can have."""


def read(text: str, reading: Reading) -> None:
    """Read all questions of a YAML text into `reading`."""
    if len(text) > MAX_CHARACTERS:
        raise Refused(
            0,
            Said(
                "The file is too large: at most %(most)s characters of YAML are taken. Split it.",
                most=f"{MAX_CHARACTERS:,}",
            ),
        )
    if text.count("\n") + text.count(",") > MAX_PARTS:
        raise Refused(
            0,
            Said(
                "The file has more than %(most)s lines and commas. Split it into smaller files.", most=f"{MAX_PARTS:,}"
            ),
        )
    problems = Problems()
    with collecting_later():
        root = read_yaml(text, file="", problems=problems)
    if root is None:
        raise Refused(problems.found[0].line, problems.found[0].text)
    if not isinstance(root.value, list):
        raise Refused(root.line, Said("The file does not hold a list of questions, each after a hyphen."))
    told = 0
    for node in root.value:
        item = read_item(node)
        found, told = problems.found[told:], len(problems.found)
        if item is None:
            where = min((problem.line for problem in found), default=node.line)
            reading.fail(where, together(problem.text for problem in found))
        else:
            reading.take(node.line, item, name=item.title or item.name)


def write(items: list[Item]) -> tuple[str, list[set[Loss]]]:
    """Return the questions as YAML; nothing is lost."""
    dumped = yaml.dump(
        [to_plain(item) for item in items],
        Dumper=yaml.CSafeDumper,
        allow_unicode=True,
        sort_keys=False,
        width=2**31 - 1,
        default_flow_style=False,
    )
    return str(dumped), [set() for _item in items]
