"""QTI 2.1 and 3.0: simple items with one interaction, from one file, several in one, or a content package."""

from __future__ import annotations

from portal.core.errors import Said
from portal.quizzes.rules.formats.carrying import brought_back
from portal.quizzes.rules.formats.common import (
    MAX_OPTIONS,
    Reading,
    Refused,
    Unreadable,
    key_of,
    option_id,
    placed,
    truth_options,
)
from portal.quizzes.rules.formats.gift_reader import decimal, default_name
from portal.quizzes.rules.formats.qti_text import INTERACTIONS, body_text, flat
from portal.quizzes.rules.formats.tree import Element, parsed
from portal.quizzes.rules.items import FALSE, TRUE, Item, Kind, Marking, Option, markings
from portal.reference.rules.files import KEY

ITEM = "assessmentitem"
TRUE_WORDS = frozenset({"true", "t", "对", "正确", "是"})
FALSE_WORDS = frozenset({"false", "f", "错", "错误", "否"})


def read(text: str, reading: Reading) -> None:
    """Read all items of a QTI text into `reading`."""
    root = parsed(text)
    items = [root] if root.tag == ITEM else root.below(ITEM)
    if not items:
        raise Refused(
            root.line, Said("There is no assessment item in the file; it begins with <%(tag)s>.", tag=root.tag)
        )
    for element in items:
        read_item(element, reading)


def read_item(element: Element, reading: Reading, *, file: str = "") -> None:
    """Read one item into `reading`; `file` is named where something is wrong."""
    notes: list[str] = []
    try:
        item = _Question(element, notes).read()
    except Unreadable as problem:
        reading.fail(element.line, placed(problem.reason, file=file))
        return
    for note in notes:
        reading.warn(element.line, placed(note, file=file))
    name = item.title or default_name(item.stem) or element.attributes.get("identifier", "")
    whole = brought_back(item, element.kept, element.line, reading) if element.kept else item
    reading.take(element.line, whole, name=name)


class _Key:
    """What the declaration of a response and the processing say about right and wrong."""

    def __init__(self, item: Element, interaction: Element) -> None:
        wanted = interaction.attributes.get("responseidentifier", "RESPONSE")
        declared = [one for one in item.all("responsedeclaration") if one.attributes.get("identifier") == wanted]
        if not declared:
            raise Unreadable(Said("The response `%(wanted)s` is not declared.", wanted=wanted[:40]))
        self.cardinality = declared[0].attributes.get("cardinality", "single")
        self.base_type = declared[0].attributes.get("basetype", "")
        correct = declared[0].child("correctresponse")
        self.correct = [one.text.strip() for one in correct.all("value")] if correct is not None else []
        mapping = declared[0].child("mapping")
        self.mapped: dict[str, float] = {}
        self.otherwise = 0.0
        self.upper: float | None = None
        self.is_mapped = mapping is not None and _is_mapped(item)
        self.case_sensitive = False
        if mapping is not None:
            self.otherwise = _float(mapping.attributes.get("defaultvalue", "0"))
            if "upperbound" in mapping.attributes:
                self.upper = _float(mapping.attributes["upperbound"])
            for entry in mapping.all("mapentry")[: MAX_OPTIONS + 1]:
                key = entry.attributes.get("mapkey", "").strip()
                self.mapped[key] = _float(entry.attributes.get("mappedvalue", "0"))
                self.case_sensitive = entry.attributes.get("casesensitive") == "true"
        if not self.correct and not self.mapped:
            raise Unreadable(Said("The item does not say which answer is right."))
        if not self.correct:
            self.is_mapped = True

    def shares(self, keys: list[str], *, several: bool) -> list[float]:
        """Return the share of the mark of each of `keys`."""
        if not self.is_mapped:
            return [float(key in self.correct) for key in keys]
        values = [self.mapped.get(key, self.otherwise) for key in keys]
        good = [value for value in values if value > 0]
        whole = (self.upper or sum(good)) if several else max(good, default=0.0)
        if not whole > 0:
            return [0.0 for _key in keys]
        return [max(-1.0, min(1.0, round(value / whole, 7))) for value in values]


def _is_mapped(item: Element) -> bool:
    processing = item.child("responseprocessing")
    if processing is None:
        return True
    return "map_response" in processing.attributes.get("template", "") or bool(processing.below("mapresponse"))


def _float(text: str) -> float:
    value = decimal(text.strip())
    if value is None:
        raise Unreadable(Said("`%(text)s` is not a number.", text=text[:40]))
    return float(value)


class _Question:
    """One item on its way from its element."""

    def __init__(self, element: Element, notes: list[str]) -> None:
        self._element = element
        self._notes = notes

    def read(self) -> Item:
        """Return the question."""
        body = self._element.child("itembody")
        if body is None:
            raise Unreadable(Said("The item has no body."))
        interactions = body.below(*INTERACTIONS)
        if len(interactions) > 1:
            raise Unreadable(Said("The item asks for several answers; only items with one interaction are taken."))
        stem, dropped = body_text(body)
        if dropped:
            self._notes.append(
                Said("Parts of the text that are no text were left out: %(said)s.", said=", ".join(dropped))
            )
        kind, marking, options = self._asked(interactions[0]) if interactions else (Kind.DESCRIPTION, None, ())
        title = " ".join(self._element.attributes.get("title", "").split())
        interaction = interactions[0] if interactions else None
        return Item(
            name=key_of(title or self._element.attributes.get("identifier", ""), stem, *(one.text for one in options)),
            kind=kind,
            stem=stem,
            options=options,
            explanation=self._explanation(body),
            marking=marking or markings(kind)[0],
            title=title,
            shuffle=interaction is None or interaction.attributes.get("shuffle") != "false",
            case_sensitive=bool(
                interaction is not None
                and kind is Kind.SHORT_ANSWER
                and _Key(self._element, interaction).case_sensitive
            ),
        )

    def _asked(self, interaction: Element) -> tuple[Kind, Marking | None, tuple[Option, ...]]:
        if interaction.tag == "extendedtextinteraction":
            return Kind.ESSAY, None, ()
        key = _Key(self._element, interaction)
        if interaction.tag == "choiceinteraction":
            return self._choice(interaction, key)
        if interaction.tag == "orderinteraction":
            return Kind.ORDERING, None, self._ordering(interaction, key)
        if interaction.tag == "matchinteraction":
            return Kind.MATCHING, None, self._matching(interaction, key)
        if interaction.tag == "textentryinteraction":
            return self._typed(key)
        raise Unreadable(Said("Interactions of the type `%(tag)s` are not taken.", tag=interaction.tag[:40]))

    def _choices(self, parent: Element, tag: str) -> list[Element]:
        choices = parent.all(tag)
        if len(choices) > MAX_OPTIONS:
            raise Unreadable(Said("The question has too many answers: at most %(most)s are taken.", most=MAX_OPTIONS))
        if len({one.attributes.get("identifier") for one in choices}) < len(choices):
            raise Unreadable(Said("Two choices have the same identifier."))
        return choices

    def _choice(self, interaction: Element, key: _Key) -> tuple[Kind, Marking | None, tuple[Option, ...]]:
        choices = self._choices(interaction, "simplechoice")
        if len(choices) < 2:
            raise Unreadable(Said("A choice needs at least two answers."))
        names = [one.attributes.get("identifier", "") for one in choices]
        texts = [flat(one) for one in choices]
        several = key.cardinality != "single"
        shares = key.shares(names, several=several)
        if not several and (found := self._truth(names, texts, shares, choices)):
            return Kind.TRUE_FALSE, None, found
        options = tuple(
            Option(_option_key(name, place), text, share, self._inline(choice) or self._modal(name))
            for place, (name, text, share, choice) in enumerate(zip(names, texts, shares, choices, strict=True))
        )
        if not several:
            return Kind.SINGLE_CHOICE, None, options
        return Kind.MULTIPLE_CHOICE, Marking.WEIGHTS if key.is_mapped else Marking.EXACT, options

    def _truth(
        self, names: list[str], texts: list[str], shares: list[float], choices: list[Element]
    ) -> tuple[Option, ...]:
        """Return the options if the choice is one of true and false; else nothing."""
        if len(names) != 2 or sorted(shares) != [0.0, 1.0]:
            return ()
        for words in (names, texts):
            said = [word.lower() for word in words]
            for true, false in ((0, 1), (1, 0)):
                if said[true] in TRUE_WORDS and said[false] in FALSE_WORDS:
                    right, wrong = (true, false) if shares[true] else (false, true)
                    return truth_options(
                        TRUE if right == true else FALSE,
                        right_feedback=self._inline(choices[right]) or self._modal(names[right]),
                        wrong_feedback=self._inline(choices[wrong]) or self._modal(names[wrong]),
                    )
        return ()

    def _ordering(self, interaction: Element, key: _Key) -> tuple[Option, ...]:
        choices = {one.attributes.get("identifier", ""): one for one in self._choices(interaction, "simplechoice")}
        if len(choices) < 2 or sorted(choices) != sorted(key.correct):
            raise Unreadable(Said("The right order does not name every choice once."))
        return tuple(Option(_option_key(name, place), flat(choices[name])) for place, name in enumerate(key.correct))

    def _matching(self, interaction: Element, key: _Key) -> tuple[Option, ...]:
        sets = interaction.all("simplematchset")
        if len(sets) != 2:
            raise Unreadable(Said("A matching question needs two sets."))
        lefts, rights = (self._choices(one, "simpleassociablechoice") for one in sets)
        texts = {one.attributes.get("identifier", ""): flat(one) for one in (*lefts, *rights)}
        pairs: dict[str, str] = {}
        for said in key.correct or [name for name, value in key.mapped.items() if value > 0]:
            left, _space, right = said.partition(" ")
            if left in texts and right.strip() in texts:
                pairs.setdefault(left, right.strip())
        names = [one.attributes.get("identifier", "") for one in lefts]
        if len(names) < 2 or not all(name in pairs for name in names):
            raise Unreadable(Said("Not every choice on the left has its partner."))
        options = [
            Option(_option_key(name, place), texts[name], match=texts[pairs[name]]) for place, name in enumerate(names)
        ]
        taken = set(pairs.values())
        for one in rights:
            name = one.attributes.get("identifier", "")
            if name not in taken:
                options.append(Option(_option_key(name, len(options)), "", match=texts[name]))
        return tuple(options)

    def _typed(self, key: _Key) -> tuple[Kind, Marking | None, tuple[Option, ...]]:
        answers = list(dict.fromkeys((*key.mapped, *key.correct) if key.is_mapped else key.correct))
        if len(answers) > MAX_OPTIONS:
            raise Unreadable(Said("The question has too many answers: at most %(most)s are taken.", most=MAX_OPTIONS))
        shares = key.shares(answers, several=False)
        if key.base_type in ("float", "integer"):
            if any(decimal(answer) is None for answer in answers):
                raise Unreadable(Said("An answer is not a number."))
            allowed = self._tolerance()
            return (
                Kind.NUMERIC,
                None,
                tuple(
                    Option(option_id(place), answer, share, tolerance=allowed)
                    for place, (answer, share) in enumerate(zip(answers, shares, strict=True))
                ),
            )
        return (
            Kind.SHORT_ANSWER,
            None,
            tuple(
                Option(option_id(place), answer, share)
                for place, (answer, share) in enumerate(zip(answers, shares, strict=True))
            ),
        )

    def _tolerance(self) -> float:
        processing = self._element.child("responseprocessing")
        for equal in processing.below("equal") if processing is not None else []:
            if equal.attributes.get("tolerancemode") == "absolute":
                # Two numbers are what may lie below and above; the wider one is taken.
                said = [abs(_float(part)) for part in equal.attributes.get("tolerance", "0").split()[:2]]
                if len(set(said)) > 1:
                    self._notes.append(Said("The tolerance differs below and above; the wider one was taken for both."))
                return max(said, default=0.0)
        return 0.0

    # --- feedback -------------------------------------------------------------------------------------------------

    def _inline(self, choice: Element) -> str:
        return "\n".join(flat(one) for one in choice.below("feedbackinline", "feedbackblock"))

    def _modal(self, identifier: str) -> str:
        return "\n".join(
            flat(one) for one in self._element.all("modalfeedback") if one.attributes.get("identifier") == identifier
        )

    def _explanation(self, body: Element) -> str:
        """Return what is said whatever was chosen: feedback that belongs to no choice."""
        chosen = {one.attributes.get("identifier", "") for one in body.below("simplechoice", "simpleassociablechoice")}
        return "\n".join(
            flat(one)
            for one in self._element.all("modalfeedback")
            if one.attributes.get("identifier", "") not in chosen
        )


def _option_key(identifier: str, place: int) -> str:
    """Return the identifier of a choice where it can be an option's id; else one by its place."""
    return identifier if KEY.match(identifier) and len(identifier) <= 80 else option_id(place)
