"""Every flag that registration ever had for one Meter Point, as the newest refresh of a run's inputs tells it.

In: a run's Inputs and a number. Out: ToldFlags, the oldest first. Called by ledger.queries.points.
"""

from dataclasses import dataclass
from datetime import date

from .contract import FullExtract, Inputs, Update
from .store import HISTORY, asking, is_known, quoted


@dataclass(frozen=True)
class ToldFlag:
    """A flag, None for none, and the day from which it was in force; None where that is not known."""

    flag: str | None
    flag_from: date | None


def flag_history(inputs: Inputs, mpxn: int) -> list[ToldFlag]:
    """Empty where no refresh of the inputs tells of the point: extracts and updates hold one flag only."""
    sources: list[FullExtract | Update] = [*inputs.registration, *inputs.flag_updates]
    newest_first = sorted(sources, key=lambda source: source.order, reverse=True)
    for path in (source.rows.with_name(HISTORY) for source in newest_first):
        if is_known(path):
            with asking() as con:
                found = con.execute(
                    f"SELECT DISTINCT flag, flag_from FROM read_parquet({quoted(path)}) WHERE mpxn = ? "
                    "ORDER BY flag_from NULLS FIRST, flag",
                    [mpxn],
                ).fetchall()
            if found:
                return [ToldFlag(*row) for row in found]
    return []
