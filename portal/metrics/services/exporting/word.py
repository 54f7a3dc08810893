"""The summary as DOCX, with real headings, repeated heads of tables, and words for every picture."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from portal.metrics.services.exporting.story import DEMO, Grid, Heading, Picture, Points, Story, Text
from portal.metrics.services.exporting.tables import Number, Table

if TYPE_CHECKING:
    from docx.document import Document

SANS = "Microsoft YaHei"
LATIN = "Arial"
MOST_SIGNS = 24
"""More Latin signs in a cell than this ask for no wider column: they stand on several lines."""
FEWEST_SIGNS = 5
"""Around what stands in a cell, in Latin signs."""
STYLES = {"plain": "Normal", "verdict": "Verdict", "note": "Fine", "place": "Place"}


def docx_file(told: Story) -> bytes:
    """Return a summary as DOCX; the same one gives the same file."""
    import docx  # noqa: PLC0415  # a server loads it only where somebody saves a document
    from docx.shared import Cm  # noqa: PLC0415  # as above

    paper = docx.Document()
    _styles(paper)
    _frame(paper, told)
    paper.add_heading(told.title, 0)
    for line in told.about:
        paper.add_paragraph(line, style="Fine")
    if told.is_demo:
        paper.add_paragraph(f"{DEMO}。", style="Verdict")
    lies = False
    for block in told.blocks:
        wide = getattr(block, "wide", False)
        if wide != lies:
            _turn(paper)
            lies = wide
        match block:
            case Heading():
                paper.add_heading(block.text, block.level)
            case Text():
                paragraph = paper.add_paragraph(block.text, style=STYLES[block.kind])
                paragraph.paragraph_format.keep_with_next = block.kind == "verdict"
            case Points():
                for item in block.items:
                    paper.add_paragraph(item, style="List Bullet")
            case Grid():
                _grid(paper, block)
            case Picture():
                shape = paper.add_picture(io.BytesIO(block.png), width=Cm(16))
                about = shape._inline.docPr
                about.set("descr", block.alt)
                about.set("title", block.caption)
                paper.paragraphs[-1].paragraph_format.keep_with_next = True
                paper.add_paragraph(block.caption, style="Caption")
    out = io.BytesIO()
    paper.save(out)
    return _still(out.getvalue(), told.created)


def _styles(paper: Document) -> None:
    from docx.enum.style import WD_STYLE_TYPE  # noqa: PLC0415  # as above
    from docx.shared import Pt, RGBColor  # noqa: PLC0415  # as above

    from portal.metrics.services.exporting.pictures import ink_of_paper  # noqa: PLC0415  # it loads Pillow

    ink = ink_of_paper()
    base = paper.styles["Normal"]
    for name in ("Verdict", "Fine", "Place"):
        paper.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = base
    sizes = {"Normal": 10.5, "Verdict": 12, "Fine": 9.5, "Place": 10.5, "Title": 20, "Heading 1": 15, "Heading 2": 12.5,
             "Caption": 9.5, "List Bullet": 10.5, "Header": 9, "Footer": 9}  # fmt: skip
    for name, size in sizes.items():
        style: Any = paper.styles[name]
        style.font.size = Pt(size)
        style.font.italic = False
        style.font.bold = name in {"Verdict", "Title", "Heading 1", "Heading 2", "Caption"}
        strong = name in {"Title", "Heading 1", "Heading 2"}
        style.font.color.rgb = RGBColor.from_string(ink["brand" if strong else "ink"].lstrip("#").upper())
        _fonts(style.element.get_or_add_rPr())
    defaults = paper.styles.element.find("./{*}docDefaults/{*}rPrDefault/{*}rPr")
    _fonts(defaults)
    _language(defaults)
    base_format = base.paragraph_format
    base_format.space_after, base_format.line_spacing = Pt(4), 1.35
    paper.styles["Verdict"].paragraph_format.space_before = Pt(6)
    paper.styles["Verdict"].paragraph_format.space_after = Pt(0)


def _fonts(properties: Any) -> None:
    """Name the fonts for Latin and for East Asian signs; a theme's name would come before them."""
    from docx.oxml.ns import qn  # noqa: PLC0415  # as above

    fonts = (
        properties.get_or_add_rFonts() if hasattr(properties, "get_or_add_rFonts") else properties.find(qn("w:rFonts"))
    )
    for name in list(fonts.attrib):
        del fonts.attrib[name]
    for kind, name in (("ascii", LATIN), ("hAnsi", LATIN), ("cs", LATIN), ("eastAsia", SANS)):
        fonts.set(qn(f"w:{kind}"), name)


def _language(properties: Any) -> None:
    from docx.oxml import OxmlElement  # noqa: PLC0415  # as above
    from docx.oxml.ns import qn  # noqa: PLC0415  # as above

    found = properties.find(qn("w:lang"))
    if found is None:
        found = OxmlElement("w:lang")
        properties.append(found)
    for kind in ("val", "eastAsia"):
        found.set(qn(f"w:{kind}"), "zh-CN")


def _frame(paper: Document, told: Story) -> None:
    """Set page, head, foot and what the file says of itself."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH  # noqa: PLC0415  # as above
    from docx.oxml.ns import qn  # noqa: PLC0415  # as above
    from docx.shared import Cm  # noqa: PLC0415  # as above

    section = paper.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.2)
    section.top_margin = section.bottom_margin = Cm(2.2)
    head, foot = section.header.paragraphs[0], section.footer.paragraphs[0]
    head.text = told.running
    head.alignment = foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    foot.add_run("第 ")
    _field(foot, "PAGE")
    foot.add_run(" 页，共 ")
    _field(foot, "NUMPAGES")
    foot.add_run(" 页")
    paper.settings.element.find(qn("w:themeFontLang")).set(qn("w:eastAsia"), "zh-CN")
    about = paper.core_properties
    about.title, about.author, about.comments, about.keywords = told.title, "", "", ""
    about.language = "zh-CN"
    about.created = about.modified = told.created.astimezone(UTC).replace(tzinfo=None)
    about.last_modified_by = ""


def _turn(paper: Document) -> None:
    """Begin a page that lies on its side where this one stands, or the other way round."""
    from docx.enum.section import WD_ORIENT, WD_SECTION  # noqa: PLC0415  # as above

    last = paper.sections[-1]
    width, height, stood = last.page_width, last.page_height, last.orientation == WD_ORIENT.PORTRAIT
    section = paper.add_section(WD_SECTION.NEW_PAGE)
    section.orientation = WD_ORIENT.LANDSCAPE if stood else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = height, width


def _field(paragraph: Any, code: str) -> None:
    from docx.oxml import OxmlElement  # noqa: PLC0415  # as above
    from docx.oxml.ns import qn  # noqa: PLC0415  # as above

    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    run, text = OxmlElement("w:r"), OxmlElement("w:t")
    text.text = "1"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)


def _grid(paper: Document, block: Grid) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH  # noqa: PLC0415  # as above
    from docx.oxml import OxmlElement  # noqa: PLC0415  # as above
    from docx.oxml.ns import qn  # noqa: PLC0415  # as above
    from docx.shared import Cm, Pt  # noqa: PLC0415  # as above

    caption = paper.add_paragraph(block.caption, style="Caption")
    caption.paragraph_format.keep_with_next = True
    table = block.table
    grid = paper.add_table(rows=1 + len(table.rows), cols=len(table.head), style="Table Grid")
    grid.autofit = False
    widths = (7.0, *[3.0] * (len(table.head) - 1)) if block.narrow else _widths(table, 25.3 if block.wide else 16.6)
    # Word goes by the cells, LibreOffice by the columns.
    for column, width in zip(grid.columns, widths, strict=True):
        column.width = Cm(width)
    size = Pt(6.5 if block.wide else 9 if len(table.head) < 8 else 8)
    lines: list[tuple[Any, ...]] = [table.head, *(tuple(row) for row in table.rows)]
    for number, (row, line) in enumerate(zip(grid.rows, lines, strict=True)):
        properties = row._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if number == 0:
            properties.append(OxmlElement("w:tblHeader"))
        for column, (cell, value) in enumerate(zip(row.cells, line, strict=True)):
            cell.width = Cm(widths[column])
            paragraph = cell.paragraphs[0]
            run = paragraph.add_run(str(value))
            run.font.size = size
            run.font.bold = number == 0
            paragraph.paragraph_format.space_after = Pt(0)
            paragraph.paragraph_format.line_spacing = 1.1
            paragraph.paragraph_format.keep_with_next = block.whole and number < len(table.rows)
            if is_numeric(table, column):
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    about = OxmlElement("w:tblDescription")
    about.set(qn("w:val"), block.caption)
    grid._tbl.tblPr.append(about)
    paper.add_paragraph().paragraph_format.space_after = Pt(2)


def _widths(table: Table, whole: float) -> list[float]:
    """Return how wide columns are in cm, by what stands in them: a long one gets the room that short ones leave."""
    lines = [table.head, *table.rows]
    wanted = [
        min(max(sum(1 + (sign > "\u2e7f") for sign in str(line[column])) for line in lines), MOST_SIGNS) + FEWEST_SIGNS
        for column in range(len(table.head))
    ]
    return [whole * one / sum(wanted) for one in wanted]


def is_numeric(table: Table, column: int) -> bool:
    """Whether a column holds numbers."""
    return bool(table.rows) and all(isinstance(row[column], Number) for row in table.rows)


def _still(raw: bytes, at: datetime) -> bytes:
    """Return a package with one time for all its parts, so that the same document is the same bytes."""
    moment = at.astimezone(UTC)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = zipfile.ZipInfo(name, (moment.year, moment.month, moment.day, moment.hour, moment.minute, 0))
            part.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(part, old.read(name))
    return out.getvalue()
