"""D0351, D0172 and D0312: what electricity registration answers, and which meter it holds."""

from datetime import date

import pytest


def whole(flow: str, body: str) -> str:
    header = f"ZHV|F000000003|{flow}|P|EELC|Z|DCCO|20261114020000||||OPER|\n"
    return f"{header}{body}ZPT|F000000003|{body.count(chr(10))}||1|20261114020001|\n"


def rejection(mpan: str = "1012345678903", flag: str = "N", since: str = "20261112", *reasons: str) -> str:
    groups = "".join(f"85H|{reason}|\n" for reason in reasons)
    return f"84H|1|DC11|7|{mpan}|20261113|{flag}|{since}|TERN|\n{groups}"


def test_a_rejection_has_the_codes_of_its_reasons(load):
    loaded = load(
        whole(
            "D0351001",
            "83H|1|\n"
            + rejection("1012345678903", "N", "20261112", "23")
            + rejection("1112345678908", "A", "", "0047", " 3 ")
            + rejection("1312345678907", "", "20261112"),
        )
    )

    assert loaded.rows == [
        response(1012345678903, "N", date(2026, 11, 12), 3, "23"),
        response(1112345678908, "A", None, 5, "47,3"),
        response(1312345678907, None, date(2026, 11, 12), 8, None),
    ]
    assert (loaded.reading.kind, loaded.reading.table, loaded.reading.records) == ("d0351", "responses", 3)
    assert (loaded.reading.trailer, loaded.rejects, loaded.notes) == ((7, 7), [], [])


def response(mpxn: int, flag: str | None, flag_from: date | None, line: int, reason: str | None) -> dict:
    return {"mpxn": mpxn, "outcome": "RJ", "flag": flag, "flag_from": flag_from, "line": line, "reason": reason}


@pytest.mark.parametrize(
    "body, reasons",
    [
        (rejection("", "N", "20261112", "3"), {3: "The rejection names no MPAN."}),
        (rejection("123", "N", "20261112", "3"), {3: "'123' is not an MPAN: it must have 13 digits."}),
        ("84H|1|DC11|\n", {3: "The line has 3 fields, 5 are needed."}),
        (
            rejection("1012345678903", "N", "20261112", "3") + "99X|1|\n",
            {
                3: "Line 5 within this rejection cannot be read: its reason is not known.",
                5: "Group '99X' is not a group of D0351 (83H, 84H, 85H).",
            },
        ),
    ],
)
def test_a_rejection_that_cannot_be_read_is_a_reject(load, body, reasons):
    assert load(whole("D0351001", "83H|1|\n" + body)).reasons == reasons


def test_a_confirmation_counts_the_instructions_of_a_file(load):
    body = "749|1|\n357|1|DC90|20261113|DCC2611130|100|98|2|\n357|2|DC90||DCC2611131|7|7|0|\n"

    loaded = load(whole("D0172001", body))

    assert loaded.rows == [
        {"file": "DCC2611130", "received": 100, "accepted": 98, "rejected": 2, "received_on": date(2026, 11, 13)},
        {"file": "DCC2611131", "received": 7, "accepted": 7, "rejected": 0, "received_on": None},
    ]
    assert (loaded.reading.kind, loaded.reading.table) == ("d0172", "confirmations")
    assert loaded.notes == ["2 instructions of the files that it confirms were rejected; a D0351 has the reasons."]


def test_instructions_without_an_answer_are_noted(load):
    loaded = load(whole("D0172001", "749|1|\n357|1|DC90|20261113|DCC2611130|100|98|0|\n"))

    assert loaded.notes == ["1 files have instructions that were neither accepted nor rejected."]


@pytest.mark.parametrize(
    "line, reason",
    [
        ("357|1|DC90|20261113||1|1|0|", "The line names no file."),
        ("357|1|DC90|20261113|F|1|x|0|", "'x' is no number of instructions accepted."),
        ("357|1|DC90|20261113|F|1|1||", "'' is no number of instructions rejected."),
        ("357|1|DC90|20261113|F|1|", "The line has 6 fields, 8 are needed."),
    ],
)
def test_a_confirmation_without_its_counts_is_a_reject(load, line, reason):
    assert load(whole("D0172001", f"749|1|\n{line}\n")).reasons == {3: reason}


METERS = (
    "11D|1012345678903|\n12D|S1|K|MAPX|20240101||00-DB-12-34-56-78-90-A0|5|\n"
    "13D|S0|20240101|MAPX|00-DB-12-34-56-78-90-A1|\n76M|MOPX|\n"
    "11D|1112345678908|\n12D|S2|K|MAPX|20240101||00-00-00-00-00-00-00-00|5|\n12D|S3|K|MAPX|||\n77M|1|\n"
)
ESME = 0x00DB1234567890A0


def test_the_meters_of_an_mpan_have_its_number(load):
    loaded = load(whole("D0312003", METERS))

    assert loaded.rows == [
        meter(1012345678903, ESME, "S1", installed_on=date(2024, 1, 1)),
        meter(1012345678903, ESME + 1, "S0", removed_on=date(2024, 1, 1)),
        meter(1112345678908, None, "S2", installed_on=date(2024, 1, 1)),
        meter(1112345678908, None, "S3"),
    ]
    assert (loaded.reading.kind, loaded.reading.table, loaded.reading.records) == ("d0312", "registered_meters", 4)
    assert (loaded.rejects, loaded.notes) == ([], [])


def meter(mpxn: int, device_id: int | None, meter_id: str, **dates: date) -> dict:
    known = {"installed_on": None, "removed_on": None} | dates
    return {"mpxn": mpxn, "device_id": device_id, "meter_id": meter_id, **known}


def test_meters_of_an_mpan_that_cannot_be_read_are_rejects(load):
    loaded = load(whole("D0312003", METERS.replace("1012345678903", "1012345678900") + "13D|S9|20240101|MAPX||\n"))

    assert loaded.reasons == {
        3: "MPAN 1012345678900 has a wrong check digit (expected 3).",
        4: "MPAN 1012345678900 has a wrong check digit (expected 3).",
    }
    assert {row["mpxn"] for row in loaded.rows} == {1112345678908}


def test_a_meter_outside_of_any_mpan_is_a_reject(load):
    assert load(whole("D0312003", "12D|S1|K|MAPX|20240101|||5|\n" + METERS)).reasons == {
        2: "Group '12D' stands outside of any 11D that can be read."
    }
    assert load(whole("D0312003", METERS + "9XD|1|\n12D|S1|K|MAPX|20240101|||5|\n")).reasons == {
        10: "Group '9XD' is not a group of D0312 (11D, 12D, 13D, 76M, 77M).",
        11: "Group '12D' stands outside of any 11D that can be read.",
    }


@pytest.mark.parametrize("day, said", [("", "none"), ("20241301", "20241301")])
def test_a_removal_without_its_date_is_a_reject_and_no_installation(load, day, said):
    loaded = load(whole("D0312003", METERS.replace("13D|S0|20240101|", f"13D|S0|{day}|")))

    assert loaded.reasons == {4: f"The meter was removed on no date that can be read: {said}."}


def test_what_cannot_be_read_of_a_meter_is_dropped_and_counted(load):
    loaded = load(whole("D0312003", METERS.replace("|20240101||00-DB", "|20241301||0X-DB")))

    assert loaded.rows[0] == meter(1012345678903, None, "S1")
    assert loaded.notes == [
        "1 meters have a device identifier that cannot be read; they are kept without.",
        "1 meters have a date that cannot be read; they are kept without.",
    ]
