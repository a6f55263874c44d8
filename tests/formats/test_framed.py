"""D0350, DXI and E46: files between a header and a trailer."""

from datetime import UTC, date, datetime

import pytest

from reconcile import feeds

from .test_intake import bad

ZHV = "ZHV|0000000001|D0350001|Z|DCCO|P|EELC|20240131093015||||OPER|\n"
SEQUENCE = "81H|1|\n"
UPDATE = "82H|0000000001|DC01|2499999999991|A|20240130|TERN|\n"


def zpt(count) -> str:
    return f"ZPT|0000000001|{count}||1|20240131093016|\n"


A00 = '"A00",1234,"DXI",20211105,"060000",1\n'
E45 = '"E45",1000000008,"A",20211104\n'
E46 = '"E46","RJ",1000000008,"A",20211104\n'


def z99(count) -> str:
    return f'"Z99",{count}\n'


def test_a_d0350_is_a_delta_dated_by_its_header(load):
    loaded = load(ZHV + SEQUENCE + UPDATE + zpt(2))

    assert loaded.rows == [
        {
            "mpxn": 2499999999991,
            "flag": "A",
            "flag_from": date(2024, 1, 30),
            "network": "24",
            "supplier": "TERN",
            "point_status": None,
            "postcode_area": None,
            "postcode": None,
        }
    ]
    reading = loaded.reading
    assert (reading.kind, reading.table, reading.coverage) == ("d0350", "flags", "delta")
    assert (reading.as_of, reading.made_at) == (date(2024, 1, 31), datetime(2024, 1, 31, 9, 30, 15, tzinfo=UTC))
    assert (reading.trailer, reading.records, reading.warnings) == ((2, 2), 1, [])


D0350_FAULTS = [
    ("82H|1|DC02|2499999999991|A|20240130|", "'DC02' is not an instruction type of this flow (DC01)."),
    ("351|1|DC01|2499999999991|A|20240130|", "Group '351' is not a group of D0350 (81H, 82H)."),
    ("82H|1|DC01|", "The line has 3 fields, 6 are needed."),
    ("82H|1|DC01|1000000008|A|20240130|", "'1000000008' is not an MPAN: it must have 13 digits."),
    ("82H|1|DC01|2499999999990|A|20240130|", "MPAN 2499999999990 has a wrong check digit (expected 1)."),
    ("82H|1|DC01||A|20240130|", "The line has no MPAN."),
    ("82H|1|DC01|2499999999991||20240130|", "The line has no DCC Service Flag."),
    ("82H|1|DC01|2499999999991|T|20240130|", "'T' is not a DCC Service Flag (A, N, I, S, W or empty)."),
    ("82H|1|DC01|2499999999991|A||", "The line has no effective from date."),
    ("82H|1|DC01|2499999999991|A|20240231|", "20240231 is not a date."),
]


@pytest.mark.parametrize("line, reason", D0350_FAULTS)
def test_each_fault_of_a_d0350_line_is_a_reject(load, line, reason):
    loaded = load(ZHV + SEQUENCE + UPDATE + "\n" + line + "\n" + UPDATE + zpt(4))

    assert loaded.reasons == {5: reason}
    assert (len(loaded.rows), loaded.reading.trailer) == (2, (4, 4))


DXI_FAULTS = [
    (E46.strip(), "This is an E46 response: load it as kind e46."),
    ("E99,1,A,20211104", "Record type 'E99' is not E45."),
    ("E45,1", "The line has 2 fields, 4 are needed."),
    ("E45,2499999999991,A,20211104", "'2499999999991' is an MPAN; an MPRN has 1 to 10 digits."),
    ("E45,12345678901,A,20211104", "'12345678901' has 11 digits: an MPAN has 13, an MPRN 1 to 10."),
    ("E45,1000000008,,20211104", "The line has no DCC Service Flag."),
    ("E45,1000000008,Q,20211104", "'Q' is not a DCC Service Flag (A, N, I, S, W or empty)."),
    ("E45,1000000008,A,20211131", "20211131 is not a date."),
    ("E45,1000000008,A,", "The line has no effective from date."),
]


@pytest.mark.parametrize("line, reason", DXI_FAULTS)
def test_each_fault_of_a_dxi_line_is_a_reject(load, line, reason):
    loaded = load(A00 + E45 + line + "\n" + z99(2))

    assert loaded.reasons == {3: reason}
    assert loaded.reading.kind == "dxi"


@pytest.mark.parametrize("text", [A00 + E45 + z99(1), (A00 + E45 + z99(1)).replace('"', "")])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_a_dxi_may_be_quoted_or_bare(load, text, end, start):
    loaded = load(start + text.replace("\n", end))

    assert [(row["mpxn"], row["flag"], row["flag_from"]) for row in loaded.rows] == [
        (1000000008, "A", date(2021, 11, 4))
    ]
    reading = loaded.reading
    assert (reading.kind, reading.coverage, reading.as_of) == ("dxi", "delta", date(2021, 11, 5))
    assert (reading.made_at, reading.trailer) == (datetime(2021, 11, 5, 6, tzinfo=UTC), (1, 1))


def test_responses_keep_their_order(load):
    accepted = E46.replace("RJ", "AC")

    loaded = load(A00.replace("DXI", "XYZ") + E46 + "\n" + accepted + "E46,ZZ,1,A,20211104\n" + E45 + z99(4))

    assert [(row["mpxn"], row["outcome"], row["flag"], row["line"]) for row in loaded.rows] == [
        (1000000008, "RJ", "A", 2),
        (1000000008, "AC", "A", 4),
    ]
    assert loaded.reasons == {
        5: "'ZZ' is not an outcome (AC or RJ).",
        6: "This is an E45 update: load it as kind dxi.",
    }
    assert (loaded.reading.kind, loaded.reading.table, loaded.reading.trailer) == ("e46", "responses", (4, 4))


NOTHING = [
    (ZHV + SEQUENCE + zpt(1), "No updates today: the D0350 is whole and holds none."),
    (A00 + z99(0), "No updates today: the file is whole and holds none."),
    (A00.replace("DXI", "E46") + z99(0), "No responses today: the file is whole and holds none."),
]


@pytest.mark.parametrize("content, words", NOTHING)
def test_a_day_without_updates_is_a_whole_file(load, content, words):
    loaded = load(content)

    assert (loaded.rows, loaded.rejects, loaded.reading.records, loaded.reading.nothing) == ([], [], 0, words)


def test_an_update_needs_the_group_that_it_belongs_to(load):
    assert load(ZHV + UPDATE + SEQUENCE + UPDATE + zpt(3)).reasons == {
        2: "Group 82H stands before 81H, the group that it belongs to."
    }
    assert load(ZHV + UPDATE + zpt(1)).reasons == {2: "Group 82H stands without 81H, the group that it belongs to."}


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_trailing_pipes_may_be_missing(load, start, end):
    loaded = load(start + (ZHV + SEQUENCE + UPDATE + zpt(2)).replace("|\n", end))

    assert [(row["mpxn"], row["supplier"]) for row in loaded.rows] == [(2499999999991, "TERN")]


def test_a_kind_that_the_header_contradicts_is_refused(load):
    content = ZHV.replace("D0350001", "D0010002") + UPDATE + zpt(1)
    assert "flow 'D0010002', not D0350" in bad(load, content, kind="d0350")


def test_another_version_of_a_flow_is_a_warning(load):
    loaded = load(ZHV.replace("D0350001", "D0350002") + SEQUENCE + UPDATE + zpt(2))
    assert loaded.reading.warnings == ["The file is version '002' of D0350; it was read as version 001."]


@pytest.mark.parametrize("content", [ZHV + SEQUENCE + zpt(7), A00 + E45 + z99(7)])
def test_a_trailer_that_differs_is_reported_not_raised(load, content):
    assert load(content).reading.trailer == (7, 1)


def test_a_line_nobody_can_read_still_counts_for_the_trailer(load):
    loaded = load((ZHV + SEQUENCE + UPDATE + zpt(3)).encode().replace(b"ZPT", b"82H|\0|DC01|1000000000012\nZPT"))

    assert loaded.reading.trailer == (3, 3)
    assert [(reject.line, reject.points) for reject in loaded.rejects] == [(4, (1000000000012,))]


def test_a_trailer_without_a_count_is_a_warning(load):
    loaded = load(ZHV + SEQUENCE + UPDATE + zpt(""))
    assert loaded.reading.trailer is None
    assert "gives no count" in loaded.reading.warnings[0]


def test_a_test_file_is_a_warning(load):
    assert "test (TR01)" in load(ZHV.replace("OPER", "TR01") + SEQUENCE + UPDATE + zpt(2)).reading.warnings[0]


@pytest.mark.parametrize(
    "content, words",
    [
        (ZHV + UPDATE, "without a ZPT line"),
        (ZHV, "without a ZPT line"),
        (A00 + E45, "without a Z99 line"),
        (ZHV + UPDATE + ZHV + UPDATE + zpt(2), "2 ZHV lines"),
        (ZHV + UPDATE + zpt(1) + UPDATE + zpt(1), "2 ZPT lines"),
        (A00 + E45 + A00 + E45 + z99(2), "2 A00 lines"),
        (ZHV.replace("D0350001", "D0010002") + UPDATE + zpt(1), "flow 'D0010002', which says nothing of DCC"),
        (ZHV + zpt(0), "no group 81H, which every D0350 has"),
    ],
)
def test_a_file_that_is_not_whole_fails_whole(load, content, words):
    assert words in bad(load, content)


LATER = [
    ZHV + SEQUENCE + UPDATE.replace("20240130", "20991231") + UPDATE + zpt(3),
    A00 + E45.replace("20211104", "99991231") + E45 + z99(2),
]


@pytest.mark.parametrize("content", LATER)
def test_a_date_that_is_yet_to_come_is_none_and_counted(con, tmp_path, content):
    source = tmp_path / "source"
    source.write_text(content)
    reading = feeds.begin(con, feeds.take_in(source, tmp_path), None, tmp_path)

    rows = reading.rows(lambda share: None, date(2024, 2, 5))

    found = [row[2] for row in con.execute(rows.query).fetchall()]
    assert sorted(day is None for day in found) == [False, True]
    assert rows.kept_without() == {"flag_from": {"later than the file's day": 1}}
    assert list(rows.rejects()) == []
