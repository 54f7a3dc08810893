"""Rows of a form: added, taken out and moved without a script, with everything that was typed kept."""

from __future__ import annotations

import re

from werkzeug.datastructures import MultiDict

from portal.core.forms.checks import whole_number

Typed = MultiDict[str, str]

_FIELD = re.compile(r"(?P<group>[a-z_]+)_(?P<row>0|[1-9][0-9]{0,2})_(?P<part>[a-z]+)\Z")
_MOVE = re.compile(r"(?P<verb>up|remove)(?:-(?P<group>[a-z]+))?-(?P<row>0|[1-9][0-9]{0,2})\Z")


def count(typed: Typed, *, most: int, counter: str = "rows") -> int:
    """Return how many rows a form says that it has, at most `most`."""
    return min(whole_number(typed.get(counter), otherwise=0), most)


def changed(typed: Typed, action: str, *, most: int, group: str = "", counter: str = "rows") -> Typed | None:
    """Return what was typed with a row more, less, or elsewhere; None: `action` is nothing of the kind.

    Args:
        action: `add`, `up-2` or `remove-2`; with a group, `add-source` and so on.
        group: the rows that are meant, where a form has several kinds of them; empty: all of them.
        counter: the field that says how many rows there are.
    """
    rows = count(typed, most=most, counter=counter)
    order = list(range(rows))
    move = _MOVE.match(action)
    if action == ("add" if not group else f"add-{group}"):
        rows = min(rows + 1, most)
    elif move is None or (move["group"] or "") != group or int(move["row"]) >= rows:
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
        if field is None or (group and field["group"] != group):
            moved.add(name, value)
        elif field["row"] in places:
            moved.add(f"{field['group']}_{places[field['row']]}_{field['part']}", value)
    moved[counter] = str(rows)
    return moved
