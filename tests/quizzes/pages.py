"""What a browser would send back of a page's form."""

from __future__ import annotations

from html.parser import HTMLParser


class _Form(HTMLParser):
    """Gathers the fields of the last form that says which text it was made of (`base` or `expected`)."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self._fields: dict[str, str] | None = None
        self._area = ""
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._fields = {}
        if self._fields is None:
            return
        name = given.get("name", "")
        if tag == "input" and name and name != "csrf_token":
            is_box = given.get("type") in ("checkbox", "radio")
            if not is_box or "checked" in given:
                self._fields[name] = given.get("value", "")
        elif tag == "textarea":
            self._area = name
            self._fields[name] = ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and (self._select not in self._fields or "selected" in given):
            self._fields[self._select] = given.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._area and self._fields is not None:
            self._fields[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""
        elif tag == "select":
            self._select = ""
        elif tag == "form" and self._fields is not None:
            if self._fields.keys() & {"base", "expected"}:
                self.found = self._fields
            self._fields = None


def fields(page: str) -> dict[str, str]:
    """Return the fields of a page's editor by their names, as the page shows them."""
    parser = _Form()
    parser.feed(page)
    assert parser.found
    return parser.found
