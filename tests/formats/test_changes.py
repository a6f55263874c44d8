"""D0213, D0217 and D0089: single changes of a Meter Point's record, of which some speak of the flag."""

from datetime import date

import pytest

FLOWS = {
    "d0213": ("D0213002", "753", "480", 32, {"energisation": 6, "flag": 30, "flag_from": 31}),
    "d0217": ("D0217002", "754", "492", 36, {"energisation": 18, "flag": 34, "flag_from": 35}),
    "d0089": ("D0089002", "743", "201", 32, {"energisation": 20, "flag": 26, "flag_from": 27}),
}


def change(kind: str, mpan: str, **values: str) -> str:
    """One line of the flow's record group, every other item filled with what must not be taken for another."""
    _, _, group, items, places = FLOWS[kind]
    line = [group, *["Z"] * items]
    line[3] = mpan
    for name, place in places.items():
        line[place] = values.get(name, "")
    return "|".join(line) + "|\n"


def whole(kind: str, *changes: str) -> str:
    flow, root, *_ = FLOWS[kind]
    header = f"ZHV|F000000002|{flow}|P|EELC|X|TERN|20261114020000||||OPER|\n"
    lines = len(changes) + 1
    return f"{header}{root}|1|\n{''.join(changes)}ZPT|F000000002|{lines}||1|20261114020001|\n"


@pytest.mark.parametrize("kind", FLOWS)
def test_the_flag_and_its_date_stand_at_their_items(load, kind):
    loaded = load(whole(kind, change(kind, "1012345678903", energisation="E", flag="N", flag_from="20261112")))

    assert loaded.rows == [
        {
            "mpxn": 1012345678903,
            "flag": "N",
            "flag_from": date(2026, 11, 12),
            "network": "10",
            "supplier": None,
            "point_status": None,
        }
    ]
    reading = loaded.reading
    assert (reading.kind, reading.coverage, reading.as_of, reading.network) == (kind, "delta", date(2026, 11, 14), "10")
    assert (loaded.rejects, reading.warnings, loaded.notes) == ([], [], [])


@pytest.mark.parametrize("kind", FLOWS)
def test_a_change_that_does_not_speak_of_the_flag_updates_nothing(load, kind):
    silent = change(kind, "1112345678908", energisation="D")

    loaded = load(whole(kind, change(kind, "1012345678903", flag="A", flag_from="20261101"), silent))

    assert [row["mpxn"] for row in loaded.rows] == [1012345678903]
    assert loaded.reading.warnings == ["1 changes say nothing of the DCC Service Flag: they update nothing."]
    nothing = load(whole(kind, silent)).reading
    assert (nothing.records, nothing.nothing[:17]) == (0, "No updates today:")


@pytest.mark.parametrize("kind", FLOWS)
def test_a_de_energised_point_is_said_to_be(load, kind):
    line = change(kind, "1012345678903", energisation="D", flag="A", flag_from="20200101")

    assert load(whole(kind, line)).rows[0]["point_status"] == "de-energised"


FAULTS = [
    ({"flag": "A"}, "The line has no effective from date."),
    ({"flag_from": "20261101"}, "The line has no DCC Service Flag."),
    ({"flag": "T", "flag_from": "20261101"}, "'T' is not a DCC Service Flag (A, N, I, S, W or empty)."),
    ({"flag": "A", "flag_from": "20261131"}, "20261131 is not a date."),
]


@pytest.mark.parametrize("kind", FLOWS)
@pytest.mark.parametrize("values, reason", FAULTS)
def test_each_fault_of_a_change_is_a_reject_that_names_its_point(load, kind, values, reason):
    good = change(kind, "1112345678908", flag="A", flag_from="20261101")

    loaded = load(whole(kind, good, change(kind, "1012345678903", **values), good))

    assert [(one.line, one.reason, one.points) for one in loaded.rejects] == [(4, reason, (1012345678903,))]


@pytest.mark.parametrize("kind", FLOWS)
def test_groups_below_a_change_say_nothing(load, kind):
    inner = {"d0213": "57M", "d0217": "58M", "d0089": "23M"}[kind]
    good = change(kind, "1112345678908", flag="A", flag_from="20261101")

    loaded = load(whole(kind, good, f"{inner}|1112345678908|1012345678903|\n"))

    assert (len(loaded.rows), loaded.rejects, loaded.notes) == (1, [], [])
    assert load(whole(kind, good, "99X|1|\n")).reasons[4].startswith("Group '99X' is not a group of ")
