"""What a value is before anybody asks what it means: a text without blanks around it, or none.

In: the name of a text column, or a text. Out: SQL, or the value. Called by files, which give no other values on, and by
the readers of plain lines.
"""

import re

from reconcile.domain.blanks import BLANKS, trimmed
from reconcile.domain.vocabulary import LONGEST_CODE

from ..sql import Case, first_reason, literal, of

NONE = (
    "",
    "NULL",
    "NONE",
    "NIL",
    "NAN",
    "N/A",
    "#N/A",
    "NA",
    "\\N",
    "-",
    "--",
    "<NULL>",
    "(NULL)",
    "[NULL]",
    "(BLANK)",
    "[BLANK]",
    "N.A.",
)
"""What says that there is no value, in capitals."""
LONGEST_NONE = max(map(len, NONE))
WRAPS = "=\"'"
"""What begins a value that a spreadsheet is told to take as text: ="2312345678900", '2312345678900."""
WRAPPED = r"(?s)=?\s*\"(.*)\"|=(.*)|'(.*?)'?"
LOST = "\ufffd"
"""Stands where bytes were no character: nothing can be said of a value with it."""

_NONE = literal("|".join(map(re.escape, NONE)))


def bare(column: str, around: str = "") -> str:
    """A text without blanks around it. `around`: what else is taken off."""
    return f"trim({column}, {literal(BLANKS + around)})"


def value(column: str, around: str = "") -> str:
    """A text without blanks and a spreadsheet's marks around it; NULL where it is blank or says that it is none.

    `around`: what else is taken off.
    """
    # Nearly every value begins and ends with a visible character, which is the cheapest to see; next come spaces.
    spaced = f"trim({column})"
    return first_reason(
        (_is_bare(column, around), _unless_none(column)),
        (f"{column} = ''", "NULL"),
        (_is_bare(spaced, around), _unless_none(spaced)),
        ("true", _unwrapped(bare(column, around), around)),
    )


def _unwrapped(text: str, around: str) -> str:
    return _unless_none(bare(f"regexp_replace({text}, {literal(f'^(?:{WRAPPED})$')}, '\\1\\2\\3')", around))


def _unless_none(text: str) -> str:
    # IN would be a join of every row, for each column that the engine has to plan.
    return f"if(strlen({text}) <= {LONGEST_NONE} AND regexp_full_match(upper({text}), {_NONE}), NULL, {text})"


def _is_bare(text: str, around: str) -> str:
    """Whether a text begins and ends with a letter, digit or mark of ASCII that is not `around`."""
    ends = f" AND NOT contains({literal(around)}, {text}[-1])" if around else ""
    begins = f"NOT contains({literal(WRAPS + around)}, {text}[1])"
    return f"{text} BETWEEN '!' AND '~' AND {text}[-1] BETWEEN '!' AND '~' AND {begins}{ends}"


def value_of(text: str) -> str | None:
    """As `value`, of a text."""
    found = trimmed(text)
    wrapped = re.fullmatch(WRAPPED, found) if found[:1] and found[0] in WRAPS else None
    if wrapped:
        found = trimmed("".join(filter(None, wrapped.groups())))
    return None if found.upper() in NONE else found


def capitals(text: str) -> str | None:
    """The value of a text in capitals. Raises ValueError beyond ASCII, where SQL may differ."""
    found = value_of(text)
    if found and not found.isascii():
        raise ValueError(text)
    return found and found.upper()


def supplier(given: str) -> str:
    """A supplier's code, an MPID, which is in capitals; NULL where a character of it was lost."""
    return f"CASE WHEN NOT contains({given}, {literal(LOST)}) THEN upper({given}) END"


def lost(given: str) -> str:
    """Why a text is dropped that a line can do without; NULL where it is not."""
    return f"CASE WHEN contains({given}, {literal(LOST)}) THEN 'cannot be read' END"


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
