"""The area of a postcode: the one or two letters that it begins with.

In: a value (see texts), or the first two characters of a text. Out: SQL, or the area. Called by registration formats.
"""

from ..sql import literal

SECOND_LETTERS = {
    "A": "BL", "B": " ABDHLNRS", "C": "ABFHMORTVW", "D": "ADEGHLNTY", "E": " CHNX", "F": "KY", "G": " LU",
    "H": "ADGPRSUX", "I": "GPV", "K": "ATWY", "L": " ADELNSU", "M": " EKL", "N": " EGNPRW", "O": "LX",
    "P": "AEHLOR", "R": "GHM", "S": " AEGKLMNOPRSTWY", "T": "ADFNQRSW", "U": "B", "W": " ACDFNRSV", "Y": "O",
    "Z": "E",
}  # fmt: skip
"""Of the areas of Great Britain, by their first letter; a blank for the area that is that letter alone."""
AREAS = frozenset((first + second).strip() for first, seconds in SECOND_LETTERS.items() for second in seconds)
_AREAS = ", ".join(map(literal, sorted(AREAS)))


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
