"""What registration said of files of updates, and which files tell of one Meter Point.

In: snapshots. Out: Confirmations; the snapshots that hold a number. Called by ledger.queries.confirmations.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from .store import asking, quoted


@dataclass(frozen=True)
class Confirmation:
    """How many instructions of a file registration received, accepted and rejected, and when the file came."""

    file: str
    received: int
    accepted: int
    rejected: int
    received_on: date | None


def confirmations(rows: Path) -> list[Confirmation]:
    """Those of one snapshot."""
    query = f"SELECT file, received, accepted, rejected, received_on FROM read_parquet({quoted(rows)}) ORDER BY ALL"
    with asking() as con:
        found = con.execute(query).fetchall()
    return [Confirmation(*row) for row in found]


def holding(snapshots: Sequence[Path], mpxn: int) -> set[Path]:
    """Which of the snapshots hold a Meter Point."""
    if not snapshots:
        return set()
    query = f"SELECT DISTINCT filename FROM read_parquet({quoted(*snapshots)}, filename = true) WHERE mpxn = ?"
    with asking() as con:
        found = con.execute(query, [mpxn]).fetchall()
    return {Path(name) for (name,) in found}
