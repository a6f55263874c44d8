"""Which Meter Points a number that cannot be read could be: a spreadsheet rounded it, it was cut, a digit is wrong.

In: the text where a number should stand. Out: ranges of numbers, both ends within: at none of them may anybody say that
a line is missing. Called by ledger.rejected and the lake.
"""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from reconcile.domain.vocabulary import FIRST_MPAN, mpan_check_digit

Range = tuple[int, int]
MPAN_DIGITS = 13
LAST = 10**MPAN_DIGITS - 1
ANY: Range = (1, LAST)
"""Nothing tells which it is."""
LEAST_PREFIX = 4
"""Digits; fewer leave most of a network, or more than one."""
BETWEEN = re.compile(r"[\s\u00a0\u2007\u202f'\"=-]")
ROUNDED = re.compile(r"([0-9]+)(?:[.,]([0-9]+))?[eE][+]?([0-9]{1,2})")
BEGINNING = re.compile("[1-9][0-9]*")


def could_be(given: str) -> list[Range]:
    """Every number that somebody may have meant by a text that is no number of a Meter Point."""
    text = BETWEEN.sub("", given)
    if rounded := ROUNDED.fullmatch(text):
        return [_rounded(*rounded.groups(default=""))]
    if text.isascii() and text.isdecimal():
        return _of_digits(text)
    beginning = BEGINNING.match(text)
    if beginning and len(text) == MPAN_DIGITS and len(beginning[0]) >= LEAST_PREFIX:
        return [_begins_with(beginning[0])]
    return [ANY]


def merged(ranges: Iterable[Range]) -> list[Range]:
    """The same numbers as ranges that neither touch nor overlap, in order."""
    found: list[Range] = []
    for first, last in sorted(ranges):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found


def _of_digits(text: str) -> list[Range]:
    if len(text) == MPAN_DIGITS and text[0] != "0":
        return [(number, number) for number in _one_digit_away(text)]
    if len(text) == MPAN_DIGITS + 1:
        one_less = {text[:at] + text[at + 1 :] for at in range(len(text))}
        return [(int(mpan), int(mpan)) for mpan in sorted(one_less) if _is_right(mpan)] or [ANY]
    if LEAST_PREFIX <= len(text) < MPAN_DIGITS and text[0] != "0":
        # What is no number of the fuel that is asked for may be whole for the other.
        return [(int(text), int(text)), _begins_with(text)]
    return [ANY]


def _one_digit_away(text: str) -> Iterator[int]:
    """MPANs that differ in one digit, or in the order of two neighbours."""
    yield int(text[:-1] + str(mpan_check_digit(text[:-1])))
    for at in range(MPAN_DIGITS - 1):
        others = {text[:at] + digit + text[at + 1 :] for digit in "0123456789"}
        others.add(text[:at] + text[at + 1] + text[at] + text[at + 2 :])
        yield from (int(mpan) for mpan in sorted(others) if _is_right(mpan))


def _is_right(mpan: str) -> bool:
    return mpan[0] != "0" and str(mpan_check_digit(mpan[:-1])) == mpan[-1]


def _begins_with(digits: str) -> Range:
    unit = 10 ** (MPAN_DIGITS - len(digits))
    return int(digits) * unit, (int(digits) + 1) * unit - 1


def _rounded(whole: str, part: str, exponent: str) -> Range:
    """Rounded to the nearest, or cut."""
    unit = Decimal(10) ** (int(exponent) - len(part))
    value = Decimal(f"{whole}{part}") * unit
    first, last = int(value - unit / 2), int(value + unit)
    return (max(first, 1), min(last, LAST)) if first <= LAST else ANY


def clipped(ranges: Iterable[Range], least: int, most: int) -> list[Range]:
    """What of ranges lies between two numbers, both within."""
    found = ((max(first, least), min(last, most)) for first, last in ranges)
    return [(first, last) for first, last in found if first <= last]


def of_network(code: str) -> Range:
    """The numbers of an electricity network."""
    unit = FIRST_MPAN // 10
    return int(code) * unit, (int(code) + 1) * unit - 1
