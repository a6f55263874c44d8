"""A number that cannot be read could be these: never fewer than the true one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.domain.vocabulary import mpan_check_digit
from reconcile.feeds.values.misread import ANY, clipped, could_be, merged

MPANS = st.integers(10**11, 10**12 - 1).map(lambda stem: f"{stem}{mpan_check_digit(str(stem))}")


def may_be(text: str, number: int) -> bool:
    return any(first <= number <= last for first, last in could_be(text))


@given(MPANS, st.integers(1, 12))
def test_a_number_that_was_rounded(mpan, places):
    rounded = f"{int(mpan):.{places}E}".replace("E+", "E+")

    assert may_be(rounded, int(mpan)) and may_be(rounded.replace("+", ""), int(mpan))


@given(MPANS, st.integers(4, 12))
def test_a_number_that_was_cut(mpan, digits):
    assert may_be(mpan[:digits], int(mpan))


@given(MPANS, st.integers(0, 12), st.sampled_from("0123456789"))
def test_a_number_with_a_wrong_digit(mpan, at, digit):
    wrong = mpan[:at] + digit + mpan[at + 1 :]

    assert may_be(wrong, int(mpan))


@given(MPANS, st.integers(0, 10))
def test_a_number_with_two_digits_the_wrong_way_round(mpan, at):
    assert may_be(mpan[:at] + mpan[at + 1] + mpan[at] + mpan[at + 2 :], int(mpan))


@given(MPANS, st.integers(0, 13), st.sampled_from("0123456789"))
def test_a_number_with_a_digit_too_many(mpan, at, digit):
    assert may_be(mpan[:at] + digit + mpan[at:], int(mpan))


@pytest.mark.parametrize("text", ["", "?", "abc", "12", "0", "1E99", "see below", "1" * 20])
def test_what_tells_nothing_may_be_any(text):
    assert could_be(text) == [ANY]


def test_what_it_could_be_is_little():
    assert sum(last - first + 1 for first, last in could_be("1000000000011")) < 40
    assert could_be("10000000000") == [(10000000000, 10000000000), (1000000000000, 1000000000099)]


def test_ranges_are_put_together_and_cut():
    assert merged([(5, 7), (1, 2), (3, 4), (10, 12), (11, 20)]) == [(1, 7), (10, 20)]
    assert clipped([(1, 7), (10, 20)], 6, 12) == [(6, 7), (10, 12)]
