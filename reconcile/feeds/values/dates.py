"""Dates in SQL: which day a text is, and if none, why in words.

In: the name of a text column. Out: SQL fragments. Called by the formats.
"""

from .texts import has_value

DATE_FORMS = (
    ("^[0-9]{8}$", "%Y%m%d", 8),
    ("^[0-9]{4}-[0-9]{2}-[0-9]{2}($|Z$|[+-][0-9]{2}:?[0-9]{2}$|[T ][0-9])", "%Y-%m-%d", 10),
    ("^[0-9]{2}/[0-9]{2}/[0-9]{4}($|[T ][0-9])", "%d/%m/%Y", 10),
)


def as_date(column: str) -> str:
    """The date in a text: YYYYMMDD, YYYY-MM-DD (also with a time or a zone after it) or DD/MM/YYYY; else NULL."""
    # The first cases are the common ones and take no regular expression. strptime wants eight digits, or 'infinity'.
    quick = (
        f"WHEN {column} LIKE '____-__-__' THEN TRY_CAST({column} AS DATE) "
        f"WHEN strlen({column}) = 8 AND {column} < ':' THEN TRY_CAST(try_strptime({column}, '%Y%m%d') AS DATE) "
        f"WHEN {column} LIKE '__/__/____' THEN TRY_CAST(try_strptime({column}, '%d/%m/%Y') AS DATE)"
    )
    slow = " ".join(
        f"WHEN regexp_matches(trim({column}), '{pattern}') "
        f"THEN TRY_CAST(try_strptime(left(trim({column}), {length}), '{form}') AS DATE)"
        for pattern, form, length in DATE_FORMS
    )
    return f"CASE {quick} {slow} END"


def no_date(column: str, value: str) -> str:
    """Whether a text is meant as a date and `value`, what `as_date` made of it, is none."""
    return f"({value} IS NULL AND {has_value(column)})"


def why_no_date(column: str) -> str:
    """The reason that goes with `no_date`."""
    return f"trim({column}) || ' is not a date.'"


def needed_date(column: str, value: str) -> list[tuple[str, str]]:
    """Cases for a date that may not be missing. `value` is what `as_date` made of `column`."""
    missing = (f"NOT {has_value(column)}", "'The line has no effective from date.'")
    return [missing, (no_date(column, value), why_no_date(column))]
