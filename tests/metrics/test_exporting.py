"""Files of a report, read back: all of them say the same figures, and nothing in them is a formula."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from datetime import UTC, datetime
from functools import cache
from typing import Any

import docx
import openpyxl
import pypdf
import pytest

from portal.metrics.rules.closing import canonical
from portal.metrics.rules.report import Report
from portal.metrics.services.exporting import (
    PLACES,
    Amendment,
    Closing,
    Form,
    State,
    export,
    pictures,
    year_file,
)
from tests.metrics.sample import sample
from tests.quizzes.browsed import needs_pdf

AT = datetime(2026, 10, 12, 3, tzinfo=UTC)
TOLD = {"overall": "本季以“守住钱袋子”为主线。\n五家支行参加。", "plan": "补足样本。"}
CLOSED = Closing(
    State.CONFIRMED, "林岚", AT, "陈立", AT, "ab" * 32, (Amendment(AT, "林岚", "补交纸质签到表三份。"),)
)  # fmt: skip
PLAIN = tuple(form for form in Form if form is not Form.PDF)


def made(report: Report, form: Form, told: dict[str, str] = TOLD, closing: Closing = CLOSED) -> bytes:
    if form is Form.PDF:
        needs_pdf()
        return set_once(json.dumps(report), json.dumps(told), closing)
    return export(report, told, form=form, closing=closing)


@cache
def set_once(report: str, told: str, closing: Closing) -> bytes:
    """Setting takes seconds; several tests read the same document."""
    return export(json.loads(report), json.loads(told), form=Form.PDF, closing=closing)


def from_csv(raw: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


def from_xlsx(raw: bytes) -> dict[str, list[list[Any]]]:
    book = openpyxl.load_workbook(io.BytesIO(raw))
    return {page.title: [[cell.value for cell in row] for row in page.iter_rows()] for page in book}


def from_docx(raw: bytes) -> tuple[list[str], dict[str, list[list[str]]]]:
    """Return the paragraphs, and the tables by their first head."""
    paper = docx.Document(io.BytesIO(raw))
    tables = {}
    for table in paper.tables:
        rows = [[cell.text for cell in row.cells] for row in table.rows]
        tables["|".join(rows[0][:3])] = rows
    return [one.text for one in paper.paragraphs], tables


def from_pdf(raw: bytes) -> list[str]:
    return [re.sub(r"\s+", "", page.extract_text()) for page in pypdf.PdfReader(io.BytesIO(raw)).pages]


def text_of(raw: bytes, form: Form) -> str:
    """Return every word of a file, without spaces."""
    if form is Form.XLSX:
        cells = [cell for rows in from_xlsx(raw).values() for row in rows for cell in row]
        said = "\n".join(str(cell) for cell in cells if cell is not None)
    elif form is Form.DOCX:
        paragraphs, tables = from_docx(raw)
        said = "\n".join(paragraphs + [cell for rows in tables.values() for row in rows for cell in row])
    elif form is Form.PDF:
        return "".join(from_pdf(raw))
    else:
        said = raw.decode("utf-8-sig").replace("\\n", "\n")
    return re.sub(r"\s+", "", said)


# --- agreement ----------------------------------------------------------------------------------------------------

HEADLINES = {
    "lectures": ("金融知识讲座场次", "5"),
    "person_times": ("讲座参与人次", "268"),
    "awareness": ("认知度", "+23.1%", "+17.7%", "+29.2%", "126"),
    "satisfaction": ("满意度", "92.9%", "88.4%", "95.7%", "196"),
    "tips": ("金融安全提示", "2"),
    "complaints_24h": ("投诉 24 小时处理率", "95.3%"),
    "training": ("员工培训参与率", "100.0%"),
}


def test_csv_xlsx_and_docx_hold_the_headlines_of_the_json() -> None:
    report = sample()
    known = {one["measure"]: one for one in json.loads(made(report, Form.JSON))["report"]["verdicts"]}
    rows = {row["key"]: row for row in from_csv(made(report, Form.CSV)) if row["section"] == "verdicts"}
    sheet = {row[0]: row for row in from_xlsx(made(report, Form.XLSX))["目标与结论"][1:]}
    table = {row[0]: row for row in from_docx(made(report, Form.DOCX))[1]["指标|本季|95% 下限"][1:]}
    assert set(known) == set(rows) == set(HEADLINES)
    for measure, (name, *said) in HEADLINES.items():
        one = known[measure]
        exact = [one["value"], one["low"], one["high"], one["n"]]
        assert [
            float(cell) if cell else None for cell in (rows[measure][key] for key in ("value", "low", "high", "n"))
        ] == exact
        assert sheet[name][1:5] == [one if one is None else pytest.approx(one, rel=1e-14) for one in exact]
        assert [cell for cell in table[name][1:5] if cell] == said
        assert rows[measure]["dimension"] == one["verdict"]
        assert sheet[name][6] == table[name][6]


def test_the_pdf_holds_the_same_headlines() -> None:
    whole = "".join(from_pdf(made(sample(), Form.PDF)))
    for name, *said in HEADLINES.values():
        assert re.sub(r"\s", "", name + "".join(said)) in whole


def test_other_figures_agree_too() -> None:
    report = sample()
    rows, sheets = from_csv(made(report, Form.CSV)), from_xlsx(made(report, Form.XLSX))
    _paragraphs, tables = from_docx(made(report, Form.DOCX))
    there = {row["key"]: int(row["value"]) for row in rows if row["section"] == "attendance"}
    assert there == report["attendance"]
    assert {row[1] for row in sheets["参与情况"][1:]} == set(there.values())
    series = [row for row in rows if row["section"] == "series"]
    assert len(series) == len(sheets["各季对比"]) - 1 == 35
    assert tables["指标|2025Q3|2025Q4"][3] == ["认知度", "", "+11.0%", "+17.0%", "+19.0%", "+23.1%"]
    assert [float(row["value"]) for row in series if row["key"] == "satisfaction"][-1] == 182 / 196
    kept = next(row for row in rows if (row["section"], row["key"]) == ("awareness", "attrition.matched_share"))
    assert float(kept["value"]) == pytest.approx(126 / 158)
    assert tables["项目|本季|95% 下限"][11][:2] == ["讲座前作答的人里讲座后也作答", "79.7%"]
    follow = next(row for row in rows if row["section"] == "follow_up" and row["key"] == "relative")
    assert float(follow["value"]) == report["awareness"]["follow_up"]["relative"]["value"]
    assert sheets["认知度"][7][4] == pytest.approx(float(follow["value"]), rel=1e-14)


@pytest.mark.parametrize("form", Form)
def test_the_verdict_stands_as_a_sentence_and_the_three_headings_are_the_supervisor_s(form: Form) -> None:
    raw = made(sample(), form)
    if form is not Form.JSON:
        assert "满意度高于90%，但样本还不够多，不能确认达标。" in text_of(raw, form)
    if form in {Form.DOCX, Form.PDF}:
        whole = text_of(raw, form)
        places = [whole.index(one) for one in ("结论", "一、总体安排", "二、集中教育宣传活动", "三、常态化消费者教育")]
        assert places == sorted(places)


# --- what is hidden -----------------------------------------------------------------------------------------------


def test_hidden_cells_are_empty_and_never_zero() -> None:
    report = sample()
    rows = [row for row in from_csv(made(report, Form.CSV)) if row["dimension"] == "audience:general"]
    assert {(row["key"], row["value"], row["n"]) for row in rows} == {
        ("lectures", "1", ""),
        ("person_times", "", ""),
        ("satisfaction", "", ""),
    }
    assert from_xlsx(made(report, Form.XLSX))["按受众"][3] == ["新市民版", 1, None, None, None, None, None, "隐去"]
    assert from_docx(made(report, Form.DOCX))[1]["受众|场次|人次"][3] == ["新市民版", "1", "", "", "", "", "", "隐去"]
    hidden = [one for one in json.loads(made(report, Form.JSON))["report"]["breakdowns"]["audience"] if one["hidden"]]
    assert {one["person_times"] for one in hidden} == {None}


def test_hidden_cells_are_empty_in_the_pdf() -> None:
    whole = "".join(from_pdf(made(sample(), Form.PDF)))
    assert "新市民版1隐去普适版1隐去" in whole


def test_a_hidden_row_tells_nothing_even_where_the_report_holds_its_figures() -> None:
    report = sample()
    row = report["breakdowns"]["audience"][3]
    row.update(person_times=4_321, answers=1_234, satisfied=987, share={"value": 0.7654321, "low": 0.71, "high": 0.81})
    for form in (Form.CSV, Form.XLSX, Form.DOCX):
        whole = text_of(made(report, form), form)
        assert "4321" not in whole.replace(",", "")
        assert "765432" not in whole
        assert "76.5%" not in whole


# --- text stays text ----------------------------------------------------------------------------------------------


def wild() -> Report:
    report = sample()
    report["ledger"][0].update(title="=1+1", branch="+86", campaign="")
    report["breakdowns"]["district"][0]["label"] = "@x"
    report["search"]["terms"][0]["term"] = "https://example.org/a\x0b"
    report["quizzes"][0]["title"] = "<b>&amp;</b>"
    report["entries"][0]["source"] = "-2+3\r\n=cmd"
    return report


def test_no_cell_of_a_spreadsheet_is_a_formula_a_link_or_a_number_made_of_text() -> None:
    raw = made(wild(), Form.XLSX)
    book = openpyxl.load_workbook(io.BytesIO(raw))
    cells = [cell for page in book for row in page.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert not any(cell.hyperlink for cell in cells)
    values = [cell.value for cell in cells]
    assert {"=1+1", "+86", "@x", "<b>&amp;</b>", "https://example.org/a"} <= set(values)


def test_no_cell_of_a_csv_is_a_formula() -> None:
    rows = from_csv(made(wild(), Form.CSV))
    for row in rows:
        for cell in row.values():
            assert not cell.startswith(("=", "@", "+")) or cell.startswith("'")
            if cell.startswith("-"):
                float(cell)
    assert {"'=1+1", "'+86"} <= {row["value"] for row in rows}
    assert "'@x" in {row["note"] for row in rows}


@pytest.mark.parametrize("form", [Form.DOCX, Form.PDF])
def test_documents_show_such_text_as_it_is(form: Form) -> None:
    whole = text_of(made(wild(), form), form)
    for said in ("=1+1", "@x", "<b>&amp;</b>", "https://example.org/a", "-2+3=cmd"):
        assert said in whole


# --- texts, closing, demo -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", Form)
def test_approved_texts_stand_in_their_places_and_missing_ones_are_asked_for(form: Form) -> None:
    raw = made(sample(), form)
    whole = text_of(raw, form)
    assert "本季以“守住钱袋子”为主线。五家支行参加。" in whole.replace('\\"', "")
    if form in {Form.DOCX, Form.PDF, Form.XLSX}:
        assert {key for key, words in PLACES.items() if f"（待填写：{words}）" in whole} == {
            "campaigns",
            "routine",
            "problems",
        }


@pytest.mark.parametrize("form", Form)
def test_closing_and_amendments_are_told(form: Form) -> None:
    whole = text_of(made(sample(), form), form)
    for said in ("林岚", "陈立", "ab" * 32, "补交纸质签到表三份。"):
        assert said in whole
    opened = text_of(made(sample(), form, closing=Closing()), form)
    assert "ab" * 32 not in opened
    assert ('"open"' if form is Form.JSON else "未封账") in opened


def test_an_open_quarter_says_that_it_is_not_over() -> None:
    whole = text_of(made(sample(is_over=False), Form.DOCX, closing=Closing()), Form.DOCX)
    assert "本季尚未结束" in whole
    assert "到目前还没有达到100%" in whole


@pytest.mark.parametrize("form", Form)
def test_invented_figures_are_marked_everywhere(form: Form) -> None:
    assert "演示数据，" not in text_of(made(sample(), form), form)
    raw = made(sample(demo=True), form)
    if form is Form.JSON:
        assert json.loads(raw)["report"]["demo"] is True
    elif form is Form.CSV:
        assert from_csv(raw)[6]["note"] == "演示数据"
    elif form is Form.XLSX:
        assert {rows[0][0] for rows in from_xlsx(raw).values()} == {"演示数据，不是真实统计"}
        book = openpyxl.load_workbook(io.BytesIO(raw))
        assert {page.oddHeader.center.text for page in book} == {"演示数据，不是真实统计"}
    elif form is Form.DOCX:
        sections = docx.Document(io.BytesIO(raw)).sections
        assert len(sections) == 3
        assert all(one.header.paragraphs[0].text.startswith("演示数据") for one in sections)
    else:
        assert all("演示数据，不是真实统计·2026年第三季度" in page for page in from_pdf(raw))


# --- how documents are made ---------------------------------------------------------------------------------------


def test_a_document_has_headings_repeated_heads_a_language_and_words_for_its_pictures() -> None:
    raw = made(sample(), Form.DOCX)
    paper = docx.Document(io.BytesIO(raw))
    heads = [one.text for one in paper.paragraphs if one.style is not None and one.style.name == "Heading 1"]
    assert heads[:4] == ["结论", "一、总体安排", "二、集中教育宣传活动", "三、常态化消费者教育"]
    with zipfile.ZipFile(io.BytesIO(raw)) as package:
        body, styles, foot = (package.read(f"word/{one}.xml").decode() for one in ("document", "styles", "footer1"))
    assert body.count("<w:tblHeader/>") == len(paper.tables)
    assert 'w:eastAsia="Microsoft YaHei"' in styles
    assert '<w:lang w:val="zh-CN" w:eastAsia="zh-CN"' in styles
    assert 'w:instr="PAGE"' in foot
    if pictures._font() is None:
        pytest.skip("no font with 汉字 is installed: documents have no pictures (apt-get install fonts-noto-cjk)")
    said = re.findall(r'descr="([^"]+)"', body)
    assert len(said) == 3
    assert "2026Q3 92.9%（95% 区间 88.4% 至 95.7%）" in said[2]
    assert said[0].endswith("目标 200 人次。")


def test_columns_are_as_wide_as_what_stands_in_them() -> None:
    document = docx.Document(io.BytesIO(made(sample(), Form.DOCX)))
    wide = next(table for table in document.tables if table.cell(0, 0).text == "指标")
    widths = [column.width for column in wide.columns]
    assert widths[0] == max(widths[:-2]) > 2 * min(widths)
    assert abs(sum(widths) - 16.6 * 360_000) < 10_000
    assert [cell.width for cell in wide.rows[1].cells] == widths


def test_without_a_font_the_tables_stand_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "FONTS", ())
    pictures._font.cache_clear()
    try:
        paper = docx.Document(io.BytesIO(made(sample(), Form.DOCX)))
    finally:
        pictures._font.cache_clear()
    assert len(paper.inline_shapes) == 0
    assert "满意度" in {row.cells[0].text for table in paper.tables for row in table.rows}


@pytest.mark.parametrize("form", PLAIN)
def test_the_same_report_gives_the_same_bytes(form: Form) -> None:
    assert made(sample(), form) == made(sample(), form)


def test_one_value_has_one_canonical_form() -> None:
    assert canonical({"b": 1, "a": "满"}) == canonical({"a": "满", "b": 1}) == '{"a":"满","b":1}'
    with pytest.raises(ValueError, match="JSON compliant"):
        canonical({"a": float("nan")})


@pytest.mark.parametrize("form", Form)
def test_a_quarter_in_which_nothing_happened_has_its_files(form: Form) -> None:
    nothing: Any = {"value": None, "low": None, "high": None}
    report = sample(
        verdicts=[{**one, "verdict": "not_known", **nothing, "n": None, "caveats": []} for one in sample()["verdicts"]],
        attendance=dict.fromkeys(sample()["attendance"], 0),
        breakdowns={},
        satisfaction={"n": 0, "satisfied": None, "share": nothing, "levels": {}},
        awareness={},
        articles={},
        reading=[],
        search={},
        quizzes=[],
        entries=[],
        ledger=[],
        series={},
    )
    raw = made(report, form, {}, Closing())
    assert len(raw) > 1_000
    if form is Form.DOCX:
        assert "7项目标中，7项没有数据。" in text_of(raw, form)


def test_a_document_cuts_a_table_of_hundreds_of_rows_and_says_so_where_a_spreadsheet_has_all() -> None:
    report = sample()
    report["ledger"] = [{**report["ledger"][number % 5], "slug": f"lecture-{number}"} for number in range(201)]
    _paragraphs, tables = from_docx(made(report, Form.DOCX))
    assert len(tables["日期|活动|受众"]) == 201
    assert "这里列出前200行，共201行；全部见同一季度的XLSX或CSV文件。" in text_of(made(report, Form.DOCX), Form.DOCX)
    assert len(from_xlsx(made(report, Form.XLSX))["活动台账"]) == 202


def test_an_unknown_form_is_refused() -> None:
    with pytest.raises(ValueError, match="exe"):
        export(sample(), {}, form="exe", closing=Closing())


# --- the ledger ---------------------------------------------------------------------------------------------------


def test_a_year_s_ledger_is_the_same_in_both_files_and_no_formula() -> None:
    year = {"2026Q3": wild()}
    lines = list(csv.reader(io.StringIO(year_file(2026, year, form="csv").decode("utf-8-sig"), newline="")))
    sheet = from_xlsx(year_file(2026, year, form="xlsx"))["活动台账"]
    assert len(lines) == len(sheet) == 6
    assert lines[0] == sheet[0]
    assert (lines[1][1], sheet[1][1]) == ("'=1+1", "=1+1")
    assert (lines[1][8], sheet[1][8]) == ("76", 76)
    assert (lines[2][8], sheet[2][8]) == ("", None)
    assert lines[1][14] == sheet[1][14] == "签到记录、满意度答卷、座位卡答卷、纸质签到表"
    for form in ("xlsx", "docx"):
        assert year_file(2026, year, form=form) == year_file(2026, year, form=form)
    with pytest.raises(ValueError, match="json"):
        year_file(2026, year, form="json")
    pages = from_xlsx(year_file(2026, {"2026Q3": sample(demo=True)}, form="xlsx"))
    assert {rows[0][0] for rows in pages.values()} == {"演示数据，不是真实统计"}
