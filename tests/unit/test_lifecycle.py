"""The life of a discrepancy: every cell, and rows of runs."""

import pytest

from reconcile.domain.lifecycle import MOVES, NEXT, OPEN, WHY, State

NEW, ONGOING, RESOLVED, REGRESSED = State.NEW, State.ONGOING, State.RESOLVED, State.REGRESSED

# before, then after: not covered | found without cover | covered, not found | covered and found
TABLE = [
    (None, None, NEW, None, NEW),
    (NEW, NEW, ONGOING, RESOLVED, ONGOING),
    (ONGOING, ONGOING, ONGOING, RESOLVED, ONGOING),
    (RESOLVED, RESOLVED, REGRESSED, RESOLVED, REGRESSED),
    (REGRESSED, REGRESSED, ONGOING, RESOLVED, ONGOING),
]
COLUMNS = [(False, False), (False, True), (True, False), (True, True)]


@pytest.mark.parametrize(
    "before, covered, found, after",
    [(row[0], *column, after) for row in TABLE for column, after in zip(COLUMNS, row[1:], strict=True)],
)
def test_next_state(before, covered, found, after):
    assert NEXT[before, covered, found] is after


def test_the_table_has_every_cell():
    assert len(NEXT) == 5 * 2 * 2


def test_becoming_ongoing_or_staying_is_no_event_and_every_other_move_is_one_with_its_reason():
    assert [*MOVES] == [
        ("", NEW),
        (NEW, RESOLVED),
        (ONGOING, RESOLVED),
        (REGRESSED, RESOLVED),
        (RESOLVED, REGRESSED),
    ]
    assert {after for _, after in MOVES} == set(WHY)
    assert all(reason.endswith(".") for reason in WHY.values())


def test_open_states():
    assert {NEW, ONGOING, REGRESSED} == OPEN


@pytest.mark.parametrize(
    "runs, life",
    [
        ("F F F", [NEW, ONGOING, ONGOING]),
        ("F - F", [NEW, RESOLVED, REGRESSED]),
        ("F - F F -", [NEW, RESOLVED, REGRESSED, ONGOING, RESOLVED]),
        ("F ? F", [NEW, NEW, ONGOING]),
        ("F - ? F", [NEW, RESOLVED, RESOLVED, REGRESSED]),
        ("- ? F", [None, None, NEW]),
    ],
)
def test_lives(runs, life):
    """F found, - covered and right, ? no evidence."""
    state, lived = None, []
    for run in runs.split():
        state = NEXT[state, run != "?", run == "F"]
        lived.append(state)

    assert lived == life
