"""The common causes in the sample market: where far more flags are wrong than elsewhere, for a reason to be found.

In: the table point. Out: the same, with more wrong stories in three places. Called by market.py. Everything else that
is wrong falls on any point alike.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import duckdb


@dataclass(frozen=True)
class Cause:
    """Of the Meter Points `where` something holds, `per_cent` have the story instead of a plain commissioned meter.

    `filters`: how the list of discrepancies finds them. `days_back`: it holds in the month that lies so far before the
    first day.
    """

    story: str
    where: str
    per_cent: int
    filters: dict[str, str]
    days_back: int | None = None


CAUSES = (
    Cause(
        "I, commissioned: steady",
        "maker = 4 AND luck % 7 = 4 AND luck % 4 = 3 AND NOT smets1 "
        "AND area IN ('13', '15', '16', '17', '18', '23', 'NW', 'NE', 'NO', 'SC', 'WN')",
        40,
        {"manufacturer": "Hazel Controls", "model": "HC140", "firmware": "03.01", "csp_region": "North"},
    ),
    Cause("N, commissioned: steady", "supplier = 'ROOK'", 35, {"supplier": "ROOK"}, days_back=600),
    Cause("no flag: steady", "area = '10'", 50, {"network": "10"}, days_back=900),
)


def plant(con: duckdb.DuckDBPyConnection, first_day: date, stories: dict[str, int]) -> None:
    """Give points of the plainest story another one. `stories`: name -> number."""
    for number, cause in enumerate(CAUSES):
        month = month_of(cause, first_day)
        within = f"AND date_trunc('month', old) = DATE '{month}'" if month else ""
        con.execute(f"""
            UPDATE point SET story = {stories[cause.story]}
            WHERE pool = 'correct' AND {cause.where} {within}
                AND story = (SELECT story FROM pick WHERE pool = 'correct' AND slot = 0)
                AND hash(i, getvariable('seed'), {10 + number}) % 100 < {cause.per_cent}
        """)


def month_of(cause: Cause, first_day: date) -> date | None:
    """The first day of the month in which the meters of a cause were commissioned, where it is one of a month."""
    return (first_day - timedelta(days=cause.days_back)).replace(day=1) if cause.days_back else None
