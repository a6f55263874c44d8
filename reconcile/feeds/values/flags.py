"""DCC Service Flags in SQL: which flag a value is, and if none, why in words.

In: a value (see texts). Out: SQL fragments. Called by the formats; held to domain.vocabulary by tests.
"""

from reconcile.domain.vocabulary import Flag

from ..sql import Case, first_reason, keyed, literal, of, word
from .texts import capitals

FLAG_WORDS = "DCC Service Flag (A, N, I, S, W or empty)"
IN_WORDS = {
    "ACTIVE": Flag.A,
    "NONACTIVE": Flag.N,
    "INSTALLEDNOTCOMMISSIONED": Flag.I,
    "SUSPENDED": Flag.S,
    "WITHDRAWN": Flag.W,
}
SPELT = {flag.value: flag.value for flag in Flag} | {
    spelling: flag.value for word, flag in IN_WORDS.items() for spelling in (word, flag + word, word + flag)
}
"""A flag's letter, its name, or both ("A - Active"), in capitals and letters only -> the letter."""
BETWEEN = " -_()[]/:.,\u2010\u2011\u2012\u2013\u2014\u00a0"
"""What may stand between the letters of a flag in words."""
YES_NO = ("Y", "YES", "TRUE", "1", "1.0", "NO", "FALSE", "0", "0.0")
"""Answers to another question. N is not among them: it is the flag Non-Active."""
YES_OR_NO = "is a yes/no value, not a DCC Service Flag: ask for the flag itself (A, N, I or empty)."


def flag(given: str) -> str:
    """The DCC Service Flag that a value is, its letter or its name; NULL where there is no value, or none known."""
    letters = f"translate({given}, {literal(BETWEEN)}, '')"
    return word(given, Flag, f"CASE WHEN strlen({given}) > 1 THEN {keyed(letters, SPELT)} ELSE upper({given}) END")


def flag_of(text: str) -> str | None:
    """As `flag`, of a text. Raises ValueError where it is no flag's letter."""
    found = capitals(text)
    return found and Flag(found)


def no_flag(given: str, flag: str) -> Case:
    """A value that is no flag. `flag` is what `flag` made of it."""
    is_answer = f"upper({given}) IN ({', '.join(map(literal, YES_NO))})"
    why = first_reason((is_answer, of(given, YES_OR_NO)), ("true", of(given, f"is not a {FLAG_WORDS}.")))
    return f"({flag} IS NULL AND {given} IS NOT NULL)", why


def missing_flag(given: str) -> Case:
    """No value where a flag is needed."""
    return f"{given} IS NULL", "'The line has no DCC Service Flag.'"
