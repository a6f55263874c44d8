"""A table is the same rows in every wrapping; a trap, a lock or several files are refused in words."""

import gzip
import io
import zipfile
from datetime import date

import pyarrow as pa
import pytest
from pyarrow import parquet

from reconcile import feeds

HEADINGS = ("mpan_core", "dcc_service_flag", "dcc_service_flag_efd", "supplier_mpid")
ROWS = [("2499999999991", "A", date(2024, 1, 31), "TERN"), ("1900000000013", None, None, "WREN")]
CSV = "\n".join(",".join(str(value or "") for value in row) for row in (HEADINGS, *ROWS)).encode() + b"\n"


def zipped(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def cell(place: str, value: object) -> str:
    if isinstance(value, date):
        return f'<c r="{place}" s="1"><v>{(value - date(1899, 12, 30)).days}</v></c>'
    if isinstance(value, int):
        return f'<c r="{place}"><v>{value}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t>{value or ""}</t></is></c>'


def workbook(*sheets: list[tuple]) -> bytes:
    """A workbook as small as can be, with a style for dates."""
    ns = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    numbers = range(1, len(sheets) + 1)
    files = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{rel}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {ns} xmlns:r="{rel}"><sheets>'
        + "".join(f'<sheet name="Sheet {n}" sheetId="{n}" r:id="s{n}"/>' for n in numbers)
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        + "".join(f'<Relationship Id="s{n}" Type="{rel}/worksheet" Target="worksheets/s{n}.xml"/>' for n in numbers)
        + f'<Relationship Id="st" Type="{rel}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet {ns}><cellXfs count="2">'
        '<xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
    }
    for number, rows in zip(numbers, sheets, strict=True):
        lines = (
            f'<row r="{at}">'
            + "".join(cell(f"{chr(65 + place)}{at}", value) for place, value in enumerate(row))
            + "</row>"
            for at, row in enumerate(rows, 1)
        )
        files[f"xl/worksheets/s{number}.xml"] = f"<worksheet {ns}><sheetData>{''.join(lines)}</sheetData></worksheet>"
    return zipped({name: content.encode() for name, content in files.items()})


def a_parquet() -> bytes:
    stream = io.BytesIO()
    columns = dict(zip(HEADINGS, zip(*ROWS, strict=True), strict=True))
    columns["mpan_core"] = [int(number) for number in columns["mpan_core"]]
    parquet.write_table(pa.table({name: list(values) for name, values in columns.items()}), stream)
    return stream.getvalue()


TYPED = [HEADINGS, *((int(number), *rest) for number, *rest in ROWS)]
WRAPPINGS = {
    "gzip": lambda: gzip.compress(CSV[:40]) + gzip.compress(CSV[40:]),
    "zip": lambda: zipped({"data_2024-02-01.csv": CSV, "__MACOSX/x": b"x"}),
    "xlsx": lambda: workbook([("Portfolio",), (), *TYPED]),
    "xlsx with a cover": lambda: workbook([("Read me first",)], TYPED),
    "zipped xlsx": lambda: zipped({"book.xlsx": workbook(TYPED)}),
    "parquet": a_parquet,
}


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_a_table_is_the_same_rows_in_every_wrapping(load, wrapping):
    assert load(WRAPPINGS[wrapping]()).rows == load(CSV).rows


def test_an_archive_is_dated_by_the_file_in_it_where_its_own_name_has_no_date(load):
    assert load(WRAPPINGS["zip"](), "data.zip").reading.as_of == date(2024, 2, 1)
    assert load(WRAPPINGS["zip"](), "data_2024-03-03.zip").reading.as_of == date(2024, 3, 3)


def test_a_workbook_says_which_sheet_was_read(load):
    assert load(WRAPPINGS["xlsx with a cover"]()).intake.warnings == [
        "Of the workbook the sheet 'Sheet 2' was read; not Sheet 1."
    ]


@pytest.mark.parametrize(
    "content, words",
    [
        (zipped({"a.csv": CSV, "b.csv": CSV}), "holds 2 files (a.csv, b.csv)"),
        (zipped({}), "holds no file"),
        (zipped({"a.csv": CSV})[:-30], "damaged or cut short"),
        (workbook(TYPED, TYPED), "2 sheets with a table"),
        (workbook([("nothing",)]), "no sheet with a table"),
        (a_parquet()[:-20], "Parquet file is damaged"),
    ],
)
def test_what_cannot_be_unpacked_says_why(load, content, words):
    with pytest.raises(feeds.BadFile, match=words.replace("(", "[(]").replace(")", "[)]")):
        load(content)


@pytest.mark.parametrize(
    "wrap",
    [lambda text: zipped({"bomb.csv": text}), gzip.compress, lambda text: workbook([(text.decode(), "x")] * 9)],
)
def test_what_unpacks_to_more_than_is_allowed_is_refused(tmp_path, wrap):
    source = tmp_path / "bomb"
    source.write_bytes(wrap(b"0" * 5_000_000))

    with pytest.raises(feeds.BadFile, match="unpacks to more than"):
        feeds.take_in(source, tmp_path, limits=feeds.Limits(unzipped_bytes=1_000_000))


@pytest.mark.parametrize("packing", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@pytest.mark.parametrize("at", [30, 45, 60, -40, -20])
def test_a_damaged_archive_is_read_or_refused_in_a_sentence(load, packing: int, at: int):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", packing) as archive:
        archive.writestr(zipfile.ZipInfo("a.csv"), CSV * 20, packing)
    packed = stream.getvalue()
    start = at % len(packed)

    for damaged in (packed[:start] + b"\xff" * 8 + packed[start + 8 :], packed[:8] + packed[28:]):
        try:
            assert load(damaged).rows
        except feeds.BadFile as refused:
            assert str(refused).endswith(".")
