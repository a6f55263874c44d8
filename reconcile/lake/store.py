"""The lake: Parquet snapshots of extracts and runs, written aside and renamed, never half-there.

In: accepted rows as SQL over a file. Out: a snapshot folder and what it holds. Called by ledger.operations.
"""

import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

import duckdb
from django.conf import settings

from reconcile.domain.vocabulary import LIVE, MPRN_LIMIT
from reconcile.feeds.sql import literal, spelt_out

ROWS = "rows.parquet"
REPEATS = "repeats.parquet"
SEEN = "seen.parquet"
ASIDE = ".aside"
PARQUET = "FORMAT parquet, PARQUET_VERSION v2"
"""Sorted numbers are written as their differences: a third less to keep, and a little quicker to write and to read."""

# CASE, because IN over a text column costs several times as much.
LIVE_METER = f"""
    CASE status {" ".join(f"WHEN '{status}' THEN true" for status in sorted(LIVE))} ELSE false END
    AND CASE device_type WHEN 'ESME' THEN mpxn >= 1000000000000 WHEN 'GSME' THEN mpxn < 10000000000 ELSE false END
"""
# The weights 1 to 8, from the third digit from the right. A digit is q - 10 q', the number cut after it less ten times
# the number cut before it, and -10 is 1 mod 11: so the sum takes one division a digit and no remainders.
MPRN_CHECK = " + ".join(f"{(2 * cut - 3) % 11} * (mpxn // {10**cut})" for cut in range(2, 10) if (2 * cut - 3) % 11)


def quoted(*paths: Path) -> str:
    """Paths as a DuckDB list literal, for `read_parquet`."""
    return f"[{', '.join(literal(path) for path in paths)}]"


@contextmanager
def scratch() -> Iterator[Path]:
    """An empty folder on the lake's own disk, gone at the end: what is renamed out of it is whole."""
    folder = settings.LAKE_DIR / ASIDE / uuid.uuid4().hex
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def connected(workdir: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB of its own that spills to `workdir`, closed at the end."""
    con = connect(spill=workdir / "spill")
    try:
        yield con
    finally:
        con.close()


def connect(spill: Path | None = None) -> duckdb.DuckDBPyConnection:
    """A DuckDB within the memory of the settings that fetches nothing from outside; without `spill` it never spills."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": settings.ENGINE_MEMORY,
        "temp_directory": str(spill or ""),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    if settings.ENGINE_THREADS:
        config["threads"] = settings.ENGINE_THREADS
    return duckdb.connect(":memory:", config=config)


def publish(folder: Path, name: str) -> str:
    """Give a finished folder a name of its own in the lake, beginning with `name`; gives the name.

    Nothing is ever replaced: two that load the same bytes at once make two folders, and the one that commits its row
    keeps it.
    """
    own = f"{name}-{uuid.uuid4().hex[:8]}"
    target = settings.LAKE_DIR / own
    target.parent.mkdir(parents=True, exist_ok=True)
    folder.rename(target)
    return own


def remove(name: str) -> None:
    """Take a snapshot out of the lake that no row will ever use."""
    shutil.rmtree(settings.LAKE_DIR / name, ignore_errors=True)


def thin(name: str) -> int:
    """Remove all of a snapshot but what it was the first to show with a live meter; gives the bytes."""
    freed = 0
    for file in (settings.LAKE_DIR / name).glob("*.parquet"):
        # Another tidying may be at the same files.
        with suppress(FileNotFoundError):
            if file.name != SEEN:
                size = file.stat().st_size
                file.unlink()
                freed += size
    return freed


def sizes() -> dict[str, int]:
    """Bytes by kind of snapshot: flags, devices, responses, runs."""
    folders = [folder for folder in settings.LAKE_DIR.glob("*") if folder.is_dir() and folder.name != ASIDE]
    return {folder.name: folder_size(folder) for folder in sorted(folders)}


def folder_size(folder: Path) -> int:
    """Bytes of all files in a folder; one that goes meanwhile counts nothing."""
    total = 0
    for file in folder.rglob("*"):
        with suppress(FileNotFoundError):
            total += file.stat().st_size if file.is_file() else 0
    return total


def sweep(used: set[str], before: datetime) -> list[str]:
    """Remove what a killed worker left: scratch folders, and snapshots that no row uses, untouched since `before`."""
    folders = [folder for folder in settings.LAKE_DIR.glob("*/*") if folder.is_dir()]
    left = [
        folder
        for folder in folders
        if str(folder.relative_to(settings.LAKE_DIR)) not in used and folder.stat().st_mtime < before.timestamp()
    ]
    for folder in left:
        shutil.rmtree(folder, ignore_errors=True)
    return [str(folder.relative_to(settings.LAKE_DIR)) for folder in left]


def write_sorted(
    con: duckdb.DuckDBPyConnection, rows: str, target: Path, words: Mapping[str, list[str]] = MappingProxyType({})
) -> int:
    """Run `rows` and write it sorted by Meter Point; gives the number of rows. `words`: see feeds.sql.spelt_out."""
    # A small number is sorted at a fraction of what a text costs: the words are put in their places after the sort.
    query = spelt_out(f"FROM ({rows}) ORDER BY mpxn", words)
    done = con.execute(f"COPY ({query}) TO {literal(target)} ({PARQUET})").fetchone()
    return int(done[0]) if done else 0


@dataclass(frozen=True)
class NetworkRows:
    """What a snapshot holds of one network."""

    network: str
    points: int
    active: int


def unique_rows(rows: Path, repeats: Path | None) -> str:
    """A query of a registration snapshot with one row a Meter Point: without the lines that another one overrides."""
    if repeats is None:
        return f"FROM read_parquet({quoted(rows)})"
    return (
        f"SELECT * EXCLUDE (file_row_number) FROM (FROM read_parquet({quoted(rows)}, file_row_number = true) "
        f"ANTI JOIN (SELECT file_row_number FROM read_parquet({quoted(repeats)})) USING (file_row_number))"
    )


@dataclass(frozen=True)
class FlagsSnapshot:
    """A registration snapshot. `repeated` lines do not count; `conflicts` Meter Points had two different flags."""

    repeated: int
    conflicts: int
    networks: list[NetworkRows]
    suppliers: list[str]
    doubtful_mprns: int


def settle_flags(con: duckdb.DuckDBPyConnection, folder: Path, *, delta: bool) -> FlagsSnapshot:
    """Set the repeated lines of a sorted registration snapshot aside, and describe what is left.

    Of several lines for a Meter Point the one with the latest date counts; on one date A before I before N. REPEATS
    then holds, for each of the others, where it stands and, if they differ, the point's different `flags`.
    """
    rows, repeats = folder / ROWS, folder / REPEATS
    # A streaming lag over sorted rows costs one pass and no memory; a GROUP BY of 54 million keys would cost both.
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE repeated AS
        SELECT DISTINCT mpxn FROM (SELECT mpxn, mpxn = lag(mpxn) OVER () AS again FROM read_parquet({quoted(rows)}))
        WHERE again
    """)
    repeated = conflicts = 0
    if _count(con, "SELECT count(*) FROM repeated"):
        repeated, conflicts = _set_repeats_aside(con, rows, repeats, delta=delta)
    counted = f"({unique_rows(rows, repeats if repeated else None)})"
    # A scan each: grouping by one column of few words costs next to nothing, by two of them ten times as much.
    networks = con.execute(
        f"SELECT network, count(*), count(*) FILTER (WHERE flag = 'A') FROM {counted} GROUP BY network ORDER BY network"
    ).fetchall()
    suppliers = con.execute(
        f"SELECT DISTINCT supplier FROM {counted} WHERE supplier IS NOT NULL ORDER BY supplier"
    ).fetchall()
    doubtful = f"mpxn < {MPRN_LIMIT} AND ({MPRN_CHECK}) % 11 <> mpxn % 100"
    return FlagsSnapshot(
        repeated,
        conflicts,
        [NetworkRows(*row) for row in networks],
        [code for (code,) in suppliers],
        _count(con, f"SELECT count(*) FROM {counted} WHERE {doubtful}"),
    )


def _set_repeats_aside(con: duckdb.DuckDBPyConnection, rows: Path, repeats: Path, *, delta: bool) -> tuple[int, int]:
    """Write REPEATS for the points in the table `repeated`; gives the lines in it and the points with two flags."""
    # In a delta two updates of different dates are an order of events, not a contradiction.
    group = "mpxn, flag_from" if delta else "mpxn"
    con.execute(f"""
        COPY (
            SELECT file_row_number, mpxn, network, if(len(flags) > 1, array_to_string(flags, ', '), NULL) AS flags
            FROM (
                SELECT *, list(DISTINCT coalesce(flag, 'none') ORDER BY coalesce(flag, 'none')) OVER same AS flags,
                    row_number() OVER (PARTITION BY mpxn ORDER BY flag_from DESC NULLS LAST, flag NULLS LAST) AS place
                FROM read_parquet({quoted(rows)}, file_row_number = true) SEMI JOIN repeated USING (mpxn)
                WINDOW same AS (PARTITION BY {group})
            )
            WHERE place > 1 ORDER BY file_row_number
        ) TO {literal(repeats)} ({PARQUET})
    """)
    (repeated, conflicts), *_ = con.execute(
        f"SELECT count(*), count(DISTINCT mpxn) FILTER (WHERE flags <> '') FROM read_parquet({quoted(repeats)})"
    ).fetchall()
    return repeated, conflicts


def settle_devices(con: duckdb.DuckDBPyConnection, folder: Path, seen_before: list[Path]) -> int:
    """Keep for ever which points an inventory snapshot is the first to show with a live meter; gives its devices.

    `seen_before`: the same of the inventories dated before this one. A point may be in it twice.
    """
    source = f"read_parquet({quoted(folder / ROWS)})"
    known = f"ANTI JOIN read_parquet({quoted(*seen_before)}) USING (mpxn)" if seen_before else ""
    # The rows are sorted, and neither the filter nor the join disturbs their order.
    con.execute(f"""
        COPY (FROM (SELECT mpxn FROM {source} WHERE {LIVE_METER}) {known})
        TO {literal(folder / SEEN)} ({PARQUET})
    """)
    return _count(con, f"SELECT count(*) FROM {source} WHERE lead_row")


def _count(con: duckdb.DuckDBPyConnection, query: str) -> int:
    row = con.execute(query).fetchone()
    return int(row[0]) if row else 0
