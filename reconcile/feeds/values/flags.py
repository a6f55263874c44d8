"""DCC Service Flags in SQL: which flag a value is, and if none, why in words.

In: a value (see texts). Out: SQL fragments. Called by the formats; held to domain.vocabulary by tests.
"""

from reconcile.domain.vocabulary import Flag

from ..sql import Case, of, word
from .texts import capitals

FLAG_WORDS = "DCC Service Flag (A, N, I, S, W or empty)"


def flag(given: str) -> str:
    """The DCC Service Flag that a value is; NULL where there is no value, or none that is known."""
    return word(given, Flag, f"upper({given})")


def flag_of(text: str) -> str | None:
    """As `flag`, of a text. Raises ValueError where it is no flag."""
    found = capitals(text)
    return found and Flag(found)


def no_flag(given: str, flag: str) -> Case:
    """A value that is no flag. `flag` is what `flag` made of it."""
    return f"({flag} IS NULL AND {given} IS NOT NULL)", of(given, f"is not a {FLAG_WORDS}.")


def missing_flag(given: str) -> Case:
    """No value where a flag is needed."""
    return f"{given} IS NULL", "'The line has no DCC Service Flag.'"
