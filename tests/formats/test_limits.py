"""A file that is more than a limit allows is refused in words before anything of its size is made of it."""

import io
import json
import zipfile

import pyarrow as pa
import pytest
from pyarrow import parquet

from reconcile import feeds

from .test_containers import workbook, zipped
from .test_intake import bad

HEADINGS = "mpan_core,dcc_service_flag,dcc_service_flag_efd,supplier_mpid"
WIDE = f"{HEADINGS},{','.join(f'c{at}' for at in range(1_000))}\n"
ROW = "2499999999991,A,2024-01-31,TERN"


def wide_parquet() -> bytes:
    stream = io.BytesIO()
    parquet.write_table(pa.table({f"c{at}": ["1"] for at in range(1_001)}), stream)
    return stream.getvalue()


def wide_json() -> str:
    record = {"mpan": "2499999999991", "dcc_service_flag": "A"}
    return json.dumps([record | {f"c{at}": "1"} for at in range(1_000)])


@pytest.mark.parametrize(
    "content, said",
    [
        (WIDE + ROW + "," * 1_000 + "\n", "Line 1 of the file has 1,004 columns, and more than 1,000 (MAX_COLUMNS)"),
        (f"Title\n{WIDE}{ROW}\n", "Line 2 of the file has 1,004 columns"),
        (wide_parquet(), "The Parquet file has 1,001 columns"),
        (wide_json(), "The table that the JSON makes has 1,001 columns"),
        (zipped({f"{at}.csv": b"" for at in range(101)}), "The zip archive holds more than 100 files (MAX_ZIP_FILES)"),
    ],
)
def test_what_is_too_wide_or_too_many_is_refused(load, content, said):
    assert said in bad(load, content)


def test_a_list_of_files_that_is_too_long_is_never_read(load, monkeypatch):
    archive = zipped({f"{'n' * 2_000}{at}": b"" for at in range(100)})
    monkeypatch.setattr(zipfile, "ZipFile", lambda *args: pytest.fail("the list was read"))

    assert "more than 100 files" in bad(load, archive)


def test_marks_between_quotation_marks_are_no_columns(load):
    loaded = load(f'{HEADINGS},address\n{ROW},"{"," * 2_000}"\n')

    assert (len(loaded.rows), loaded.rejects) == (1, [])


def test_a_workbook_whose_last_cell_is_far_away_is_refused(load):
    """It is held with every cell up to there: two cells would take five hundred gigabytes."""
    small = workbook([("mpan_core", "dcc_service_flag"), ("2499999999991", "A")])
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(small)) as before, zipfile.ZipFile(stream, "w") as after:
        for name in before.namelist():
            after.writestr(name, before.read(name).replace(b'r="B2"', b'r="XFD1048576"'))

    assert "spans over 5,000,000 cells" in bad(load, stream.getvalue())


@pytest.mark.parametrize("before, after", [("", ""), ("<Response><Body>", "</Body></Response>")])
def test_xml_in_which_nothing_of_ours_ends_is_refused(load, before, after):
    assert "8 MB in which no device and no response ends" in bad(load, f"<r>{before}{'<c/>' * 2_200_000}{after}</r>")


def test_json_of_one_value_that_never_ends_is_refused(load):
    assert "longer than 16 MB" in bad(load, '{"devices": ["' + "x" * 17_000_000)


def test_the_limits_can_be_set(tmp_path):
    (tmp_path / "a.csv").write_text(f"{HEADINGS}\n{ROW}\n")

    with pytest.raises(feeds.BadFile, match="has 4 columns, and more than 3"):
        feeds.take_in(tmp_path / "a.csv", tmp_path, limits=feeds.Limits(columns=3))
