"""Values and wrappings as people and programs write them: the same rows as the plain ones, or a sentence that helps."""

import gzip
import io
import tarfile
from datetime import date

import pytest

from .test_containers import zipped
from .test_intake import bad

POINT = "2499999999991"
TABLE = f"mpan,dcc_service_flag\n{POINT},A\n"
DAYS = [
    *(
        "1st January 2024",
        "Mon 01 Jan 2024",
        "Monday, 1 January 2024",
        "the first",
        "2024.01.01",
        "2024-01-01 00:00:00 UTC",
    ),
    *("2024-01-01T00:00:00 Europe/London", "01JAN2024:00:00:00", "Jan  1 2024 12:00AM", "2024-01-01-00.00.00.000000"),
    *("2024\u201101\u201101", "Sun Jan 01 2024", "45292.0", "2024-01-01 00:00:00 GMT", "01\u201301\u20132024"),
]


def test_every_spelling_of_one_day_is_that_day(load):
    lines = "".join(f'{POINT},A,"{day}"\n' for day in [*DAYS, "2024-06-30 23:30:00 UTC"])

    loaded = load(f"mpan,dcc_service_flag,efd\n{lines}", dropped=True)

    found = [row["flag_from"] for row in loaded.rows]
    assert sorted(found, key=str) == [*[date(2024, 1, 1)] * 14, date(2024, 7, 1), None]
    assert loaded.kept_without == {"flag_from": {"not a date": 1}}


@pytest.mark.parametrize(
    "flag, spelt",
    [
        ("A", ["Active (A)", "Active - A", "A.", "A: Active"]),
        ("N", ["Non-Active (N)", "Non\u2011Active", "n - non active"]),
        ("I", ["Installed, Not Commissioned", "Installed (Not Commissioned)", "I/Installed Not Commissioned"]),
        (None, ["(blank)", "[NULL]", "n.a.", "[Blank]"]),
    ],
)
def test_flags_in_words_and_none_are_known(load, flag, spelt):
    loaded = load("mpan,dcc_service_flag\n" + "".join(f'{POINT},"{one}"\n' for one in spelt))

    assert ([row["flag"] for row in loaded.rows], loaded.rejects) == ([flag] * len(spelt), [])


def test_what_stands_between_the_words_of_a_status_does_not_matter(load):
    between = [" ", "  ", "_", "-", "\xa0", ", ", "/", " (", " \u2013 ", "\u2011"]
    lines = "".join(
        f'00-DB-12-34-56-78-90-{at:02},ESME,"Installed{mark}not commissioned",{POINT}\n'
        for at, mark in enumerate(between)
    )

    loaded = load(f"DeviceID,DeviceType,DeviceStatus,ImportMPxN\n{lines}")

    assert {row["status"] for row in loaded.rows} == {"InstalledNotCommissioned"}
    assert (len(loaded.rows), loaded.rejects) == (len(between), [])


@pytest.mark.parametrize(
    "heading, values, status",
    [
        (
            "Energisation Status Code",
            ["D", "De-Energised", "d - de energised", "Not energised", "De\u2011energized"],
            "D",
        ),
        ("MPAN Energisation Status", ["", "E", "Energised", "NULL", "-"], None),
        ("Energised Status (J0080)", ["D (De-Energised)"], "D"),
        ("Energisation", [" ", "e"], None),
        ("MPAN Trading Status", ["D", "Disconnected (D)"], "disconnected"),
        ("RMP Status", ["terminated"], "terminated"),
    ],
)
def test_the_status_of_a_point_is_known_by_its_usual_headings_and_blank_is_none(load, heading, values, status):
    loaded = load(f"mpan,dcc_service_flag,{heading},x\n" + "".join(f"{POINT},A,{value},\n" for value in values))

    wanted = "de-energised" if status == "D" else status
    assert [row["point_status"] for row in loaded.rows] == [wanted] * len(values)
    assert heading not in loaded.reading.columns.ignored


def tarred() -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        member = tarfile.TarInfo("flags.csv")
        member.size = len(TABLE)
        archive.addfile(member, io.BytesIO(TABLE.encode()))
    return target.getvalue()


OTHERS = {
    "tar archive": tarred(),
    "a tar archive": gzip.compress(tarred()),
    "gzip file within a gzip file": gzip.compress(gzip.compress(TABLE.encode())),
    "within a gzip file": gzip.compress(zipped({"a.csv": TABLE.encode()})),
    "UTF-32": TABLE.encode("utf-32"),
    "UTF-16 text without": TABLE.encode("utf-16-le"),
    "a picture": b"\xff\xd8\xff\xe0\0\x10JFIF\0\1" + bytes(100),
    "an SQLite database": b"SQLite format 3\0" + bytes(100),
    "Rich Text": b"{\\rtf1\\ansi mpan}",
    "spreadsheet as XML": b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
    "save the table as CSV": b"<table><tr><th>mpan</th></tr></table>",
    "office document": zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<x/>"}),
    "an office document": zipped({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}),
    "add a line of headings": f"{POINT},A,2024-01-01\n".encode(),
}


@pytest.mark.parametrize("words", OTHERS)
def test_what_is_no_table_is_called_what_it_is(load, words):
    assert words in bad(load, OTHERS[words])


@pytest.mark.parametrize("heading, line", [("", ""), (",", ""), ("", ","), (",,", ",,"), (",,", ""), (",x", ",")])
def test_delimiters_at_the_ends_of_lines_do_not_matter(load, heading, line):
    loaded = load(f"mpan,dcc_service_flag{heading}\n" + f"{POINT},A{line}\n" * 3)

    assert (len(loaded.rows), loaded.rejects) == (3, [])


def test_an_archive_may_have_folders_and_what_a_mac_adds(load):
    added = {
        "flags/": b"",
        "flags/a.csv": TABLE.encode(),
        "__MACOSX/flags/._a.csv": b"\0\5\x16\7",
        "flags/.DS_Store": b"",
    }
    assert len(load(zipped(added)).rows) == 1
