"""A number that cannot be read could be these: never fewer than the true one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.domain.vocabulary import mpan_check_digit, mprn_check_digits
from reconcile.feeds.values.misread import ANY, clipped, could_be, merged, mprns_near

MPANS = st.integers(10**11, 10**12 - 1).map(lambda stem: f"{stem}{mpan_check_digit(str(stem))}")

MPRNS = st.integers(10**7, 10**8 - 1).map(lambda stem: f"{stem}{mprn_check_digits(str(stem))}")


def may_be(text: str, number: int) -> bool:
    return any(first <= number <= last for first, last in could_be(text))


@given(MPANS, st.integers(1, 12))
def test_a_number_that_was_rounded(mpan, places):
    rounded = f"{int(mpan):.{places}E}".replace("E+", "E+")

    assert may_be(rounded, int(mpan)) and may_be(rounded.replace("+", ""), int(mpan))


@given(MPANS, st.integers(0, 12), st.integers(0, 12))
def test_a_number_of_which_digits_are_missing(mpan, first, last):
    """Wherever they stood."""
    assert may_be("".join(digit for at, digit in enumerate(mpan) if at not in (first, last)), int(mpan))
    assert may_be(mpan[:first], int(mpan)) and may_be(mpan[first + 1 :], int(mpan))


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


@given(MPANS, st.integers(0, 12), st.sampled_from("OIl?\ufffd"))
def test_a_number_with_a_letter_in_it(mpan, at, letter):
    assert may_be(mpan[:at] + letter + mpan[at + 1 :], int(mpan))
    assert may_be(mpan[:at] + letter + mpan[at:], int(mpan))


@given(MPRNS, st.integers(0, 9), st.sampled_from("0123456789"))
def test_an_mprn_with_a_digit_that_is_wrong_missing_or_too_many(mprn, at, digit):
    for wrong in (mprn[:at] + digit + mprn[at + 1 :], mprn[:at] + mprn[at + 1 :], mprn[:at] + digit + mprn[at:]):
        if len(wrong) <= 10 and int(wrong) != int(mprn):
            assert any(first <= int(mprn) <= last for first, last in mprns_near(int(wrong)))


@pytest.mark.parametrize("text", ["", "?", "abc", "12", "0", "1E99", "1.01E12", "0.001E15", "see below", "1" * 20])
def test_what_tells_too_little_may_be_any(text):
    assert could_be(text) == [ANY]


def test_a_short_mprn_with_wrong_check_digits_may_be_any():
    assert mprns_near(73700009) == [ANY]


def test_what_it_could_be_is_little():
    assert sum(last - first + 1 for first, last in could_be("1000000000011")) < 40
    assert may_be("0001000000008", 1000000008) and len(could_be("0001000000008")) < 5
    assert could_be("1.012E+12") == [(1011500000000, 1013000000000)]
    assert len(could_be("10000000000")) < 1500


def test_ranges_are_put_together_and_cut():
    assert merged([(5, 7), (1, 2), (3, 4), (10, 12), (11, 20)]) == [(1, 7), (10, 20)]
    assert clipped([(1, 7), (10, 20)], 6, 12) == [(6, 7), (10, 12)]
