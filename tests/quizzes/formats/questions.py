"""Questions for tests: any that our own files can hold, with the texts that formats stumble over."""

from __future__ import annotations

from hypothesis import strategies as st

from portal.quizzes.rules.items import (
    FALSE,
    GENUINE,
    SCAM,
    TRUE,
    UNSURE,
    Difficulty,
    Item,
    Kind,
    Medium,
    Option,
    Stimulus,
    Voice,
    markings,
)
from portal.quizzes.rules.soundness import VOICES
from portal.reference.rules.files import UNSTORABLE

HOSTILE = (
    *(
        "转账",
        "验证码：",
        "安全账户",
        "🙂",
        "👩‍👩‍👧",
        "{",
        "}",
        "{}",
        "~",
        "=",
        "#",
        "####",
        ":",
        "::",
        "->",
        "=a -> b",
        "%",
        "%50%",
    ),
    *(
        "%-100%",
        "\\",
        "\\\\",
        "\\n",
        "\\=",
        "\n",
        "\n\n",
        "//",
        "\n// x",
        "$CATEGORY: x",
        "[html]",
        "[plain]",
        "T",
        "TRUE",
    ),
    *(
        "\u200f",
        "\u202e",
        "\u2028",
        "\ufeff",
        "\u3000",
        "\u00a0",
        " ",
        "\t",
        "<b>",
        "</text>",
        "]]>",
        "<!--",
        "?>",
        "&amp;",
    ),
    *(
        "&",
        '"',
        "'",
        "<![CDATA[",
        "- a: b",
        "no",
        "null",
        "~",
        "|",
        ">",
        "@",
        "`",
        "!x",
        "*",
        "&a",
        "%YAML",
        "---",
        "...",
    ),
    *(
        "2024-06-25",
        "1e3",
        "0x1",
        "&&058;",
        "&&092;",
        "_____",
        "\ue000",
        "ANSWER: A",
        "A) b",
        "“”",
        "[mingbai:{}]",
        "[tag:x]",
    ),
)
SIGNS = st.characters(exclude_categories=("Cs", "Cc")).filter(lambda sign: not UNSTORABLE.search(sign))


def texts(least: int = 0) -> st.SearchStrategy[str]:
    """Return texts of everyday words, hostile pieces and any sign that can be stored."""
    pieces = st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(SIGNS, max_size=6)), min_size=least, max_size=5)
    joined = pieces.map("".join)
    return joined.filter(lambda text: bool(text.strip())) if least else joined


WORDS = texts(1)
KEYS = st.from_regex(r"[a-z0-9]{1,6}(-[a-z0-9]{1,4}){0,2}", fullmatch=True)
FRACTIONS = st.one_of(
    st.sampled_from((0.0, 1.0, 0.5, -0.5, -1.0, 0.3333333, 1 / 3, 0.37)),
    st.floats(-1, 1, allow_nan=False),
)
NUMBERS = st.one_of(
    st.integers(-(10**12), 10**12).map(str),
    st.floats(-1e9, 1e9, allow_nan=False).map(repr),
    st.sampled_from(("*", "0", "-0", "007", "1.50", ".5", "５０万", "1,000")),
)


@st.composite
def items(draw: st.DrawFn, kinds: tuple[Kind, ...] = tuple(Kind)) -> Item:
    """Return any question of the given kinds that our YAML can hold."""
    kind = draw(st.sampled_from(kinds))
    options = draw(_options(kind))
    voices = draw(st.dictionaries(st.sampled_from(sorted(VOICES)), _voices(options), max_size=2))
    return Item(
        name=draw(KEYS),
        kind=kind,
        stem=draw(texts()),
        options=options,
        explanation=draw(texts()),
        marking=draw(st.sampled_from(markings(kind))),
        title=draw(st.one_of(st.just(""), texts())),
        topic=draw(st.one_of(st.just(""), KEYS)),
        difficulty=draw(st.sampled_from(Difficulty)),
        article=draw(st.one_of(st.just(""), KEYS)),
        category=draw(st.one_of(st.just(""), texts())),
        shuffle=draw(st.booleans()),
        case_sensitive=draw(st.booleans()),
        form=draw(st.sampled_from(("plain", "moodle", "html", "markdown"))),
        stimulus=draw(_stimuli()) if kind is Kind.JUDGEMENT or draw(st.booleans()) else None,
        source=draw(texts()),
        checked_on=draw(st.sampled_from(("", "2026-11-22"))),
        tags=tuple(draw(st.lists(WORDS, max_size=2))),
        voices=voices,
    )


@st.composite
def _options(draw: st.DrawFn, kind: Kind) -> tuple[Option, ...]:
    if kind in (Kind.ESSAY, Kind.DESCRIPTION):
        return ()
    if kind is Kind.TRUE_FALSE:
        keys = draw(st.sampled_from(((TRUE, FALSE), (FALSE, TRUE))))
    elif kind is Kind.JUDGEMENT:
        keys = (SCAM, GENUINE, UNSURE)
    else:
        keys = tuple(draw(st.lists(KEYS, min_size=2, max_size=4, unique=True)))
    return tuple(
        Option(
            id=key,
            text=draw(NUMBERS if kind is Kind.NUMERIC else texts()),
            fraction=draw(FRACTIONS),
            feedback=draw(texts()),
            match=draw(texts()) if kind is Kind.MATCHING else "",
            tolerance=draw(st.sampled_from((0.0, 0.5, 1e-9, 1e12))) if kind is Kind.NUMERIC else 0.0,
        )
        for key in keys
    )


@st.composite
def _voices(draw: st.DrawFn, options: tuple[Option, ...]) -> Voice:
    said = {
        option.id: draw(
            st.dictionaries(st.sampled_from(("text", "feedback", "match")), texts(), min_size=1, max_size=2)
        )
        for option in options
        if draw(st.booleans())
    }
    return Voice(draw(texts()), draw(texts()), draw(texts()), said)


def _stimuli() -> st.SearchStrategy[Stimulus]:
    return st.builds(
        Stimulus,
        medium=st.sampled_from(Medium),
        text=texts(),
        sender=texts(),
        picture=st.one_of(st.just(""), KEYS),
    )
