"""The clipboard in a real browser: what Word and other programs copy keeps its form, and its pictures."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

from PIL import Image
from playwright.sync_api import expect

from tests.journeys.test_accounts import Desk, desk
from tests.journeys.test_desk import enter, people, write

__all__ = ["desk", "enter", "people"]

COPIED = """<html><body><!--StartFragment--><h1>先停</h1>
<p style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>1.</span>挂断<b>电话</b></p>
<p><img src="file:///C:/a.png" alt="手机"></p><!--EndFragment--></body></html>"""
PASTE = """([html, text, rtf, file]) => {
  const data = new DataTransfer();
  if (html) data.setData('text/html', html);
  if (rtf) data.setData('text/rtf', rtf);
  if (file) data.items.add(new File([Uint8Array.from(file)], 'image.png', {type: 'image/png'}));
  data.setData('text/plain', text);
  document.querySelector('.CodeMirror').CodeMirror.getInputField().dispatchEvent(
    new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}));
}"""
TYPED = "document.querySelector('.CodeMirror').CodeMirror.getValue()"


def test_what_is_copied_in_word_keeps_its_form(desk: Desk, enter: object) -> None:
    writer = enter("typist")  # type: ignore[operator]
    writer.goto(f"{desk.address}/desk/articles/1/new-resident/zh-Hans")
    write(writer, "")
    writer.evaluate(PASTE, [COPIED, "先停 挂断电话"])
    expect(writer.locator("[data-part=pasted]")).to_have_text("没有带过来：1 张图片。")
    assert writer.evaluate(TYPED) == "## 先停\n\n1. 挂断**电话**\n\n（图片：手机）"
    # what has no form of its own comes as it is, and so does what a broken connection leaves of it
    write(writer, "")
    writer.evaluate(PASTE, ["<div><span>## 标题 **粗**</span></div>", "## 标题 **粗**"])
    writer.wait_for_function(f"{TYPED} !== ''")
    assert writer.evaluate(TYPED) == "## 标题 **粗**"
    write(writer, "")
    writer.route("**/desk/pasted/*", lambda route: route.abort())
    writer.evaluate(PASTE, [COPIED, "先停 挂断电话"])
    expect(writer.locator("[data-part=pasted]")).to_have_text("只粘贴了文字。")
    assert writer.evaluate(TYPED) == "先停 挂断电话"


def png(shade: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (9, 9), (shade, 0, 0)).save(out, "PNG")
    return out.getvalue()


def in_rtf(data: bytes) -> str:
    """Return a picture as Word copies it: once for us, with groups inside, and once for old programs."""
    about = r"{\*\picprop\shplid1025{\sp{\sn fLine}{\sv 0}}}\picscalex100\picw847\pich847\pngblip\bliptag1985 "
    return (
        rf"{{\*\shppict{{\pict{about}{{\*\blipuid 4ea0bead}}{data.hex()[:60]}{chr(10)}{data.hex()[60:]}}}}}"
        r"{\nonshppict{\pict\picw847\wmetafile8 010009000003}}"
    )


def test_pictures_that_are_copied_come_into_the_library(desk: Desk, enter: object) -> None:
    writer = enter("typist")  # type: ignore[operator]
    writer.goto(f"{desk.address}/desk/articles/1/new-resident/zh-Hans")

    def red(key: str) -> int:
        """Return how red a picture of the library is."""
        kept = [Image.open(file) for file in Path(desk.environ["PORTAL_DATA"], "media", key, "1").glob("*.webp")]
        return kept[0].convert("RGB").getpixel((4, 4))[0]  # type: ignore[index,no-any-return]  # three numbers

    def paste(html: str, rtf: str = "", file: bytes = b"") -> tuple[str, str]:
        write(writer, "")
        writer.locator("[data-part=pasted]").evaluate("note => note.textContent = '…'")
        writer.evaluate(PASTE, [html, "词", rtf, list(file) if file else None])
        expect(writer.locator("[data-part=pasted]")).not_to_have_text("…")
        return writer.evaluate(TYPED), writer.locator("[data-part=pasted]").inner_text()

    word = "<p>甲</p><p><img src='file:///C:/a.png' alt='红 > 黑'></p><p><img src='file:///C:/b.png' alt='暗红'></p>"
    rtf = rf"{{\rtf1 {in_rtf(png(250))} text {in_rtf(png(90))}}}"
    assert paste(word, rtf) == (
        "甲\n\n（图片：红 > 黑）\n\n（图片：暗红）",
        "没有带过来：2 张因为没有写来源和许可的图片。",
    )
    writer.locator("summary:has-text('Word')").click()
    writer.fill("#word-source", "本行绘制")
    writer.fill("#word-licence", "本行所有")
    text, said = paste(word, rtf)
    keys = re.findall(r"\[图片：([^\]]+)\]", text)
    assert (len(keys), said) == (2, "")
    assert [abs(red(key) - drawn) < 9 for key, drawn in zip(keys, (250, 90), strict=True)] == [True, True]
    # where it cannot be told which picture is which, none is taken
    assert paste(word, rf"{{\rtf1 {in_rtf(png(250))}}}")[1] == "没有带过来：2 张图片。"
    # what other programs copy: the bytes in the address, or a file beside the words; never another site's picture
    data = base64.b64encode(png(90)).decode()
    assert paste(f"<p>乙</p><img alt=暗红 src='data:image/png;base64,{data}'>") == (f"乙\n\n[图片：{keys[1]}]", "")
    assert paste("<p>乙</p><img alt=红 src='https://example.org/a.png'>", file=png(250)) == (
        f"乙\n\n[图片：{keys[0]}]",
        "",
    )
    assert paste("<p>乙</p><img alt=红 src='https://example.org/a.png'>") == (
        "乙\n\n（图片：红）",
        "没有带过来：1 张图片。",
    )
