"""A snapshot: the rows of one extract in Parquet, sorted by Meter Point, with what they hold counted.

In: a canonical table and the accepted rows as SQL. Out: files in a folder, and a Snapshot. Called by ledger.publishing.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from reconcile.domain.tables import TABLES, Repeats, Table
from reconcile.domain.vocabulary import FIRST_MPAN, LIVE, METER_FUEL, MPRN_LIMIT, Fuel
from reconcile.feeds.sql import literal
from reconcile.feeds.values.misread import ANY, Range, clipped, merged

from .store import PARQUET, REPEATS, ROWS, SEEN, UNCERTAIN, UNREADABLE, here, quoted

# CASE, because IN over a text column costs several times as much.
OF_FUEL = {Fuel.ELECTRICITY: f"mpxn >= {FIRST_MPAN}", Fuel.GAS: f"mpxn < {MPRN_LIMIT}"}
LIVE_METER = f"""
    CASE status {" ".join(f"WHEN '{status}' THEN true" for status in sorted(LIVE))} ELSE false END
    AND CASE device_type {" ".join(f"WHEN '{kind}' THEN {OF_FUEL[fuel]}" for kind, fuel in METER_FUEL.items())}
        ELSE false END
"""
# The weights 1 to 8, from the third digit from the right. A digit is q - 10 q', the number cut after it less ten times
# the number cut before it, and -10 is 1 mod 11: so the sum takes one division a digit and no remainders.
MPRN_CHECK = " + ".join(f"{(2 * cut - 3) % 11} * (mpxn // {10**cut})" for cut in range(2, 10) if (2 * cut - 3) % 11)

DOUBTFUL = f"mpxn < {MPRN_LIMIT} AND ({MPRN_CHECK}) % 11 <> mpxn % 100"
"""An MPRN with unexpected check digits."""
REST = 10**6
"""A number with fewer digits, at an ESME, is what is left of an MPAN."""


class NotCanonical(TypeError):
    """The rows of a format are not those of its table; the text says which columns differ."""


@dataclass(frozen=True)
class NetworkRows:
    """What a snapshot holds of one network: Meter Points, and how many of them are flagged A."""

    network: str
    points: int
    active: int


@dataclass(frozen=True)
class Snapshot:
    """What was written: `lines` of the file. Of these `repeated` do not count; `conflicts` points had two flags, and
    `parties` points stood with two suppliers or in two networks.

    `networks`, `suppliers` and `doubtful_mprns` (unexpected check digits) are counted where a table has networks.
    """

    lines: int
    repeated: int = 0
    conflicts: int = 0
    parties: int = 0
    networks: tuple[NetworkRows, ...] = ()
    suppliers: tuple[str, ...] = ()
    doubtful_mprns: int = 0


@dataclass(frozen=True)
class Rows:
    """Accepted rows of a canonical table, as SQL; `contradicted` selects points to which one line gives two flags."""

    table: Table
    sql: str
    contradicted: str = ""


def write(
    con: duckdb.DuckDBPyConnection, folder: Path, rows: Rows, *, delta: bool, seen_before: list[Path]
) -> Snapshot:
    """Write a snapshot and settle it as its table is declared. `seen_before`: the SEEN of the extracts before.

    Raises NotCanonical.
    """
    check(con, rows)
    declared = TABLES[rows.table]
    written = write_sorted(con, rows.sql, folder / ROWS, by=declared.sorted_by)
    settled = Snapshot(written)
    if declared.repeats == Repeats.LATEST_FLAG:
        repeated, conflicts, parties = settle_repeats(con, folder, delta=delta, contradicted=rows.contradicted)
        settled = Snapshot(written, repeated, conflicts, parties)
    if declared.remembers_meters:
        remember_meters(con, folder, seen_before)
    if "lead_row" in declared.columns:
        lines = f"SELECT count(*) FROM read_parquet({quoted(folder / ROWS)}) WHERE lead_row"
        settled = replace(settled, lines=_count(con, lines))
    return _parties(con, settled, folder) if "network" in declared.columns else settled


def check(con: duckdb.DuckDBPyConnection, rows: Rows) -> None:
    """Raises NotCanonical unless the rows have exactly the columns that their table declares."""
    described = con.execute(f"DESCRIBE SELECT * FROM ({rows.sql})").fetchall()
    # A word out of a list is written as the text that it stands for.
    found = {name: "VARCHAR" if kind.startswith("ENUM") else kind for name, kind, *_ in described}
    declared = dict(TABLES[rows.table].columns)
    if found != declared:
        differ = sorted(name for name in found.keys() | declared.keys() if found.get(name) != declared.get(name))
        words = "; ".join(
            f"{name} is {found.get(name, 'missing')}, not {declared.get(name, 'declared')}" for name in differ
        )
        raise NotCanonical(f"These are not rows of {rows.table}: {words}.")


def write_sorted(con: duckdb.DuckDBPyConnection, rows: str, target: Path, by: str = "mpxn") -> int:
    """Run `rows` and write it sorted, by Meter Point as a rule; gives the number of rows."""
    done = con.execute(f"COPY (FROM ({rows}) ORDER BY {by}) TO {literal(target)} ({PARQUET})").fetchone()
    return int(done[0]) if done else 0


def unique_rows(rows: Path, repeats: Path | None) -> str:
    """A query of a snapshot with one row a Meter Point: without the lines that another one overrides."""
    if repeats is None:
        return f"FROM read_parquet({quoted(rows)})"
    return (
        f"SELECT * EXCLUDE (file_row_number) FROM (FROM read_parquet({quoted(rows)}, file_row_number = true) "
        f"ANTI JOIN (SELECT file_row_number FROM read_parquet({quoted(repeats)})) USING (file_row_number))"
    )


def declared_rows(table: Table, rows: Path, repeats: Path | None) -> str:
    """`unique_rows` with the columns that the table declares today; a snapshot from before a column has NULL there."""
    held = _columns(rows)
    columns = TABLES[table].columns.items()
    values = (name if name in held else f"NULL::{kind} AS {name}" for name, kind in columns)
    return f"SELECT {', '.join(values)} FROM ({unique_rows(rows, repeats)})"


@lru_cache(maxsize=4096)
def _columns(rows: Path) -> frozenset[str]:
    """The columns of a snapshot, which never changes."""
    here(rows)
    return frozenset(parquet.read_schema(rows).names)


def settle_repeats(
    con: duckdb.DuckDBPyConnection, folder: Path, *, delta: bool, contradicted: str = ""
) -> tuple[int, int, int]:
    """Write REPEATS: where each line stands that another overrides and, if they differ, the point's different `flags`.

    Points that are `contradicted` within a line are in it without a place. Gives what Snapshot calls repeated,
    conflicts and parties; without any there is no file. Which line counts does not hang on their order.
    """
    rows, repeats = quoted(folder / ROWS), folder / REPEATS
    # A streaming lag over sorted rows costs one pass and no memory; a GROUP BY of 54 million keys would cost both.
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE repeated AS
        SELECT DISTINCT mpxn FROM (SELECT mpxn, mpxn = lag(mpxn) OVER () AS again FROM read_parquet({rows}))
        WHERE again
    """)
    parts = [_overridden(rows, delta=delta)] if _count(con, "SELECT count(*) FROM repeated") else []
    if contradicted and _count(con, f"SELECT count(*) FROM ({contradicted})"):
        of_no_place = "NULL::BIGINT AS file_row_number, mpxn, network, flags, false AS parties"
        parts.append(f"SELECT {of_no_place} FROM ({contradicted})")
    if not parts:
        return 0, 0, 0
    con.execute(f"COPY ({' UNION ALL '.join(parts)}) TO {literal(repeats)} ({PARQUET})")
    ((repeated, conflicts, parties),) = con.execute(f"""
        SELECT count(file_row_number), count(DISTINCT mpxn) FILTER (WHERE flags <> ''),
            count(DISTINCT mpxn) FILTER (WHERE parties)
        FROM read_parquet({quoted(repeats)})
    """).fetchall()
    return repeated, conflicts, parties


def _overridden(rows: str, *, delta: bool) -> str:
    """The lines that another one of the same point overrides."""
    # In a delta two updates of different dates are an order of events, not a contradiction.
    same = ("mpxn", "flag_from") if delta else ("mpxn",)
    lines = f"SELECT * FROM read_parquet({rows}, file_row_number = true) SEMI JOIN repeated USING (mpxn)"
    order = (
        "flag_from DESC NULLS LAST, flag NULLS LAST, supplier NULLS LAST, network NULLS LAST, point_status NULLS LAST"
    )
    # Grouped apart: over a window DuckDB lists the flags of a point anew for each of its lines.
    return f"""
        SELECT file_row_number, line.mpxn, network, flags, coalesce(parties, false) AS parties
        FROM (SELECT *, row_number() OVER (PARTITION BY mpxn ORDER BY {order}) AS place FROM ({lines})) AS line
        LEFT JOIN ({_contradictions(lines, same)}) AS told
            ON {" AND ".join(f"told.{name} IS NOT DISTINCT FROM line.{name}" for name in same)}
        WHERE place > 1 ORDER BY file_row_number
    """


def _contradictions(lines: str, same: Collection[str]) -> str:
    """Those lines that are the `same` but for their `flags`, or for their supplier or network: `parties`."""
    flag, by = "coalesce(flag, 'none')", ", ".join(same)
    parties = ("coalesce(supplier, '')", "coalesce(network, '')")
    differs = " OR ".join(f"min({party}) <> max({party})" for party in parties)
    several = f"min({flag}) <> max({flag})"
    flags = f"CASE WHEN {several} THEN array_to_string(list(DISTINCT {flag} ORDER BY {flag}), ', ') END"
    return f"""
        SELECT {by}, {flags} AS flags, {differs} AS parties
        FROM ({lines}) GROUP BY {by} HAVING {several} OR {differs}
    """


def remember_meters(con: duckdb.DuckDBPyConnection, folder: Path, seen_before: list[Path]) -> None:
    """Write SEEN: which points this inventory is the first to show with a live meter. A point may be in it twice."""
    known = f"ANTI JOIN read_parquet({quoted(*seen_before)}) USING (mpxn)" if seen_before else ""
    # The rows are sorted, and neither the filter nor the join disturbs their order.
    con.execute(f"""
        COPY (FROM (SELECT mpxn FROM read_parquet({quoted(folder / ROWS)}) WHERE {LIVE_METER}) {known})
        TO {literal(folder / SEEN)} ({PARQUET})
    """)


def keep_unreadable(folder: Path, points: Collection[int], uncertain: Collection[Range] = ()) -> None:
    """Write UNREADABLE and UNCERTAIN, if there are any: what stood on lines which were not loaded.

    A file whose rows are all of one fuel is about no other.
    """
    if points:
        parquet.write_table(pa.table({"mpxn": pa.array(sorted(points), pa.int64())}), folder / UNREADABLE)
    if uncertain:
        ranges = merged(clipped(uncertain, *_span(folder / ROWS)))
        first, last = zip(*ranges, strict=True) if ranges else ((), ())
        columns = {"first": pa.array(first, pa.int64()), "last": pa.array(last, pa.int64())}
        parquet.write_table(pa.table(columns), folder / UNCERTAIN)


class Misread(NamedTuple):
    """MPRNs that can hardly be right, and how many `more` numbers that tell nothing."""

    mprns: list[int]
    more: int = 0


def misread_mprns(con: duckdb.DuckDBPyConnection, folder: Path, table: Table, most: int) -> Misread:
    """MPRNs with wrong check digits, of rows of which over two thirds of the MPRNs have right ones.

    The rule of those digits rests on one public source. Of numbers that do not follow it one in eleven would have right
    ones. An ESME at an MPRN is a finding of its own, unless what stands there is but the rest of a number.
    """
    rows = f"FROM read_parquet({quoted(folder / ROWS)})"
    is_meter = "device_type = 'ESME'" if "device_type" in TABLES[table].columns else "false"
    if _count(con, f"SELECT count(*) {rows} WHERE {DOUBTFUL}") == 0:
        return Misread([])
    rest = _count(con, f"SELECT count(*) {rows} WHERE {DOUBTFUL} AND {is_meter} AND mpxn < {REST}")
    wrong = f"(SELECT DISTINCT mpxn {rows} WHERE {DOUBTFUL} AND NOT {is_meter})"
    count = _count(con, f"SELECT count(*) FROM {wrong}")
    if 3 * count >= _count(con, f"SELECT count(DISTINCT mpxn) {rows} WHERE mpxn < {MPRN_LIMIT} AND NOT {is_meter}"):
        return Misread([], rest)
    found = con.execute(f"FROM {wrong} ORDER BY mpxn LIMIT {most}").fetchall()
    return Misread([mprn for (mprn,) in found], rest + count - len(found))


def _span(rows: Path) -> Range:
    """The numbers of the fuels that a snapshot has rows of."""
    least, most = pc.min_max(parquet.read_table(rows, columns=["mpxn"])["mpxn"]).as_py().values()
    if most is None or (least < FIRST_MPAN <= most):
        return ANY
    return (FIRST_MPAN, ANY[1]) if least >= FIRST_MPAN else (1, FIRST_MPAN - 1)


def _parties(con: duckdb.DuckDBPyConnection, snapshot: Snapshot, folder: Path) -> Snapshot:
    """The snapshot with the parties that its rows name."""
    counted = f"({unique_rows(folder / ROWS, folder / REPEATS if snapshot.repeated else None)})"
    # A scan each: grouping by one column of few words costs next to nothing, by two of them ten times as much.
    networks = con.execute(
        f"SELECT network, count(*), count(*) FILTER (WHERE flag = 'A') FROM {counted} GROUP BY network ORDER BY network"
    ).fetchall()
    suppliers = con.execute(
        f"SELECT DISTINCT supplier FROM {counted} WHERE supplier IS NOT NULL ORDER BY supplier"
    ).fetchall()
    return replace(
        snapshot,
        networks=tuple(NetworkRows(*row) for row in networks),
        suppliers=tuple(code for (code,) in suppliers),
        doubtful_mprns=_count(con, f"SELECT count(*) FROM {counted} WHERE {DOUBTFUL}"),
    )


def _count(con: duckdb.DuckDBPyConnection, query: str) -> int:
    row = con.execute(query).fetchone()
    return int(row[0]) if row else 0
