"""Which Meter Points a number that cannot be read could be: a spreadsheet rounded it, digits are wrong or missing.

In: the text where a number should stand. Out: ranges of numbers, both ends within: at none of them may anybody say that
a line is missing. Called by ledger.rejected and the lake.
"""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import combinations, product

from reconcile.domain.vocabulary import FIRST_MPAN, mpan_check_digit, mprn_is_valid

Range = tuple[int, int]
MPAN_DIGITS = 13
LAST = 10**MPAN_DIGITS - 1
ANY: Range = (1, LAST)
"""Nothing tells which it is."""
LEAST_DIGITS = 4
"""The first digits; fewer leave most of a network, or more than one."""
MOST_MISSING = 2
"""Digits of an MPAN, wherever they stood; with three missing it could be any of tens of thousands."""
LEAST_OF_MPRN = 9
"""Digits, of ten as a rule: of fewer more than one is missing."""
DIGITS = "0123456789"
BETWEEN = re.compile(r"[\s\u00a0\u2007\u202f'\"=-]")
ROUNDED = re.compile(r"([0-9]+)(?:[.,]([0-9]+))?[eE][+]?([0-9]{1,2})")
BEGINNING = re.compile("[1-9][0-9]*")
DIGIT = re.compile("[0-9]")


def could_be(given: str) -> list[Range]:
    """Every number that somebody may have meant by a text that is no Meter Point's; ANY where it tells too little."""
    text = BETWEEN.sub("", given)
    if rounded := ROUNDED.fullmatch(text):
        return [_rounded(*rounded.groups(default=""))]
    if found := _of_digits(DIGIT.findall(text)):
        return [(number, number) for number in found]
    beginning = BEGINNING.match(text)
    if beginning and len(text) == MPAN_DIGITS > len(beginning[0]) >= LEAST_DIGITS:
        return [_begins_with(beginning[0])]
    return [ANY]


def mprns_near(mprn: int) -> list[Range]:
    """The MPRNs with right check digits that one with wrong ones could be: a digit is wrong, missing or too many.

    ANY where it has so few digits that it could be the rest of any number.
    """
    text = str(mprn)
    if len(text) < LEAST_OF_MPRN:
        return [ANY]
    near = {one.lstrip("0") for one in (*_one_other(text), *_inserted(text, 1), *_one_less(text))}
    return [(number, number) for number in sorted(int(one) for one in near if mprn_is_valid(one))]


def merged(ranges: Iterable[Range]) -> list[Range]:
    """The same numbers as ranges that neither touch nor overlap, in order."""
    found: list[Range] = []
    for first, last in sorted(ranges):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found


def _of_digits(digits: list[str]) -> list[int]:
    """The MPANs that digits could be, whatever stood between them; none where they are too few or too many to tell."""
    text = "".join(digits)
    missing = MPAN_DIGITS - len(text)
    found: Iterable[str] = ()
    if missing == 0:
        found = _one_other(text)
    elif missing == -1:
        found = _one_less(text)
    elif 0 < missing <= MOST_MISSING:
        found = _inserted(text, missing)
    return sorted({*map(int, filter(_is_right, found)), *_filled_up(text)})


def _filled_up(text: str) -> Iterator[int]:
    """An MPRN before which zeros were put."""
    if len(text) == MPAN_DIGITS and text.startswith("000") and mprn_is_valid(text.lstrip("0")):
        yield int(text)


def _one_other(text: str) -> Iterator[str]:
    """Texts that differ in one digit, or in the order of two neighbours."""
    for at in range(len(text)):
        yield from (text[:at] + digit + text[at + 1 :] for digit in DIGITS)
        yield text[:at] + text[at + 1 : at + 2] + text[at] + text[at + 2 :]


def _one_less(text: str) -> Iterator[str]:
    return (text[:at] + text[at + 1 :] for at in range(len(text)))


def _inserted(text: str, count: int) -> Iterator[str]:
    """Texts with so many digits more, wherever those stand."""
    size = len(text) + count
    for places in combinations(range(size), count):
        for digits in product(DIGITS, repeat=count):
            rest, more = iter(text), dict(zip(places, digits, strict=True))
            yield "".join(more[at] if at in more else next(rest) for at in range(size))


def _is_right(mpan: str) -> bool:
    return mpan[0] != "0" and str(mpan_check_digit(mpan[:-1])) == mpan[-1]


def _begins_with(digits: str) -> Range:
    unit = 10 ** (MPAN_DIGITS - len(digits))
    return int(digits) * unit, (int(digits) + 1) * unit - 1


def _rounded(whole: str, part: str, exponent: str) -> Range:
    """Rounded to the nearest, or cut."""
    if len(f"{whole}{part}".lstrip("0")) < LEAST_DIGITS:
        return ANY
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
