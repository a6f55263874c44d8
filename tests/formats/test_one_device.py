"""One device is one row for each Meter Point, whatever the number and the order of the lines that tell of it."""

from datetime import date
from itertools import permutations

import pytest

HEAD = "DeviceID,DeviceType,DeviceStatus,StatusDate,ImportMPxN,ExportMPAN,DeviceModel\n"
ID, OTHER = "00-DB-12-34-56-78-90-A0", "00-DB-12-34-56-78-90-A1,ESME,Pending,,1000000000012,,\n"
IMPORT, MOVED, EXPORT = 2499999999991, 1000000000012, 1200000000011


def in_each_order(load, lines):
    """The same file with its lines in every order, another device among them: always the same rows and warnings."""
    loads = [load(HEAD + order[0] + OTHER + "".join(order[1:])) for order in dict.fromkeys(permutations(lines))]
    rows = [sorted(map(repr, loaded.rows)) for loaded in loads]
    assert all(found == rows[0] for found in rows)
    assert all(loaded.warnings == loads[0].warnings for loaded in loads)
    return [row for row in loads[0].rows if row["device_id"] == 0x00DB1234567890A0], loads[0].warnings


def line(status="Commissioned", day="", points=f"{IMPORT},", kind="ESME", model="M1"):
    return f"{ID},{kind},{status},{day},{points},{model}\n"


def test_identical_lines_count_once(load):
    rows, warnings = in_each_order(load, [line(points=f"{IMPORT},{EXPORT}")] * 3)

    assert [(row["mpxn"], row["role"], row["lead_row"]) for row in rows] == [
        (EXPORT, "export", True),
        (IMPORT, "import", False),
    ]
    assert warnings == ["2 lines repeat a device of the same file. Each device counts once, as its newest line says."]


def test_the_newest_status_date_wins(load):
    lines = [
        line("Commissioned", "2024-01-01"),
        line("Decommissioned", "2025-01-01", f"{MOVED},"),
        line("Pending", "2023-01-01"),
    ]

    rows, warnings = in_each_order(load, lines)

    assert [(row["status"], row["status_from"], row["mpxn"]) for row in rows] == [
        ("Decommissioned", date(2025, 1, 1), MOVED)
    ]
    assert len(warnings) == 1


@pytest.mark.parametrize(
    "lines",
    [
        [line("Commissioned", "2025-01-01"), line("Decommissioned", "2025-01-01")],
        [line("Commissioned", "2025-01-01"), line("Decommissioned", "")],
        [line("Commissioned"), line("Decommissioned")],
        [line("Commissioned", kind="ESME"), line("Commissioned", kind="GPF")],
    ],
)
def test_a_contradiction_leaves_the_status_unknown(load, lines):
    rows, warnings = in_each_order(load, lines)

    assert [(row["status"], row["status_from"], row["mpxn"]) for row in rows] == [(None, None, IMPORT)]
    assert "(1 devices; the first is 00-DB-12-34-56-78-90-A0)" in warnings[1]
    assert load(HEAD + "".join(lines)).doubtful == {IMPORT}


def test_a_device_at_two_points_of_one_date_counts_at_each(load):
    rows, warnings = in_each_order(load, [line(points=f"{IMPORT},"), line(points=f"{MOVED},")])

    assert [(row["mpxn"], row["lead_row"], row["status"]) for row in rows] == [
        (MOVED, True, "Commissioned"),
        (IMPORT, False, "Commissioned"),
    ]
    assert "at different Meter Points" in warnings[1]


def test_a_line_without_a_point_takes_none_away(load):
    rows, _ = in_each_order(load, [line(points=","), line()])
    assert [row["mpxn"] for row in rows] == [IMPORT]


def test_other_descriptions_are_no_contradiction(load):
    rows, warnings = in_each_order(load, [line(model="M1"), line(model="M2")])
    assert len(rows) == len(warnings) == 1


def test_a_file_without_repeats_says_nothing(load):
    loaded = load(HEAD + line() + OTHER)
    assert (len(loaded.rows), loaded.warnings) == (2, [])
