"""Text that a spreadsheet will not run as a formula.

In: free text from a file. Out: the same, with an apostrophe before what would start a formula; and back.
"""

RUNS_AS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe(text: str | None) -> str:
    """The text, made safe for a cell; None is empty."""
    if not text:
        return ""
    return f"'{text}" if text.startswith(RUNS_AS_FORMULA) else text


def as_written(text: str) -> str:
    """The text that `safe` was given, from a cell."""
    return text[1:] if text[:1] == "'" and text[1:].startswith(RUNS_AS_FORMULA) else text


def safe_sql(column: str) -> str:
    """The same for a column in DuckDB's SQL; NULL stays NULL."""
    starts = ", ".join(f"chr({ord(start)})" for start in RUNS_AS_FORMULA)
    return f"CASE WHEN left({column}, 1) IN ({starts}) THEN chr(39) || {column} ELSE {column} END"
