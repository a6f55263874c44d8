"""A postcode, whole or its outward part, and its area: the one or two letters that it begins with.

In: a value (see texts), or the first two characters of a text. Out: SQL, or the area. Called by registration formats.
"""

import re

from reconcile.domain.vocabulary import FIRST_MPAN, Flag

from ..sql import literal

MAY_WAIT = (Flag.I, Flag.N)
"""Beside no flag: flags under which a meter that is not commissioned is to be found."""
HAS_STREET = Flag.A
"""Of electricity: the flag of meters of which a street's outage is told."""

SECOND_LETTERS = {
    "A": "BL", "B": " ABDHLNRS", "C": "ABFHMORTVW", "D": "ADEGHLNTY", "E": " CHNX", "F": "KY", "G": " LU",
    "H": "ADGPRSUX", "I": "GPV", "K": "ATWY", "L": " ADELNSU", "M": " EKL", "N": " EGNPRW", "O": "LX",
    "P": "AEHLOR", "R": "GHM", "S": " AEGKLMNOPRSTWY", "T": "ADFNQRSW", "U": "B", "W": " ACDFNRSV", "Y": "O",
    "Z": "E",
}  # fmt: skip
"""Of the areas of Great Britain, by their first letter; a blank for the area that is that letter alone."""
OUTWARD, INWARD, NOT_BARE = "[A-Z]{1,2}[0-9][0-9A-Z]?", "[0-9][A-Z]{2}", "[^0-9A-Za-z]"
AREAS = frozenset((first + second).strip() for first, seconds in SECOND_LETTERS.items() for second in seconds)
_AREAS = ", ".join(map(literal, sorted(AREAS)))


def whole(given: str) -> str:
    """A postcode or its outward part in capitals, with one blank before the inward part; NULL where it is neither."""
    bare = f"upper(regexp_replace({given}, {literal(NOT_BARE)}, '', 'g'))"
    full = f"regexp_full_match({bare}, {literal(OUTWARD + INWARD)})"
    spaced = f"left({bare}, strlen({bare}) - 3) || ' ' || right({bare}, 3)"
    return f"CASE WHEN {full} THEN {spaced} WHEN regexp_full_match({bare}, {literal(OUTWARD)}) THEN {bare} END"


def of_point(mpxn: str, flag: str, given: str) -> str:
    """The whole postcode of a Meter Point of which it is asked: a meter may wait there, or a street's outage is told.

    For gas under A, or a flag that has left the code, it would be kept in vain.
    """
    flags = ", ".join(map(literal, MAY_WAIT))
    asked = f"{flag} IS NULL OR {flag} IN ({flags}) OR {flag} = {literal(HAS_STREET)} AND {mpxn} >= {FIRST_MPAN}"
    return f"CASE WHEN {asked} THEN {whole(given)} END"


def printed(text: str) -> str:
    """As `whole`, of a text; empty where it is no postcode and no outward part."""
    bare = re.sub(NOT_BARE, "", text).upper()
    if re.fullmatch(OUTWARD + INWARD, bare):
        return f"{bare[:-3]} {bare[-3:]}"
    return bare if re.fullmatch(OUTWARD, bare) else ""


def area(given: str) -> str:
    """The area of a postcode; NULL where there is none of Great Britain."""
    head = f"upper(left({given}, 2))"
    found = f"if({head}[2] BETWEEN '0' AND '9', {head}[1], {head})"
    return f"CASE WHEN {found} IN ({_AREAS}) AND strlen({head}) = 2 THEN {found} END"


def area_of(head: str) -> str | None:
    """As `area`, of the first two characters of a text. Raises ValueError where only SQL can tell."""
    if head and not (head.isascii() and head[0].isalnum()):
        raise ValueError(head)
    found = head[:1] if head[1:].isdigit() else head
    return found.upper() if len(head) == 2 and found.upper() in AREAS else None
