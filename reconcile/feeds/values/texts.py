"""What a value is before anybody asks what it means: a text without blanks around it, or none.

In: the name of a text column, or a text. Out: SQL, or the value. Called by files, which give no other values on, and by
the readers of plain lines.
"""

from reconcile.domain.blanks import BLANKS, trimmed
from reconcile.domain.vocabulary import LONGEST_CODE

from ..sql import Case, literal, of

NONE = ("", "NULL")
"""What says that there is no value, in capitals."""


def bare(column: str, around: str = "") -> str:
    """A text without blanks around it. `around`: what else is taken off."""
    return f"trim({column}, {literal(BLANKS + around)})"


def value(column: str, around: str = "") -> str:
    """A text without blanks around it; NULL where it is blank or says NULL. `around`: what else is taken off."""
    # Nearly every value begins and ends with a visible character, which is the cheapest to see; next come spaces.
    spaced, trimmed_of_all = f"trim({column})", bare(column, around)
    return (
        f"CASE WHEN {_begins_and_ends(column, around)} THEN {column} WHEN {column} = '' THEN NULL "
        f"WHEN {_begins_and_ends(spaced, around)} THEN {spaced} "
        f"WHEN upper({trimmed_of_all}) NOT IN ({', '.join(map(literal, NONE))}) THEN {trimmed_of_all} END"
    )


def _begins_and_ends(text: str, around: str) -> str:
    """Whether a text begins and ends with a letter, digit or mark of ASCII that is not `around`, and is not NULL."""
    marks = "".join(f" AND {text}[1] <> {literal(one)} AND {text}[-1] <> {literal(one)}" for one in around)
    ends = f"{text} BETWEEN '!' AND '~' AND {text}[-1] BETWEEN '!' AND '~'{marks}"
    return f"{ends} AND (strlen({text}) > 4 OR upper({text}) <> 'NULL')"


def value_of(text: str) -> str | None:
    """As `value`, of a text."""
    found = trimmed(text)
    return None if found.upper() in NONE else found


def capitals(text: str) -> str | None:
    """The value of a text in capitals. Raises ValueError beyond ASCII, where SQL may differ."""
    found = value_of(text)
    if found and not found.isascii():
        raise ValueError(text)
    return found and found.upper()


def supplier(given: str) -> str:
    """A supplier's code, an MPID, which is in capitals."""
    return f"upper({given})"


def supplier_code(text: str) -> str | None:
    """As `supplier`, of a text. Raises ValueError where only SQL can tell."""
    found = capitals(text)
    if found and len(found) > LONGEST_CODE:
        raise ValueError(text)
    return found


def overlong_supplier(given: str) -> Case:
    """A supplier's code that no party can have."""
    why = f"is no supplier code: it is longer than {LONGEST_CODE} characters."
    return f"length({given}) > {LONGEST_CODE}", of(given, why)
