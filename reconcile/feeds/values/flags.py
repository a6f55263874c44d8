"""DCC Service Flags in SQL: which flag a text is, and if none, why in words.

In: the name of a text column. Out: SQL fragments. Called by the formats; held to domain.vocabulary by tests.
"""

from reconcile.domain.vocabulary import Flag

from ..sql import word
from .texts import has_value

FLAG_WORDS = "DCC Service Flag (A, N, I, S, W or empty)"


def flag(column: str) -> str:
    """The DCC Service Flag in a text; NULL where there is none, or none that is known."""
    return word(column, Flag, f"upper(trim({column}))")


def no_flag(column: str, value: str) -> str:
    """Whether a text is meant as a flag and `value`, what `flag` made of it, is none. No flag at all is one."""
    return f"({value} IS NULL AND {has_value(column)})"


def why_no_flag(column: str) -> str:
    """The reason that goes with `no_flag`, from the text as it stands in the file."""
    return f"'''' || trim({column}) || ''' is not a {FLAG_WORDS}.'"


def needed_flag(column: str, value: str) -> list[tuple[str, str]]:
    """Cases for a flag that may not be missing. `value` is what `flag` made of `column`."""
    missing = (f"NOT {has_value(column)}", "'The line has no DCC Service Flag.'")
    return [missing, (no_flag(column, value), why_no_flag(column))]
