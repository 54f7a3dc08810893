"""Hostile Markdown: nothing that can run comes out, and nothing that is slow stays."""

import itertools
import os
import re
import signal
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.core.markup import MarkupError, Renderer, render, sanitise

KEY = "[一句话]\n话。\n[/]\n\n"
TAGS = {
    "a", "abbr", "blockquote", "br", "code", "dd", "div", "dl", "dt", "em", "figcaption", "figure", "h2", "h3", "h4",
    "hr", "li", "ol", "p", "pre", "section", "span", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead",
    "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {
    "class", "id", "href", "rel", "title", "start", "scope", "data-label", "data-hotline", "data-term", "aria-hidden",
    "lang",
}  # fmt: skip
ADDRESS = re.compile(r"(?:https?:|mailto:|tel:|article:|#|/(?![/\\])|\?|[^:/\\]+(?:[/?#]|\Z))", re.I)


class Reader(HTMLParser):
    """Notes every tag, attribute and address that is not on the lists above."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.wrong.append(tag)
        for name, value in attrs:
            if name not in ATTRIBUTES:
                self.wrong.append(f"{tag} {name}")
            # What browsers leave out of an address is left out here too.
            bare = re.sub(r"[\x00-\x20]", "", value or "")
            if name == "href" and bare and not ADDRESS.match(bare):
                self.wrong.append(f"{tag} {name}={value!r}")

    def handle_comment(self, data: str) -> None:
        self.wrong.append(f"comment {data}")

    def handle_decl(self, decl: str) -> None:
        self.wrong.append(f"declaration {decl}")

    def handle_pi(self, data: str) -> None:
        self.wrong.append(f"instruction {data}")


ADDRESSES = [
    "javascript:alert(1)", "JaVaScRiPt:alert(1)",
    " javascript:alert(1)", "java\tscript:alert(1)", "\x01javascript:alert(1)",
    "java&#10;script:alert(1)", "java&Tab;script:alert(1)", "&#106;avascript:alert(1)", "&#x6A;avascript:alert(1)",
    "javascript&colon;alert(1)", "javascript&#58;alert(1)", "java\\script:alert(1)", "javascript://x%0Aalert(1)",
    "\u2028javascript:alert(1)", "\u00a0javascript:alert(1)", "javascript\u200b:alert(1)", "jаvascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:text/html;base64,PHNjcmlwdD4=", "DATA:image/svg+xml,<svg/onload=x>",
    "vbscript:msgbox(1)", "file:///etc/passwd",
    "blob:https://a/b", "view-source:https://a", "feed:javascript:alert(1)",
    "//evil.example", "/\\evil.example", "\\\\evil.example",
    "/\t/evil.example", "\\/evil.example", "&#47;/evil.example",
]  # fmt: skip
RAW = [
    "<script>alert(1)</script>", "<SCRIPT SRC=//evil></SCRIPT>", "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>", "<svg><style><img src=x onerror=alert(1)></style>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>", "<style>*{background:url(//evil)}</style>",
    "<p style=\"background:url('javascript:alert(1)')\">x</p>",
    "<p onclick=alert(1)>x</p>", "<b onmouseover=alert(1)>x</b>",
    "<a href=javascript:alert(1) onclick=alert(1)>x</a>", "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'>", "<object data=data:text/html,x></object>", "<embed src=//evil>",
    "<form action=//evil><input name=q autofocus onfocus=alert(1)><button formaction=javascript:alert(1)>x</form>",
    "<base href=//evil>", "<link rel=stylesheet href=//evil>", "<meta http-equiv=refresh content='0;url=//evil'>",
    "<details open ontoggle=alert(1)>", "<video><source onerror=alert(1)></video>", "<body onload=alert(1)>",
    "<audio src=x onerror=alert(1)>",
    "<template><script>alert(1)</script></template>", "<noscript><p title='</noscript><script>'>",
    "<!--<script>alert(1)</script>-->", "<!--><script>alert(1)</script>", "<![CDATA[<script>alert(1)</script>]]>",
    "<?php echo 1 ?>", "<!DOCTYPE html>",
    "<xss:tag onx=1>", "<a\nhref=javascript:alert(1)>x</a>", "<br onclick=alert(1)>",
    "<textarea><script>alert(1)</script>",
    "<title><script>alert(1)</script>", "<select><style></select><script>alert(1)</script>",
    "<button popovertarget=x>",
    "<a id=main name=location href='x' target=_blank ping=//evil>x</a>", "<br/onload=alert(1)>",
]  # fmt: skip
MARKDOWN = [
    *(f"[x]({address})" for address in ADDRESSES),
    *(f"[x](<{address}>)" for address in ADDRESSES),
    *(f"[x][r]\n\n[r]: {address}" for address in ADDRESSES),
    *(f"<{address}>" for address in ADDRESSES),
    *RAW,
    *(f"**{raw}**\n\n- {raw}\n\n| {raw} |\n|--|\n| {raw} |" for raw in RAW),
    '[x](/a "t" onclick="alert(1)")',
    '[x](/a "&quot; onclick=alert(1) x=&quot;")', "[x](/a '\"><script>alert(1)</script>')",
    '*[ABC]: "><script>alert(1)</script>\n\nABC',
    '[^1]\n\n[^1]: <script>alert(1)</script>', '[^"><script>]\n\n[^"><script>]: x',
    '```html onclick="alert(1)"\n<script>alert(1)</script>\n```', '``` {.x onclick="alert(1)"}\nx\n```',
    '!!! note "<script>alert(1)</script>"\n    x', '!!! x" onclick="alert(1)\n    y', "## <script>alert(1)</script>",
    "[[term:a|<script>alert(1)</script>]]", '[[term:a|"><img onerror=alert(1)>]]', "`<script>alert(1)</script>`",
    "[<script>alert(1)</script>](/a)",
    "\x02wzxhzdk:0\x03<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;",
    "| \" onclick=alert(1) x=\" |\n|--|\n| a |", "## x {: onclick=alert(1) }", "term\n:   <script>alert(1)</script>",
]  # fmt: skip


@pytest.mark.parametrize("locale", ["zh-Hans", "en"])
@pytest.mark.parametrize("source", MARKDOWN)
def test_nothing_that_can_run_comes_out(source: str, locale: str) -> None:
    assert Reader(render(KEY + source, locale=locale).html).wrong == []
    block = f"[key]\nx\n\n{source}\n\n[/]\n\n[小心]\n### 题\n\n{source}\n\n[/]"
    assert Reader(render(block, locale=locale).html).wrong == []


def test_the_corpus_is_not_small() -> None:
    assert len(set(MARKDOWN)) >= 200


@pytest.mark.parametrize("raw", [*RAW, *(f'<a href="{address}">x</a>' for address in ADDRESSES)])
def test_the_sanitiser_alone_lets_nothing_through(raw: str) -> None:
    assert Reader(sanitise(raw)).wrong == []


@pytest.mark.parametrize(
    "raw", ["<script>x</script>", "<p onclick=x>", "<a href='java\tscript:x'>", "<a href=//evil>", "<!-- -->"]
)
def test_control_the_reader_sees_what_the_sanitiser_takes_out(raw: str) -> None:
    assert Reader(raw).wrong != []


PIECES = [
    "[",
    "]",
    "(",
    ")",
    "<",
    ">",
    '"',
    "'",
    "`",
    "*",
    "!",
    "javascript:",
    "//",
    "a",
    "b",
    "\n",
    "\n\n",
    " ",
    "&#",
    "|",
]


@settings(max_examples=150)
@given(st.lists(st.sampled_from([*PIECES, *RAW, *ADDRESSES]), max_size=12).map("".join))
def test_no_mixture_lets_anything_through(source: str) -> None:
    assert Reader(render(KEY + source, locale="en").html).wrong == []


# --- texts that take a parser too long ----------------------------------------------------------------------------

SHAPES = [
    "[", "[a](", "![", "![[]()", "![a](", "|", "a|", "`", "``a`",
    "*", "*a ", "_", "_a_", "**a", ">", "> ", "((", "<", "<a ",
    "<!--", "&", "&#", "[[term:", "[^1]", "- a\n", " - a\n",
    "1. a\n ", "    ", "\t", "#", "~", "```\n", "a\n:   b\n", "*[a]: b\n",
    "[a]: b\n", "|-|\n", "!!! a\n    ", "[/]\n", "[小心]\n", "](article:",
    "a\n===\n", "\\", "<?", "<![CDATA[", "{{", '"',
]  # fmt: skip


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    with Renderer() as renderer:
        yield renderer


@pytest.mark.parametrize("shape", SHAPES)
def test_twenty_kilobytes_of_one_shape_are_answered_or_refused(renderer: Renderer, shape: str) -> None:
    source = KEY + shape * (20_000 // len(shape.encode()))
    try:
        answer = renderer.render(source, locale="zh-Hans").html[:8]
    except MarkupError as refused:
        answer = str(refused)[:4]
    assert answer in ("<section", "The ", "[/] ", "Bloc", "A bl", "A he", "Pict", "[[te")
    assert renderer.render(KEY, locale="zh-Hans").toc == []


def deep_list() -> str:
    return KEY + "".join(f"{'    ' * depth}- a\n\n" for depth in range(14)) * 60


def child(renderer: Renderer) -> int:
    assert renderer._child is not None
    return renderer._child.pid


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_text_over_the_limit_kills_its_child_and_the_next_text_gets_a_new_one() -> None:
    with Renderer(limit=5.0) as renderer:
        assert renderer.render(KEY, locale="zh-Hans").toc == []
        first = child(renderer)
        renderer._limit = 0.0
        with pytest.raises(MarkupError) as refused:
            renderer.render(deep_list(), locale="zh-Hans")
        assert str(refused.value) == (
            "The text takes too long to be turned into a page. Simplify its lists, tables or brackets."
        )
        assert is_running(first) is False
        renderer._limit = 5.0
        assert renderer.render(KEY, locale="zh-Hans").html == render(KEY, locale="zh-Hans").html
        assert child(renderer) != first


def test_a_child_that_died_between_two_texts_is_replaced() -> None:
    with Renderer() as renderer:
        renderer.render(KEY, locale="zh-Hans")
        first = child(renderer)
        os.kill(first, signal.SIGKILL)
        assert renderer._child is not None
        renderer._child.wait()
        assert renderer.render(KEY, locale="zh-Hans").toc == []
        assert child(renderer) != first


def test_a_child_that_dies_unseen_is_a_sentence_and_not_a_broken_pipe() -> None:
    with Renderer() as renderer:
        renderer.render(KEY, locale="zh-Hans")
        assert renderer._child is not None
        assert renderer._child.stdout is not None
        os.kill(child(renderer), signal.SIGKILL)
        renderer._child.stdout.read()  # ends when the child has
        renderer._child.poll = lambda: None  # type: ignore[method-assign]  # it died after it was asked
        with pytest.raises(MarkupError) as refused:
            renderer.render(KEY, locale="zh-Hans")
        assert str(refused.value) == "The text cannot be turned into a page."
        assert renderer.render(KEY, locale="zh-Hans").toc == []


def test_closing_ends_the_child_and_may_be_repeated() -> None:
    renderer = Renderer()
    renderer.render(KEY, locale="zh-Hans")
    pid = child(renderer)
    renderer.close()
    renderer.close()
    assert is_running(pid) is False


def test_the_child_renders_as_this_process_does(renderer: Renderer) -> None:
    sources = ["[步骤]\n### 甲\n\n一\n[/]", "## 甲\n\n[[term:a|“乙”]]", "\u2028\U0001f600\u202e"]
    for source, locale in itertools.product(sources, ("zh-Hans", "zh-Hant", "en")):
        assert renderer.render(KEY + source, locale=locale) == render(KEY + source, locale=locale)


def test_a_refusal_from_inside_the_child_reaches_the_author(renderer: Renderer) -> None:
    with pytest.raises(MarkupError) as refused:
        renderer.render(KEY + "[步骤]\n[/]", locale="zh-Hans")
    assert str(refused.value) == "The steps block is empty."
