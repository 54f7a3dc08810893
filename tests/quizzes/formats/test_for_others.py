"""What programs see that know nothing of what is kept beside a question: the same words, key and kind."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from portal.quizzes.rules.formats import Format, Reading, read, write
from portal.quizzes.rules.formats.common import WEIGHTS
from portal.quizzes.rules.formats.gift_reader import GAP, TRIMMED
from portal.quizzes.rules.items import FALSE, TRUE, Item, Kind, Marking, Option, markings
from tests.quizzes.formats.questions import texts

OTHERS = (Format.GIFT, Format.MOODLE_XML, Format.QTI)
KEPT = re.compile(r"<\?mingbai .*?\?>")


def seen(item: Item, form: Format) -> Reading:
    """Return what another program makes of an export."""
    data = write([item], form).data
    if form is not Format.QTI:
        lines = data.decode().split("\n")
        text = "\n".join(line for line in lines if not line.startswith("// [mingbai:"))
        return read(KEPT.sub("", text).encode(), format=form)
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as package, zipfile.ZipFile(target, "w") as bare:
        for name in package.namelist():
            bare.writestr(name, KEPT.sub("", package.read(name).decode()))
    return read(target.getvalue())


def ordinary(text: str) -> str:
    """Return a text without what no format can carry: the arrow, a format's name, space at its ends or in runs."""
    text = " ".join(text.replace("->", "").replace("\u2028", "").split())
    return text.strip(TRIMMED).lstrip("[")


WORDS = texts(1).map(ordinary).filter(bool)
MORE = texts().map(ordinary)


@st.composite
def questions(draw: st.DrawFn) -> Item:
    """Return a question that every format can say by itself."""
    kind = draw(
        st.sampled_from(
            [Kind.SINGLE_CHOICE, Kind.MULTIPLE_CHOICE, Kind.TRUE_FALSE, Kind.SHORT_ANSWER, Kind.MATCHING, Kind.ESSAY]
        )
    )
    words = draw(st.lists(WORDS, min_size=2, max_size=4, unique=True))
    weights = st.sampled_from([weight for weight in WEIGHTS if abs(weight) < 1])
    if kind is Kind.TRUE_FALSE:
        right = draw(st.sampled_from((TRUE, FALSE)))
        options = tuple(
            Option(key, text, float(key == right), draw(MORE)) for key, text in ((TRUE, "对"), (FALSE, "错"))
        )
    elif kind is Kind.MATCHING:
        options = tuple(Option("abcd"[turn], word, match=draw(WORDS)) for turn, word in enumerate(words))
    elif kind is Kind.ESSAY:
        options = ()
    elif kind is Kind.MULTIPLE_CHOICE:
        options = tuple(
            Option("abcd"[turn], word, 1.0 if turn == 0 else draw(weights), draw(MORE))
            for turn, word in enumerate(words)
        )
    else:
        options = tuple(
            Option("abcd"[turn], word, float(turn == 0), draw(MORE) if kind is Kind.SINGLE_CHOICE else "")
            for turn, word in enumerate(words)
        )
    marking = Marking.WEIGHTS if kind is Kind.MULTIPLE_CHOICE else markings(kind)[0]
    explanation = "" if kind is Kind.ESSAY else draw(MORE)
    stem = draw(WORDS)
    return Item(name="q", title="题", kind=kind, stem=stem, options=options, explanation=explanation, marking=marking)


@pytest.mark.parametrize("form", OTHERS)
@given(item=questions())
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_an_ordinary_question_needs_nothing_beside_it(form: Format, item: Item) -> None:
    assume(item.stem != GAP)  # a text that is nothing but a gap is the place to type, not a question
    reading = seen(item, form)
    (found,) = reading.items
    assert reading.errors == []
    if form is Format.QTI and item.kind is Kind.SHORT_ANSWER:
        item, found = (replace(one, stem="") for one in (item, found))
    assert found == replace(item, name=found.name)
