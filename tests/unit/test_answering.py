"""Every cell of the table of answers against a statement of it that is written another way."""

from datetime import date
from itertools import product

import pytest

from reconcile.domain.answering import Answer, Heard, Wan, answers, can_it_answer, heard_of
from reconcile.domain.vocabulary import FLAGS, Flag, Status, statuses_in

STATEMENT = (
    # any meter of these, what was heard of it, the answer; the first line that fits
    ("Commissioned", "not_asked lately", "yes"),
    ("Commissioned", "long_ago never", "unlikely"),
    ("InstalledNotCommissioned Suspended Recovery Recovered", "not_asked lately long_ago never", "unlikely"),
    ("", "not_asked lately long_ago never", "no"),
)


def stated(statuses: set[str], heard: str) -> str:
    """The statement, read line by line."""
    for some, when, answer in STATEMENT:
        if heard in when.split() and (not some or statuses & set(some.split())):
            return answer
    raise AssertionError(f"no line fits {statuses}, {heard}")


def test_each_cell_answers_as_stated():
    cells = list(answers())

    assert len(cells) == 6 * 512 * 4 * 4
    assert len({(cell.flag, cell.mask, cell.wan, cell.heard) for cell in cells}) == len(cells)
    wrong = [
        cell for cell in cells if cell.found.answer != stated({str(one) for one in statuses_in(cell.mask)}, cell.heard)
    ]
    assert wrong == []


def test_each_cell_says_what_the_inventory_says():
    for cell in answers():
        assert cell.found.why.startswith("the inventory "), cell
        assert "reachable" not in cell.found.why
        assert ("other meters" in cell.found.why) == (cell.mask.bit_count() > 1), cell
        # Only a meter that waits for the network is told of it.
        waits = bool(cell.mask & Status.INSTALLED.bit) and not cell.mask & Status.COMMISSIONED.bit
        assert ("WAN" in cell.found.why) == (waits and cell.wan != Wan.NO_DATA), cell


@pytest.mark.parametrize("wan, heard", list(product(Wan, Heard)))
def test_a_number_that_nothing_knows_is_unknown(wan: Wan, heard: Heard):
    for flag in FLAGS:
        found = can_it_answer(flag, frozenset(), known=False, wan=wan, heard=heard)
        assert found.answer == Answer.UNKNOWN


def test_a_meter_at_a_point_that_registration_lacks_answers_all_the_same():
    assert can_it_answer(None, frozenset({Status.COMMISSIONED}), known=False).answer == Answer.YES


def test_a_line_that_could_not_be_read_is_no_evidence_of_absence():
    for mask in range(512):
        seen, unread = (can_it_answer(Flag.A, statuses_in(mask), unread=one).answer for one in (False, True))
        assert unread == (Answer.UNKNOWN if seen == Answer.NO else seen)


@pytest.mark.parametrize(
    "last, asked, expected",
    [
        (None, False, Heard.NOT_ASKED),
        (None, True, Heard.NEVER),
        (date(2026, 11, 26), True, Heard.LATELY),
        (date(2026, 10, 22), True, Heard.LATELY),
        (date(2026, 10, 21), True, Heard.LONG_AGO),
        (date(2026, 10, 22), False, Heard.LATELY),
        # An alert of long ago, and no read: a meter that never spoke would not be blamed either.
        (date(2026, 10, 21), False, Heard.NOT_ASKED),
    ],
)
def test_how_long_ago_it_was_heard(last: date | None, asked: bool, expected: Heard):
    assert heard_of(last, on=date(2026, 11, 26), threshold_days=35, asked=asked) == expected


@pytest.mark.parametrize(
    "flag, statuses, wan, heard, why",
    [
        (Flag.A, {Status.COMMISSIONED}, Wan.NO_DATA, Heard.NOT_ASKED, "the inventory says commissioned"),
        (None, {Status.COMMISSIONED}, Wan.NO_DATA, Heard.NOT_ASKED,
         "the inventory says commissioned; the flag does not say so"),
        (Flag.A, set(), Wan.NO_DATA, Heard.NOT_ASKED, "the inventory has no smart meter here; flag A promises more"),
        (Flag.I, {Status.INSTALLED, Status.PENDING}, Wan.NOW, Heard.NEVER,
         "the inventory says installed, not commissioned (other meters: pending); "
         "WAN coverage is there now, so it can be commissioned"),
        (Flag.A, {Status.COMMISSIONED}, Wan.NO_DATA, Heard.LONG_AGO,
         "the inventory says commissioned; the meter itself was last heard too long ago"),
    ],
)  # fmt: skip
def test_it_says_why(flag: Flag | None, statuses: set[Status], wan: Wan, heard: Heard, why: str):
    assert can_it_answer(flag, frozenset(statuses), wan=wan, heard=heard).why == why
