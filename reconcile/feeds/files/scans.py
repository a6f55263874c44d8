"""A file as DuckDB scans it: values as text, lines as they stand, and the numbers of the records that are wrong.

In: the path of a text file. Out: SQL. Called by the other modules of files, and by the formats.
"""

from pathlib import Path

from ..sql import literal

REJECTS_TABLE = "structural_rejects"
SCANS_TABLE = "structural_scans"


def scan(path: Path, columns: int, *, delimiter: str, quote: str, skip: int, keep_rejects: bool) -> str:
    """`read_csv` with every value as text in c0, c1, ...; lines with a wrong number of values are left out.

    `keep_rejects` notes those lines in REJECTS_TABLE, which only the second pass needs.
    """
    names = ", ".join(f"'c{at}': 'VARCHAR'" for at in range(columns))
    noting = f"store_rejects = true, rejects_table = '{REJECTS_TABLE}', rejects_scan = '{SCANS_TABLE}'"
    return (
        f"read_csv({literal(path)}, auto_detect = false, header = false, skip = {skip}, delim = {literal(delimiter)}, "
        f"quote = {literal(quote)}, escape = {literal(quote)}, strict_mode = true, columns = {{{names}}}, "
        f"{noting if keep_rejects else 'ignore_errors = true'})"
    )


def scan_lines(path: Path, *, keep_rejects: bool = False) -> str:
    """Every physical line, blank ones too, as text in c0. The delimiter is a character that no such file holds."""
    return scan(path, 1, delimiter="\x01", quote="", skip=0, keep_rejects=keep_rejects)


def rejects_query(checked: str) -> str:
    """(record, reason) of what `checked`, a query with a `reason`, would leave out."""
    # row_number without an order is the order of the file: the reader keeps it, whatever the number of threads.
    numbered = f"SELECT row_number() OVER () AS record, reason FROM ({checked})"
    return f"SELECT record, reason FROM ({numbered}) WHERE reason IS NOT NULL"
