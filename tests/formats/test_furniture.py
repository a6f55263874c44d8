"""Lines of a table that are no records: they cost nothing, and are said; what may be a record is none of them."""

from datetime import date

import pytest

from reconcile import feeds
from reconcile.feeds.files.furniture import Furniture
from reconcile.feeds.files.headings import sheet_of
from reconcile.feeds.formats import registration

from .test_intake import bad

HEADINGS = "mpan_core,dcc_service_flag,dcc_service_flag_efd,supplier_mpid"
FIRST = "1012345678903,A,2024-01-01,TERN\n1112345678908,N,2024-01-01,TERN\n"
SECOND = "1312345678907,I,2024-01-01,TERN\n2012345678906,,,TERN\n"
ROWS = FIRST + SECOND
FOUR = [1012345678903, 1112345678908, 1312345678907, 2012345678906]
DEVICES = "DeviceID,DeviceType,DeviceStatus,StatusDate,ImportMPxN\n" + "".join(
    f"00-DB-12-34-56-78-90-0{at},ESME,Commissioned,2024-01-01,{mpan}\n" for at, mpan in enumerate(FOUR)
)


@pytest.fixture
def sheet(tmp_path):
    """What is made of a file before any record is read."""

    def _sheet(text: str):
        source = tmp_path / "sheet"
        source.write_text(text)
        return sheet_of(feeds.take_in(source, tmp_path), registration.ALIASES, registration.NEEDED, "registration")

    return _sheet


def points(loaded):
    return sorted(row["mpxn"] for row in loaded.rows)


CLOSINGS = [
    "-- end of report --",
    "Rows: 1,234",
    "Confidential",
    "OFFICIAL-SENSITIVE",
    "Total,4,,\nEnd of report,,,",
    "\nTotal: 4\n\nPrinted on 14/11/2026 10:00\n\n(c) 2026 Example Ltd. All rights reserved.",
    "Subtotal,2,,\nGrand Total,4,,\nPage 1 of 1",
    "Sum,,,4",
    ",,,Total: 4",
    "Number of records: 4",
    "(4 rows affected)",
    "Applied filters:\nNetwork is Eastern\nThe flag is not blank",
    "T,4",
    "TRAILER|4",
    "Z99,4\nEOF",
    "--------,-,--------,----\n4 rows selected.",
    "Source: ECOES, extracted by J Smith on 14 Nov 2026",
    "Notes: flags, dates and suppliers, as at midnight, in London",
    "This report holds personal data, and must not be shared.",
    'Report "DCC flags" ends',
    '"End of report, 4 rows"',
    "Report ref 1234567890123\nContact: data@example.com",
    ",,,\n,,,",
    "\x1a",
]


@pytest.mark.parametrize("closing", CLOSINGS)
def test_lines_that_close_a_file_are_no_records(sheet, closing):
    found = sheet(f"{HEADINGS}\n{ROWS}{closing}\n")

    assert found.records == 4
    assert "passed over" in found.warnings[-1]


def test_lines_that_close_a_file_are_no_rejects(load):
    loaded = load("\n".join([HEADINGS, ROWS.strip(), *CLOSINGS, ""]))

    assert (points(loaded), loaded.rejects, loaded.passed_over) == (FOUR, [], [])


@pytest.mark.parametrize("end", ["End of report", "4 rows", "Confidential"])
def test_a_closing_line_needs_no_line_end(sheet, end):
    assert sheet(f"{HEADINGS}\n{ROWS}{end}").records == 4


@pytest.mark.parametrize(
    "cut",
    [
        "10123456",
        "1012345678912,A,20",
        "1012345678912",
        "12 High Str",
        "Somewhere Else",
        "1.01E12\n",
        "Total Gas,1.01E12\n",
    ],
)
def test_what_may_be_a_part_of_a_record_is_one(sheet, cut):
    found = sheet(f"{HEADINGS}\n{ROWS}{cut}")
    assert (found.records, found.furniture.is_no_record(cut)) == (5, False)


@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_a_count_below_the_numbers_is_no_gas_point(load, end):
    lines = ["LDZ,MPRN,DCC Service Flag", "NE,7400000108,A", "Total,1234,", "Records,1234,"]

    loaded = load((end or "\n").join(lines) + end)

    assert (points(loaded), loaded.rejects, loaded.reading.records) == ([7400000108], [], 1)


def test_a_file_of_headings_and_closing_lines_alone_holds_nothing(load):
    assert "nothing below it" in bad(load, f"{HEADINGS}\nTotal: 0\nEnd of report\n")


PAGES = {
    "headings again": f"{HEADINGS}\n{FIRST}{HEADINGS}\n{SECOND}",
    "in other case and quoted": f"{HEADINGS}\n{FIRST}" + '"MPAN_CORE","DCC_SERVICE_FLAG","DCC_Service_Flag_EFD",'
    f'"Supplier_MPID"\n{SECOND}',
    "in other words": f"{HEADINGS}\n{FIRST}mpan,DCC Flag,EFD,Supplier\n{SECOND}",
    "titles again": f"Flags\nPage 1 of 2\n\n{HEADINGS}\n{FIRST}\n\x0cFlags\nPage 2 of 2\n\n{HEADINGS}\n{SECOND}",
    "padded": f"Flags,,,\n{HEADINGS}\n{FIRST},,,\nFlags,,,\n{HEADINGS}\n{SECOND}",
    "blank lines": f"{HEADINGS}\n{FIRST}\n  \n,,,\n\xa0\n{SECOND}",
    "subtotals": f"{HEADINGS}\nNetwork Eastern,,,\n{FIRST}Subtotal,2,,\n# and now others\n{SECOND}",
    "a rule": f"{HEADINGS}\n---------,-,--------,----\n{ROWS}",
    "types": f"{HEADINGS}\n13 digits,A/N/I,YYYY-MM-DD,MPID\n{ROWS}",
    "numbers of columns": f"{HEADINGS}\n1,2,3,4\n{ROWS}",
    "a mark of another file": f"{HEADINGS}\n{FIRST}\ufeff{HEADINGS}\n{SECOND}",
    "a table of a terminal": f"+-----+-----+\n{HEADINGS}\n+-----+-----+\n{ROWS}+-----+-----+\n4 rows in set\n",
}


@pytest.mark.parametrize("text", PAGES.values(), ids=PAGES)
def test_pages_below_each_other_are_one_table(load, text):
    loaded = load(text)

    assert (points(loaded), loaded.rejects) == (FOUR, [])
    assert loaded.passed_over


@pytest.mark.parametrize("lines", [20, 25, 99])
def test_titles_may_reach_below_the_twentieth_line(load, lines):
    for table, kind in ((f"{HEADINGS}\n{ROWS}", "registration"), (DEVICES, "smi")):
        loaded = load("".join(f"Parameter {at},is set\n" for at in range(lines)) + table)
        assert (loaded.reading.kind, points(loaded), loaded.rejects) == (kind, FOUR, [])


def test_headings_too_far_below_are_named(load):
    assert "Headings are looked for in the first 100 lines" in bad(load, "a title\n" * 100 + f"{HEADINGS}\n{ROWS}")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_headings_over_several_lines_are_read(load, end):
    headings = '"MPAN\nCore","DCC Service\n\nFlag",DCC Service Flag EFD,"Supplier\nMPID"\n'

    loaded = load(f"{headings}{FIRST}{headings}{SECOND}".replace("\n", end))

    assert (points(loaded), loaded.rejects) == (FOUR, [])
    assert loaded.rows[0]["supplier"] == "TERN"


@pytest.mark.parametrize(
    "other",
    [
        f"supplier_mpid,dcc_service_flag_efd,dcc_service_flag,mpan_core\nTERN,2024-01-01,A,{FOUR[2]}\n",
        f"mpan_core,dcc_service_flag\n{FOUR[2]},A\n",
    ],
)
def test_another_table_below_is_named(load, other):
    why = bad(load, f"{HEADINGS}\n{FIRST}{other}")
    assert "Line 4 holds other headings than line 1" in why and "Save each by itself" in why


def test_a_point_in_a_line_that_looks_like_a_total_is_still_present(load):
    loaded = load(f"{HEADINGS}\n{ROWS}Total for 1012345678912,,,\n")

    assert [reject.points for reject in loaded.rejects] == [(1012345678912,)]


def test_a_record_whose_number_nobody_can_read_is_no_title(load):
    numbers = ["see letter", "not known", "1.01E12", "10123456"]
    lines = [line for number in numbers for line in (f"{number},,,", f"{number},A,2024-01-01,TERN")]

    assert list(load("\n".join([HEADINGS, FIRST.strip(), *lines, SECOND])).reasons) == [*range(4, 12)]


def test_lines_of_thousands_are_judged_by_their_own_words():
    judge = Furniture(",", HEADINGS).is_no_record

    assert judge("Total,54000000,,") and judge("Rows,1234,5,6") and judge("Page 3")
    assert not judge("Total Gas & Power,1.01E12,A,") and not judge("Note: x,see letter,A,2024-01-01")


PREMISES = (
    "dspinventory_esme_deviceid|dspinventory_esme_devicestatus|dspinventory_esme_importmpxn|dspinventory_gsme_deviceid"
    "|dspinventory_gsme_devicestatus|dspinventory_gsme_importmpxn"
)
HOMES = [f"00-DB-12-34-56-78-91-0{at}|Commissioned|{mpan}|||" for at, mpan in enumerate(FOUR[:2])]


@pytest.mark.parametrize(
    "lines",
    [
        ["sep=|", PREMISES, *HOMES],
        ["Inventory report", "", PREMISES, *HOMES],
        ["Inventory report|||||", "|||||", PREMISES, *HOMES, "Total|2||||", "End of report"],
        [*["a title"] * 40, PREMISES, *HOMES],
        [PREMISES, HOMES[0], "|||||", PREMISES, HOMES[1], '"Report "x" ends"'],
    ],
)
def test_an_inventory_of_premises_may_have_them_too(load, lines):
    loaded = load("\n".join([*lines, ""]), "inventory_2026-11-15.csv")

    assert (loaded.reading.kind, points(loaded), loaded.rejects) == ("premises", FOUR[:2], [])


@pytest.mark.parametrize(
    "point, flag, day",
    [
        ("MPAN (13 digits)", "DCC Service Flag*", "DCC Service Flag EFD (dd/mm/yyyy)"),
        ("1. MPAN", "2. DCC\xa0Service\xa0Flag", "3. Effective From (UTC)"),
        ("J0003 MPAN Core", "DCC Service Flag [A/N/I]", "DCC Service Flag EFD {date, if known}"),
        ("MPAN (mandatory):", "dccServiceFlag <code>", "DCC Service Flag Effective Date"),
    ],
)
def test_notes_and_numbers_in_headings_do_not_matter(load, point, flag, day):
    loaded = load(f'{point},{flag},"{day}",Supplier (MPID)\n{ROWS}')

    assert (points(loaded), loaded.reading.columns.ignored) == (FOUR, [])
    assert (loaded.rows[0]["flag_from"], loaded.rows[0]["supplier"]) == (date(2024, 1, 1), "TERN")


@pytest.mark.parametrize("note", ["(previous)", "(Y/N)", "(export)", "(at COS)", "(planned)"])
def test_a_note_that_may_make_it_another_column_is_no_note(load, note):
    assert "no column for flag" in bad(load, f"mpan,DCC Service Flag {note},supplier\n1012345678903,A,TERN\n")
