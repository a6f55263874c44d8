"""Dates in SQL: which day a value is, and if none, why in words.

In: a value (see texts). Out: SQL fragments. Called by the formats.
"""

from ..sql import Case

DATE_FORMS = (
    ("^[0-9]{8}$", "%Y%m%d", 8),
    ("^[0-9]{4}-[0-9]{2}-[0-9]{2}($|Z$|[+-][0-9]{2}:?[0-9]{2}$|[T ][0-9])", "%Y-%m-%d", 10),
    ("^[0-9]{2}/[0-9]{2}/[0-9]{4}($|[T ][0-9])", "%d/%m/%Y", 10),
)


def day(given: str) -> str:
    """The date in a value: YYYYMMDD, YYYY-MM-DD (also with a time or a zone after it) or DD/MM/YYYY; else NULL."""
    # The first cases are the common ones and take no regular expression. strptime wants eight digits, or 'infinity'.
    quick = (
        f"WHEN {given} LIKE '____-__-__' THEN TRY_CAST({given} AS DATE) "
        f"WHEN strlen({given}) = 8 AND {given} < ':' THEN TRY_CAST(try_strptime({given}, '%Y%m%d') AS DATE) "
        f"WHEN {given} LIKE '__/__/____' THEN TRY_CAST(try_strptime({given}, '%d/%m/%Y') AS DATE)"
    )
    slow = " ".join(
        f"WHEN regexp_matches({given}, '{pattern}') "
        f"THEN TRY_CAST(try_strptime(left({given}, {length}), '{form}') AS DATE)"
        for pattern, form, length in DATE_FORMS
    )
    return f"CASE {quick} {slow} END"


def no_day(given: str, day: str) -> Case:
    """A value that is no date. `day` is what `day` made of it."""
    return f"({day} IS NULL AND {given} IS NOT NULL)", f"{given} || ' is not a date.'"


def missing_day(given: str) -> Case:
    """No value where a date is needed."""
    return f"{given} IS NULL", "'The line has no effective from date.'"
