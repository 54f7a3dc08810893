"""GIFT as Moodle reads it, peculiarities included; what Moodle does silently is told as a warning.

Escaped signs are put aside as control characters, which a text has none of, while the syntax is looked for. Every step
is a search or a split: time grows with the length only.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from portal.core.errors import Said
from portal.quizzes.rules.formats.carrying import MARK, brought_back
from portal.quizzes.rules.formats.common import (
    MAX_OPTIONS,
    MAX_QUESTION,
    Reading,
    Unreadable,
    key_of,
    option_id,
    truth_options,
    weight,
)
from portal.quizzes.rules.items import FALSE, TRUE, Item, Kind, Marking, Option, markings

TRIMMED = " \t\n\r\0\x0b"
"""What Moodle takes off both ends of a text: an ideographic space, say, stays."""
ESCAPED = {":": "\x01", "#": "\x02", "=": "\x03", "{": "\x04", "}": "\x05", "~": "\x06", "n": "\x07"}
_MEANT = str.maketrans({**{aside: sign for sign, aside in ESCAPED.items()}, "\x07": "\n"})
_ESCAPE = re.compile(r"\\([\\:#={}~n])")
_WEIGHT = re.compile(r"%(-*[0-9]{1,2}\.?[0-9]{0,30})%")
_FORMAT = re.compile(r"\[(html|moodle|plain|markdown)\]")
_TAG = re.compile(r"\[tag:((?:\\\]|[^\[\]\\]|\\(?!\])){1,200})\]")
MAX_TAGS = 50
CATEGORY = "$CATEGORY:"
GAP = "_____"
LONGEST_NAME = 80
TRUTHS = {"T": TRUE, "TRUE": TRUE, "F": FALSE, "FALSE": FALSE}


def read(text: str, reading: Reading, *, nearest: bool) -> None:
    """Read all questions of a GIFT text into `reading`."""
    category = ""
    block: list[str] = []
    start = 0
    for number, raw in enumerate((*text.split("\n"), ""), start=1):
        line = raw.strip(TRIMMED)
        if line:
            if not block:
                start = number
            block.append(line)
        elif block:
            category = _block(block, start, category, reading, nearest=nearest)
            block = []


def _block(lines: list[str], start: int, category: str, reading: Reading, *, nearest: bool) -> str:
    """Read one block of lines; return the category that holds from then on."""
    comments = [line for line in lines if line.startswith("//")]
    spoken = [number for number, line in enumerate(lines) if not line.startswith("//")]
    if not spoken:
        return category
    at = start + spoken[0]
    text = "\n".join(" " if line.startswith("//") else line for line in lines).strip(TRIMMED)
    if len(text) > MAX_QUESTION:
        reading.fail(
            at, Said("The question is too long: at most %(most)s characters are taken.", most=f"{MAX_QUESTION:,}")
        )
        return category
    text = _put_aside(text)
    if text.startswith(CATEGORY):
        path = _meant(text[len(CATEGORY) :])
        if "\n" in path:
            reading.warn(
                at, Said("The category does not stand alone: everything up to the next blank line is its name.")
            )
        reading.categorise(at, path)
        return path
    try:
        item, name = _Question(text, at, category, reading, nearest=nearest).read()
    except Unreadable as problem:
        reading.fail(at, problem.reason)
        return category
    reading.take(at, _completed(item, comments, at, reading), name=name)
    return category


def _completed(item: Item, comments: list[str], line: int, reading: Reading) -> Item:
    """Return the question with what its comments say: tags, and what an export of ours kept there."""
    kept = ""
    for comment in comments:
        said = comment[2:].strip(TRIMMED)
        if said.startswith(f"[{MARK}") and said.endswith("]"):
            kept = said[len(MARK) + 1 : -1]
    item = with_tags(item, [said for said in comments if MARK not in said])
    if not kept:
        return item
    return brought_back(item, kept, line, reading)


def with_tags(item: Item, comments: list[str]) -> Item:
    """Return the question with the tags that comments of Moodle's newer versions name."""
    tags = tuple(
        tag.replace("\\]", "]").strip(TRIMMED)
        for comment in comments
        if "[tag:" in comment
        for tag in _TAG.findall(comment)
    )
    return replace(item, tags=tags[:MAX_TAGS]) if tags else item


def _put_aside(text: str) -> str:
    return _ESCAPE.sub(lambda found: "\\" if found[1] == "\\" else ESCAPED[found[1]], text) if "\\" in text else text


def _meant(text: str) -> str:
    return text.translate(_MEANT).strip(TRIMMED)


class _Question:
    """One question on its way from text to item."""

    def __init__(self, text: str, line: int, category: str, reading: Reading, *, nearest: bool) -> None:
        self._text = text
        self._line = line
        self._category = category
        self._reading = reading
        self._nearest = nearest
        self._form = "moodle"

    def _warn(self, reason: str) -> None:
        self._reading.warn(self._line, reason)

    def read(self) -> tuple[Item, str]:
        """Return the question, and its name as Moodle would show it."""
        name, text = self._name(self._text)
        body, answers = self._parts(text)
        said = ""
        if answers is not None:
            mark = answers.rfind("####")
            if mark >= 0:
                answers, said = answers[:mark].strip(TRIMMED), answers[mark + 4 :]
        found = _FORMAT.match(body)
        if found:
            self._form = found[1]
            body = body[found.end() :]
        stem = _meant(body)
        explanation = self._formatted(said)
        kind, options = self._answers(answers)
        item = Item(
            name=key_of(name, stem, *(option.text for option in options)),
            kind=kind,
            stem=stem,
            options=options,
            explanation=explanation,
            marking=Marking.WEIGHTS if kind is Kind.MULTIPLE_CHOICE else markings(kind)[0],
            title=name,
            category=self._category,
            form=self._form,
        )
        return item, name or default_name(stem)

    def _name(self, text: str) -> tuple[str, str]:
        if not text.startswith("::"):
            return "", text
        name, mark, rest = text[2:].partition("::")
        if not mark:
            self._warn(Said("The name that begins with :: has no end; it was taken as part of the question."))
            return "", text[2:]
        return " ".join(_meant(name).split()), rest.strip(TRIMMED)

    def _parts(self, text: str) -> tuple[str, str | None]:
        """Return the question's text with its gap, and what stands between the braces (None: there are none)."""
        opens, closes = text.find("{"), text.find("}")
        if opens < 0 and closes < 0:
            return text, None
        if opens < 0:
            raise Unreadable(
                Said("There is a } without a { before it. Write \\} for a brace that is part of the text.")
            )
        if closes < 0:
            raise Unreadable(
                Said(
                    "The { is never closed: } is missing, or a blank line stands inside. "
                    "Write \\{ for a brace in the text."
                )
            )
        if closes < opens:
            raise Unreadable(Said("The } stands before the {. Write \\} for a brace that is part of the text."))
        if "{" in text[closes:]:
            self._warn(Said("Only the first pair of braces holds answers; the rest was taken as text."))
        gap = "" if text.endswith("}") else GAP
        return text[:opens] + gap + text[closes + 1 :], text[opens + 1 : closes].strip(TRIMMED)

    def _answers(self, answers: str | None) -> tuple[Kind, tuple[Option, ...]]:
        if answers is None:
            return Kind.DESCRIPTION, ()
        if not answers:
            return Kind.ESSAY, ()
        if answers.count("=") + answers.count("~") > MAX_OPTIONS:
            raise Unreadable(Said("The question has too many answers: at most %(most)s are taken.", most=MAX_OPTIONS))
        if answers.startswith("#"):
            return Kind.NUMERIC, self._numeric(answers[1:])
        if "~" in answers:
            return self._choice(answers)
        if "=" in answers and "->" in answers:
            return Kind.MATCHING, self._matching(answers)
        said = answers.partition("#")[0].strip(TRIMMED)
        if said in TRUTHS:
            return Kind.TRUE_FALSE, self._truth(TRUTHS[said], answers)
        if said.upper() in TRUTHS and not answers.startswith("="):
            self._warn(
                Said("`%(said)s` was taken as a short answer: true and false are written in capitals.", said=said)
            )
        return Kind.SHORT_ANSWER, self._short(answers)

    # --- the kinds of answers -------------------------------------------------------------------------------------

    def _choice(self, answers: str) -> tuple[Kind, tuple[Option, ...]]:
        kind = Kind.SINGLE_CHOICE if "=" in answers else Kind.MULTIPLE_CHOICE
        pieces = _pieces(answers.replace("=", "~="), "~")
        options: list[Option] = []
        for piece in pieces:
            fraction, rest = 0.0, piece
            if piece.startswith("="):
                fraction, rest = 1.0, piece[1:]
                if _WEIGHT.match(rest.strip(TRIMMED)):
                    self._warn(
                        Said("A weight after = counts only in short and numeric answers; here it is part of the text.")
                    )
            elif piece.startswith("%"):
                fraction, rest = self._weighed(piece, 0.0)
            text, feedback = self._commented(rest)
            if not text:
                self._warn(Said("An answer without text was left out."))
                continue
            options.append(Option(option_id(len(options)), text, fraction, feedback))
        if len(options) < 2:
            raise Unreadable(Said("A choice needs at least two answers."))
        return kind, tuple(options)

    def _matching(self, answers: str) -> tuple[Option, ...]:
        pieces = _pieces(answers, "=")
        if len(pieces) < 2:
            raise Unreadable(Said("A matching question needs at least two pairs."))
        options: list[Option] = []
        for place, piece in enumerate(pieces):
            left, arrow, right = piece.partition("->")
            if not arrow:
                raise Unreadable(Said("The pair `%(text)s` has no -> between its two sides.", text=_short(piece)))
            options.append(Option(option_id(place), self._formatted(left), match=_meant(right)))
        return tuple(options)

    def _truth(self, right: str, answers: str) -> tuple[Option, ...]:
        bits = [self._formatted(bit) for bit in answers.split("#", 2)[1:]]
        bits += ["", ""]
        return truth_options(right, wrong_feedback=bits[0], right_feedback=bits[1])

    def _short(self, answers: str) -> tuple[Option, ...]:
        options: list[Option] = []
        for piece in _pieces(answers, "="):
            fraction, rest = self._weighed(piece, 1.0)
            text, feedback = self._commented(rest)
            if not text:
                self._warn(Said("An answer without text was left out."))
                continue
            options.append(Option(option_id(len(options)), text, fraction, feedback))
        if not options:
            raise Unreadable(Said("The question has no answer."))
        return tuple(options)

    def _numeric(self, answers: str) -> tuple[Option, ...]:
        answers, tilde, wrong = answers.partition("~")
        options: list[Option] = []
        for piece in _pieces(answers, "="):
            fraction, rest = self._weighed(piece, 1.0)
            text, feedback = self._commented(rest)
            number, tolerance = _number_of(text)
            options.append(Option(option_id(len(options)), number, fraction, feedback, tolerance=tolerance))
        if not options:
            raise Unreadable(Said("The numeric question has no answer."))
        if tilde:
            _ignored, feedback = self._commented(wrong)
            options.append(Option(option_id(len(options)), "*", 0.0, feedback))
        return tuple(options)

    # --- the parts of an answer -----------------------------------------------------------------------------------

    def _weighed(self, piece: str, default: float) -> tuple[float, str]:
        """Return the weight of an answer and what follows it."""
        found = _WEIGHT.match(piece)
        if found:
            return weight(found[1], take_nearest=self._nearest), piece[found.end() :]
        if piece.startswith("%"):
            self._warn(
                Said("`%(piece)s` begins with %% but with no weight; it was taken as text.", piece=_short(piece))
            )
        return default, piece

    def _commented(self, piece: str) -> tuple[str, str]:
        text, _mark, feedback = piece.partition("#")
        return self._formatted(text), self._formatted(feedback)

    def _formatted(self, text: str) -> str:
        text = text.strip(TRIMMED)
        found = _FORMAT.match(text)
        if found:
            if found[1] != self._form:
                self._warn(
                    Said(
                        "A text is marked as %(form)s, the question as %(other)s; it was taken as the latter.",
                        form=found[1],
                        other=self._form,
                    )
                )
            text = text[found.end() :]
        return _meant(text)


def _pieces(answers: str, mark: str) -> list[str]:
    """Return the answers, each of which begins with `mark` (the first may go without)."""
    pieces = [piece.strip(TRIMMED) for piece in answers.split(mark)]
    return pieces if pieces[0] else pieces[1:]


def _short(text: str) -> str:
    return _meant(text)[:40]


def default_name(stem: str) -> str:
    """Return what Moodle would call a question without a name."""
    name = " ".join(stem.split())
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 3]}..."


# --- numbers ------------------------------------------------------------------------------------------------------

_DECIMAL = re.compile(r"[+-]?(?:[0-9]{1,30}\.?[0-9]{0,30}|\.[0-9]{1,30})(?:[eE][+-]?[0-9]{1,2})?\Z")


def decimal(text: str) -> Decimal | None:
    """Return a number as computers write it, or None."""
    try:
        return Decimal(text) if _DECIMAL.match(text) else None
    except InvalidOperation:
        return None


def _number_of(text: str) -> tuple[str, float]:
    """Return the number (or `*`) and the tolerance of `v`, `v:tolerance` or `min..max`."""
    low, dots, high = text.partition("..")
    if dots and low:
        least, most = decimal(low.strip(TRIMMED)), decimal(high.strip(TRIMMED))
        if least is None or most is None:
            raise Unreadable(Said("`%(text)s` is not a range of two numbers, as 3..5.", text=text[:40]))
        if least > most:
            raise Unreadable(Said("The range `%(text)s` ends below where it begins.", text=text[:40]))
        centre = (least + most) / 2
        return plain_number(centre), float(most - centre)
    value, colon, tolerance = text.partition(":")
    value, tolerance = value.strip(TRIMMED), tolerance.strip(TRIMMED)
    allowed = decimal(tolerance) if colon else Decimal(0)
    if allowed is None or allowed < 0:
        raise Unreadable(Said("The tolerance `%(tolerance)s` is not a number of 0 or more.", tolerance=tolerance[:40]))
    if value != "*" and decimal(value) is None:
        raise Unreadable(Said("`%(text)s` is not a number.", text=value[:40]))
    return value, float(allowed)


def plain_number(value: Decimal) -> str:
    """Return a number without exponent and without zeros at its end."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") or "0" if "." in text else text
