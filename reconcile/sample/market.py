"""The population: one row for each Meter Point with its number, parties and story, made by one SQL statement.

In: a connection, how many points, the dates. Out: tables point, told_flag, told_update, told_meter, told_answer,
truth. Called by make.py. Nothing here is done point by point in Python, so memory stays flat at any size.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import accumulate
from pathlib import Path
from typing import Any

import duckdb

from reconcile.domain.vocabulary import Status

from .causes import plant
from .parties import SUPPLIERS, areas, supplier_weights
from .pictures import CORRECT, SCENARIOS, TWIN
from .stories import Story, When, enumerate_stories

SQL = Path(__file__).parent / "sql"
SLOTS = 1 << 14
"""Shares are drawn by looking up 14 bits of a hash in a table of this many slots."""
AREA_SLOTS = 10_000
DNO_SLOTS = 9_700
"""The first slots of the areas are DNOs: each is sure to have an extract, even in a small market."""
SHOWCASE = (
    "removed: steady",
    "vanished: steady",
    "ahead pending: steady",
    "ahead: steady",
    "suspended: steady",
    "I, vanished: steady",
    "I, listed: steady",
    "I, commissioned: steady",
    "I, removed: steady",
    "N, installed: steady",
    "N, commissioned: steady",
    "install and leave: steady",
    "no flag: steady",
    "flag lost: steady",
    "S, live: steady",
    "W, removed: steady",
    "mistyped MPAN: steady",
    "other fuel too: steady",
    "two live: steady",
    "update rejected: steady",
    "update of MPAN rejected: steady",
    "needless update of MPAN: steady",
    "superseded row: steady",
    "gone without trace: arrives later",
    "removed: mended",
    "removed: mended, overnight",
    "ahead: mended, overnight",
    "removed: returns",
    "removed, MPAN absent: absent",
    "vanished: absent",
    "withdrawn: arrives",
    "no flag: passing, overnight",
)
"""Stories that the first planted points are given, so that a small market has every rule and every turn."""


def run_sql(con: duckdb.DuckDBPyConnection, name: str, **parameters: Any) -> None:
    """One named statement of sql/."""
    con.execute((SQL / f"{name}.sql").read_text(), parameters)


TELLING = (
    "inventory",
    "updates",
    "registered",
    "refreshed",
    "lives",
    "alerting",
    "street",
    "dsp_held",
    "truths",
    "alerted",
    "covered",
)
"""What is told of the population, for the files to choose from."""


def make_market(con: duckdb.DuckDBPyConnection, *, points: int, dates: list[date], supplier: str | None = None) -> None:
    """The whole population, or one supplier's, and what is told of it on every day.

    The seed is the variable of that name.
    """
    pools = _stories(dates)
    stories = [story for pool in pools.values() for story in pool]
    _load_stories(con, stories)
    _load_picks(con, pools)
    run_sql(con, "macros")
    run_sql(con, "points", points=points, first_day=dates[0], dno_slots=DNO_SLOTS)
    plant(con, dates[0], {story.name: story.number for story in stories})
    con.execute("SET VARIABLE first_day = $first_day", {"first_day": dates[0]})
    con.execute("SET VARIABLE refreshed = $refreshed", {"refreshed": supplier is not None})
    if supplier:
        con.execute("DELETE FROM point WHERE supplier <> $supplier", {"supplier": supplier})
    for name in TELLING:
        run_sql(con, name)


def _stories(dates: list[date]) -> dict[str, list[Story]]:
    """The stories by pool: which kind of seat in the market draws them."""
    pools: dict[str, list[Story]] = {}
    for pool, scenarios in (("planted", SCENARIOS), ("correct", CORRECT), ("twin", TWIN)):
        taken = sum(len(stories) for stories in pools.values())
        pools[pool] = enumerate_stories(scenarios, dates, first_number=taken)
    return pools


def fill(con: duckdb.DuckDBPyConnection, table: str, columns: dict[str, str], rows: Iterable[Sequence[Any]]) -> None:
    """A small table from Python rows. `columns`: name -> SQL type."""
    values = list(zip(*rows, strict=True)) or [()] * len(columns)
    typed = ", ".join(f"unnest($c{n}::{kind}[]) AS {name}" for n, (name, kind) in enumerate(columns.items()))
    con.execute(
        f"CREATE TABLE {table} AS SELECT {typed}",
        {f"c{n}": list(column) for n, column in enumerate(values)},
    )


def _when(when: When) -> tuple[date | None, int | None]:
    return when.on, when.back


def _load_stories(con: duckdb.DuckDBPyConnection, stories: list[Story]) -> None:
    told = [(story.number, number, day) for story in stories for number, day in enumerate(story.days, start=1)]
    key = {"story": "SMALLINT", "day": "SMALLINT"}
    dated = {"flag": "VARCHAR", "since": "DATE", "since_back": "INTEGER"}
    fill(
        con,
        "told_flag",
        key | dated | {"smart": "BOOLEAN"},
        (
            (story, number, flag, *_when(since), bool(day.full.meters))
            for story, number, day in told
            if day.full.registered
            for flag, since in day.full.rows
        ),
    )
    fill(
        con,
        "told_update",
        key | dated,
        ((story, number, day.update[0], *_when(day.update[1])) for story, number, day in told if day.update),
    )
    meter = {"slot": "TINYINT", "status": "VARCHAR", "since": "DATE", "since_back": "INTEGER"}
    meter |= {"commissioned": "DATE", "commissioned_back": "INTEGER", "overnight": "BOOLEAN"}
    fill(
        con,
        "told_meter",
        key | meter,
        (
            (story, number, m.slot, m.status.value, *_when(m.since), *_when(m.commissioned), overnight)
            for story, number, day in told
            for overnight, meters in ((False, day.full.meters), (True, day.devices))
            for m in meters
        ),
    )
    fill(
        con,
        "told_answer",
        key | {"line": "TINYINT", "outcome": "VARCHAR", "flag": "VARCHAR"},
        (
            (story, number, line, outcome, day.asked)
            for story, number, day in told
            for line, outcome in enumerate(day.answers)
        ),
    )
    fill(con, "waiting", key, ((story, number) for story, number, day in told if day.picture.waits))
    columns = {"rule": "VARCHAR", "flag": "VARCHAR", "expected": "VARCHAR", "meter_statuses": "VARCHAR"}
    columns |= {"meters": "TINYINT", "in_flight": "VARCHAR", "state": "VARCHAR"}
    fill(con, "truth", key | columns, _truth_rows(told))


def _truth_rows(told: list[tuple[int, int, Any]]) -> Iterable[Sequence[Any]]:
    for story, number, day in told:
        for held in day.open:
            statuses = "+".join(status for status in Status if status in held.picture.statuses)
            flag = held.picture.flag if held.picture.registered else None
            in_flight = "yes" if held.in_flight else "no"
            meters = len(held.picture.statuses)
            yield story, number, held.rule, flag, held.picture.expected, statuses, meters, in_flight, held.state


def _load_picks(con: duckdb.DuckDBPyConnection, pools: dict[str, list[Story]]) -> None:
    """Look-up tables: a hash draws a slot, and the slot a story, an area or a supplier, in their shares."""
    picks = []
    for pool, stories in pools.items():
        drawn = spread([story.weight for story in stories], SLOTS)
        picks += [(pool, slot, stories[n].number, _fuel(stories[n])) for slot, n in enumerate(drawn)]
    columns = {"pool": "VARCHAR", "slot": "INTEGER", "story": "SMALLINT", "fuel": "VARCHAR"}
    fill(con, "pick", columns, picks)
    by_name = {story.name: story for story in reversed(pools["planted"])}
    shown = [(n, by_name[name].number, _fuel(by_name[name])) for n, name in enumerate(_shown(by_name))]
    fill(con, "showcase", {"rank": "BIGINT", "story": "SMALLINT", "fuel": "VARCHAR"}, shown)
    _load_parties(con)


def _shown(by_name: dict[str, Story]) -> list[str]:
    """The showcase of this many days: a turn that needs more days gives way to the steady story."""
    return [name if name in by_name else "removed: steady" for name in SHOWCASE]


def _load_parties(con: duckdb.DuckDBPyConnection) -> None:
    rows = []
    for fuel in ("electricity", "gas"):
        of_fuel = [area for area in areas() if area[0] == fuel]
        drawn = spread([area[-1] for area in of_fuel], AREA_SLOTS)
        rows += [(slot, *of_fuel[n][:-1]) for slot, n in enumerate(drawn)]
    columns = {"slot": "INTEGER", "fuel": "VARCHAR", "code": "VARCHAR", "network": "VARCHAR", "postcodes": "VARCHAR"}
    fill(con, "area", columns, rows)
    drawn = spread(supplier_weights(), SLOTS)
    fill(
        con,
        "supplier",
        {"slot": "INTEGER", "mpid": "VARCHAR"},
        [(slot, SUPPLIERS[n]) for slot, n in enumerate(drawn)],
    )


def _fuel(story: Story) -> str | None:
    return story.scenario.fuel.value if story.scenario.fuel else None


def spread(weights: list[float], slots: int) -> list[int]:
    """For each slot the number of the weight that it falls to, in order."""
    edges = list(accumulate(weights))
    return [bisect_right(edges, (slot + 0.5) / slots * edges[-1]) for slot in range(slots)]
