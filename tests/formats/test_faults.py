"""What everybody may read of a line that was not loaded: a fault of a closed list, and nothing of the line.

That each reason has its fault is held wherever a test of this folder loads a file; see conftest.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.feeds import fault_of, only_faults
from reconcile.feeds.faults import OTHER, WORDS

VALUES = ("Mr O'Brien", "2312345678900", "a' is not a date. Mr Smith", "line\nbreak", "")


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize(
    "reason, fault",
    [
        (
            "'{}' is not a DCC Service Flag (A, N, I, S, W or empty).",
            "DCC Service Flag: not A, N, I, S, W or empty",
        ),
        ("'{}' is no meter point number: it must have digits only.", "Meter Point: not digits only"),
        ("No device status '{}' in the SMI.", "DeviceStatus: none of the SMI"),
        ("{} is not a date.", "Date: not a date"),
        ("Something that nobody thought of: {}", OTHER),
    ],
)
def test_a_reason_is_told_without_the_value_that_it_quotes(reason, fault, value):
    assert fault_of(reason.format(value)) == fault


@given(st.text())
def test_no_text_whatever_gets_through(text):
    assert fault_of(text) in WORDS
    assert set(only_faults({text: 3})) <= WORDS


def test_what_loads_of_old_kept_is_counted_as_another_fault():
    kept = {"- is not a flag of Mr O'Brien": 3, "Date: not a date": 1, "MPAN - has a wrong check digit": 2}

    assert only_faults(kept) == {OTHER: 5, "Date: not a date": 1}
