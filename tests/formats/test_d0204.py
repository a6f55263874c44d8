"""D0204: a supplier's refresh of registration; groups belong to the 440 above them."""

from datetime import date

import pytest

from reconcile.feeds.files.bytecheck import LONGEST_LINE

from .test_intake import bad

HEAD = "ZHV|F000000001|D0204002|P|EELC|X|TERN|20261114020000||||OPER|\n751|1|\n763|1|MP14|\n"
POINT = "440|1012345678903|FLAT 1|12 HIGH STREET|||ANYTOWN||||COUNTY|CB1 2CD|\n451|_A|20200101|\n"
OTHER = "440|1112345678908|1|LOW STREET||||||||CB1 2CE|\n451|_A|20200101|\n"


def whole(body: str, count: int | None = None) -> str:
    lines = (HEAD + body).count("\n") - 1
    return f"{HEAD}{body}ZPT|F000000001|{lines if count is None else count}||1|20261114020001|\n"


def flags_of(loaded) -> dict:
    return {row["mpxn"]: (row["flag"], row["flag_from"]) for row in loaded.rows}


def test_a_refresh_speaks_for_its_addressee_and_for_the_networks_of_its_mpans(load):
    loaded = load(whole(POINT + "90H|A|20210101|\n91H|SMETS2|\n47M|F|\n48M|1012345678903|1112345678908|\n" + OTHER))

    assert loaded.rows == [
        {
            "mpxn": 1012345678903,
            "flag": "A",
            "flag_from": date(2021, 1, 1),
            "network": "10",
            "supplier": "TERN",
            "point_status": None,
            "postcode_area": "CB",
            "postcode": "CB1 2CD",
        },
        {
            "mpxn": 1112345678908,
            "flag": None,
            "flag_from": None,
            "network": "11",
            "supplier": "TERN",
            "point_status": None,
            "postcode_area": "CB",
            "postcode": "CB1 2CE",
        },
    ]
    reading = loaded.reading
    assert (reading.kind, reading.table, reading.coverage, reading.network) == ("d0204", "flags", None, "10")
    assert (reading.as_of, reading.records, reading.trailer) == (date(2026, 11, 14), 2, (10, 10))
    assert loaded.rejects == reading.warnings == loaded.notes == []


HISTORIES = [
    ("90H|A|20210101|\n90H|N|20261112|\n", ("N", date(2026, 11, 12))),
    ("90H|N|20261112|\n90H|A|20210101|\n", ("N", date(2026, 11, 12))),
    ("90H|A|20210101|\n90H|N|20261114|\n", ("N", date(2026, 11, 14))),
    ("90H|A|20210101|\n90H|N|20261115|\n", ("A", date(2021, 1, 1))),
    ("90H|A||\n90H|I|20210101|\n", ("I", date(2021, 1, 1))),
    ("90H|A||\n", ("A", None)),
    ("90H|||\n", (None, None)),
    ("90H|A|20210101|\n90H||20230101|\n", (None, date(2023, 1, 1))),
    ("90H|N|20991231|\n", (None, None)),
    ("", (None, None)),
]


@pytest.mark.parametrize("groups, in_force", HISTORIES)
def test_the_flag_in_force_is_the_latest_of_the_files_day_or_before(load, groups, in_force):
    assert flags_of(load(whole(POINT + groups + OTHER)))[1012345678903] == in_force


def test_every_flag_of_a_point_is_kept(load):
    loaded = load(whole(POINT + "90H|A|20210101|\n" + OTHER + "90H|I|20200101|\n90H|N|20991231|\n"))

    assert loaded.history == [
        (1012345678903, "A", date(2021, 1, 1)),
        (1112345678908, "I", date(2020, 1, 1)),
        (1112345678908, "N", date(2099, 12, 31)),
    ]


@pytest.mark.parametrize(
    "groups, status",
    [
        ("445|E|20190101|\n445|D|20250101|\n", "de-energised"),
        ("445|D|20190101|\n445|E|20250101|\n", None),
        ("445|E|20190101|\n445|D|20270101|\n", None),
        ("445|D||\n", "de-energised"),
        ("445||20200101|\n", None),
    ],
)
def test_a_point_that_is_de_energised_on_the_files_day_is_said_to_be(load, groups, status):
    assert load(whole(POINT + groups)).rows[0]["point_status"] == status


FAULTS = [
    ("440|1012345678900|\n90H|A|20210101|\n", 6, "MPAN 1012345678900 has a wrong check digit (expected 3).", ()),
    ("440||\n90H|A|20210101|\n", 6, "The line has no MPAN.", ()),
    ("440|12345|\n", 6, "'12345' is not an MPAN: it must have 13 digits.", ()),
    (
        "440|1312345678907|\n90H|A|20210101|\n90H|T|20220101|\n",
        8,
        "'T' is not a DCC Service Flag (A, N, I, S, W or empty).",
        (1312345678907,),
    ),
    ("440|1312345678907|\n90H|A|20210231|\n", 7, "20210231 is not a date.", (1312345678907,)),
]


@pytest.mark.parametrize("body, line, reason, points", FAULTS)
def test_a_point_is_rejected_with_its_groups_and_named_where_it_can_be(load, body, line, reason, points):
    loaded = load(whole(POINT + body + OTHER + "90H|I|20210101|\n"))

    assert [(reject.line, reject.reason, reject.points) for reject in loaded.rejects] == [(line, reason, points)]
    assert flags_of(loaded) == {1012345678903: (None, None), 1112345678908: ("I", date(2021, 1, 1))}
    assert {mpxn for mpxn, *_ in loaded.history} == {1112345678908}


@pytest.mark.parametrize("odd", ["44O|1312345678907|", "99X|1|", "|A|20210101|", "440"])
def test_where_nobody_can_tell_what_begins_nothing_is_told_of_the_point_before(load, odd):
    loaded = load(whole(POINT + f"90H|A|20210101|\n{odd}\n90H|N|20220101|\n" + OTHER))

    rejected = [reject.line for reject in loaded.rejects]
    if odd == "440":  # a record of its own, without an MPAN
        assert (rejected, list(flags_of(loaded))) == ([7], [1012345678903, 1112345678908])
        return
    assert rejected == [4, 7]
    assert loaded.rejects[0].points == (1012345678903,)
    assert loaded.rejects[0].reason == "Line 7 within this Meter Point cannot be read: its flag is not known."
    assert flags_of(loaded) == {1112345678908: (None, None)}
    assert loaded.notes == ["1 lines belong to no 440 that can be read: they say nothing."]


@pytest.mark.parametrize("damaged", [b"90H|N|20220101|", b"440|1312345678907|"])
def test_a_damaged_line_tells_nothing_of_the_points_around_it(load, damaged):
    content = whole(POINT + "90H|A|20210101|\nHERE\n90H|N|20220101|\n" + OTHER, count=9).encode()

    loaded = load(content.replace(b"HERE", damaged + b"x" * LONGEST_LINE))

    assert [reject.line for reject in loaded.rejects] == [4, 7]
    assert flags_of(loaded) == {1112345678908: (None, None)}
    assert loaded.reading.trailer == (9, 9)


def test_groups_before_the_first_point_say_nothing(load):
    loaded = load(whole("90H|A|20210101|\n" + POINT))

    assert flags_of(loaded) == {1012345678903: (None, None)}
    assert loaded.notes == ["1 lines belong to no 440 that can be read: they say nothing."]


def test_a_point_before_the_groups_that_it_belongs_to_is_rejected(load):
    content = whole(POINT).replace("751|1|\n763|1|MP14|\n", "")

    assert load(content).reasons == {2: "Group 440 stands without 763, the group that it belongs to."}


def test_what_is_odd_is_noted(load):
    loaded = load(
        whole(POINT + "450|100|11|20200101|\n90H|N|20210101|\n90H|A|20210101|\n" + OTHER).replace("|X|TERN|", "|X||")
    )

    assert flags_of(loaded)[1012345678903] == ("A", date(2021, 1, 1))
    assert loaded.notes == [
        "1 Meter Points name another distributor (450) than their MPAN does; that of the MPAN is used.",
        "1 Meter Points have two flags from one day (90H); A counts before I, N and none.",
        "The header names no addressee, so the supplier of its Meter Points is not known.",
    ]


def test_line_ends_pipes_and_blank_lines_do_not_matter(load):
    plain = load(whole(POINT + "90H|A|20210101|\n" + OTHER + "90H|N|20220101|\n"))
    content = whole(POINT + "90H|A|20210101|\n\n  \n" + OTHER + "90H|N|20220101|\n", count=8)

    assert load(content.replace("|\n", "\r\n").replace("\n\n", "\n\r\n")).rows == plain.rows


def test_a_file_of_no_points_fails_whole(load):
    assert load(whole("")).reading.records == 0
    assert load(whole("")).reading.nothing == ""
    assert "several files" in bad(load, whole(POINT) + whole(POINT))
