"""Free text in SQL: is there a value at all, and which.

In: the name of a text column. Out: SQL fragments. Called by the formats and the other values.
"""


def plainly_filled(column: str) -> str:
    """Whether a value has no blank at either end and is not NULL: cheap, and true of nearly every value."""
    return f"({column} > '!' AND NOT suffix({column}, ' ') AND (strlen({column}) > 4 OR upper({column}) <> 'NULL'))"


def text(column: str) -> str:
    """A free-text value: trimmed; NULL where it is blank or says NULL."""
    return (
        f"CASE WHEN {plainly_filled(column)} THEN {column} "
        f"WHEN upper(trim({column})) NOT IN ('', 'NULL') THEN trim({column}) END"
    )


def has_value(column: str) -> str:
    """Whether a text is a value at all: not blank, not NULL."""
    return (
        f"CASE WHEN {plainly_filled(column)} THEN true "
        f"ELSE coalesce(upper(trim({column})) NOT IN ('', 'NULL'), false) END"
    )
