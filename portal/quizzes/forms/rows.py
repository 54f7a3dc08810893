"""Rows of a form: added, taken out and moved without a script, with everything that was typed kept."""

from __future__ import annotations

import re

from werkzeug.datastructures import MultiDict

from portal.core.forms import whole_number

Typed = MultiDict[str, str]

_FIELD = re.compile(r"(?P<group>[a-z_]+)_(?P<row>0|[1-9][0-9]{0,2})_(?P<part>[a-z]+)\Z")
_MOVE = re.compile(r"(?P<verb>up|remove)-(?P<row>0|[1-9][0-9]{0,2})\Z")


def count(typed: Typed, *, most: int) -> int:
    """Return how many rows a form says that it has, at most `most`."""
    return min(whole_number(typed.get("rows"), otherwise=0), most)


def changed(typed: Typed, action: str, *, most: int) -> Typed | None:
    """Return what was typed with a row more, less, or elsewhere; None: `action` is nothing of the kind."""
    rows = count(typed, most=most)
    order = list(range(rows))
    move = _MOVE.match(action)
    if action == "add":
        rows = min(rows + 1, most)
    elif move is None or int(move["row"]) >= rows:
        return None
    elif move["verb"] == "remove":
        order.remove(int(move["row"]))
        rows -= 1
    elif (row := int(move["row"])) > 0:
        order[row - 1], order[row] = order[row], order[row - 1]
    places = {str(old): new for new, old in enumerate(order)}
    moved: Typed = MultiDict()
    for name, value in typed.items(multi=True):
        field = _FIELD.match(name)
        if field is None:
            moved.add(name, value)
        elif field["row"] in places:
            moved.add(f"{field['group']}_{places[field['row']]}_{field['part']}", value)
    moved["rows"] = str(rows)
    return moved
