"""The life of a discrepancy: every cell, and rows of runs."""

import pytest

from reconcile.domain.lifecycle import CELLS, MOVES, NEXT, OPEN, WHY, WHY_WITHDRAWN, State, next_state

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


# The same where the evidence was withdrawn.
WITHDRAWN_TABLE = [
    (None, None, NEW, None, NEW),
    (NEW, RESOLVED, ONGOING, RESOLVED, ONGOING),
    (ONGOING, RESOLVED, ONGOING, RESOLVED, ONGOING),
    (RESOLVED, RESOLVED, NEW, RESOLVED, NEW),
    (REGRESSED, RESOLVED, ONGOING, RESOLVED, ONGOING),
]


@pytest.mark.parametrize("withdrawn, table", [(False, TABLE), (True, WITHDRAWN_TABLE)])
def test_next_state_with_and_without_a_withdrawal(withdrawn, table):
    for before, *afters in table:
        assert [next_state(before, *column, withdrawn) for column in COLUMNS] == afters


def test_the_table_has_every_cell():
    assert len(NEXT) == 5 * 2 * 2
    assert len(CELLS) == 5 * 2 * 2 * 2


def test_becoming_ongoing_or_staying_is_no_event_and_every_other_move_is_one_with_its_reason():
    assert [*MOVES] == [
        ("", NEW, False),
        (NEW, RESOLVED, False),
        (NEW, RESOLVED, True),
        (ONGOING, RESOLVED, False),
        (ONGOING, RESOLVED, True),
        (REGRESSED, RESOLVED, False),
        (REGRESSED, RESOLVED, True),
        (RESOLVED, NEW, True),
        (RESOLVED, REGRESSED, False),
    ]
    assert {after for _, after, withdrawn in MOVES if not withdrawn} == set(WHY)
    assert {after for _, after, withdrawn in MOVES if withdrawn} == set(WHY_WITHDRAWN)
    assert all(reason.endswith(".") for reason in [*WHY.values(), *WHY_WITHDRAWN.values()])


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
