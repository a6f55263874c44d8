"""The lake: Parquet snapshots of extracts and runs, written aside and renamed, never half-there.

In: accepted rows as SQL over a file. Out: a snapshot folder and what it holds. Called by ledger.operations.
"""

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
from django.conf import settings

from reconcile.domain.vocabulary import MPRN_LIMIT

ROWS = "rows.parquet"
CONFLICTS = "conflicts.parquet"
SEEN = "seen.parquet"
ASIDE = ".aside"

LIVE_METER = """
    status IN ('InstalledNotCommissioned', 'Commissioned')
    AND (device_type = 'ESME' AND mpxn >= 1000000000000 OR device_type = 'GSME' AND mpxn < 10000000000)
"""
MPRN_CHECK = " + ".join(f"{place + 1} * (mpxn // {10 ** (place + 2)} % 10)" for place in range(8))


def quoted(*paths: Path) -> str:
    """Paths as a DuckDB list literal, for `read_parquet`."""
    return "[" + ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths) + "]"


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


def write_sorted(con: duckdb.DuckDBPyConnection, rows: str, target: Path) -> int:
    """Run `rows` once and write it sorted by Meter Point; gives the number of rows."""
    done = con.execute(f"COPY (SELECT * FROM ({rows}) ORDER BY mpxn) TO '{_text(target)}' (FORMAT parquet)").fetchone()
    return int(done[0]) if done else 0


@dataclass(frozen=True)
class NetworkRows:
    """What a snapshot holds of one network."""

    network: str
    points: int
    active: int


@dataclass(frozen=True)
class FlagsSnapshot:
    """A written registration snapshot. `repeated` rows were dropped; `conflicts` points had two different flags."""

    repeated: int
    conflicts: int
    networks: list[NetworkRows]
    suppliers: list[str]
    doubtful_mprns: int


def settle_flags(con: duckdb.DuckDBPyConnection, folder: Path, *, delta: bool) -> FlagsSnapshot:
    """Make a sorted registration snapshot unique by point, set conflicts aside, and describe it."""
    path = folder / ROWS
    source = f"read_parquet('{_text(path)}')"
    # A streaming lag over sorted rows costs one pass and no memory; a GROUP BY of 54 million keys would cost both.
    repeated = _count(con, f"SELECT count(*) FROM (SELECT mpxn = lag(mpxn) OVER () AS again FROM {source}) WHERE again")
    conflicts = _settle_repeats(con, folder, delta=delta) if repeated else 0
    networks = [
        NetworkRows(*row)
        for row in con.execute(
            f"SELECT network, count(*), count(*) FILTER (WHERE flag = 'A') FROM {source} GROUP BY 1 ORDER BY 1"
        ).fetchall()
    ]
    suppliers = [
        code
        for (code,) in con.execute(
            f"SELECT DISTINCT supplier FROM {source} WHERE supplier IS NOT NULL ORDER BY 1"
        ).fetchall()
    ]
    doubtful = _count(
        con, f"SELECT count(*) FROM {source} WHERE mpxn < {MPRN_LIMIT} AND ({MPRN_CHECK}) % 11 <> mpxn % 100"
    )
    return FlagsSnapshot(repeated, conflicts, networks, suppliers, doubtful)


def _settle_repeats(con: duckdb.DuckDBPyConnection, folder: Path, *, delta: bool) -> int:
    path, settled = folder / ROWS, folder / "settled.parquet"
    source = f"read_parquet('{_text(path)}')"
    # In a delta two updates of different dates are an order of events, not a contradiction.
    group = "mpxn, flag_from" if delta else "mpxn"
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE repeated AS
        SELECT mpxn FROM (SELECT mpxn, mpxn = lag(mpxn) OVER () AS again FROM {source}) WHERE again GROUP BY mpxn
    """)
    con.execute(f"""
        COPY (
            SELECT mpxn, any_value(network) AS network,
                   string_agg(DISTINCT coalesce(flag, 'none'), ', ' ORDER BY coalesce(flag, 'none')) AS flags
            FROM {source} SEMI JOIN repeated USING (mpxn)
            GROUP BY {group} HAVING count(DISTINCT coalesce(flag, '')) > 1 ORDER BY mpxn
        ) TO '{_text(folder / CONFLICTS)}' (FORMAT parquet)
    """)
    con.execute(f"""
        COPY (
            SELECT * FROM {source} ANTI JOIN repeated USING (mpxn)
            UNION ALL
            SELECT * FROM {source} SEMI JOIN repeated USING (mpxn)
            QUALIFY row_number() OVER (PARTITION BY mpxn ORDER BY flag_from DESC NULLS LAST, flag NULLS LAST) = 1
            ORDER BY mpxn
        ) TO '{_text(settled)}' (FORMAT parquet)
    """)
    settled.replace(path)
    return _count(con, f"SELECT count(DISTINCT mpxn) FROM read_parquet('{_text(folder / CONFLICTS)}')")


@dataclass(frozen=True)
class DevicesSnapshot:
    """A written inventory snapshot: devices (not rows), smart meters among them, points newly seen with a live one."""

    devices: int
    smart_meters: int
    newly_seen: int


def settle_devices(con: duckdb.DuckDBPyConnection, folder: Path, seen_before: list[Path]) -> DevicesSnapshot:
    """Describe an inventory snapshot and keep for ever which points it is the first to show with a live meter.

    `seen_before`: the same of the inventories dated before this one.
    """
    source = f"read_parquet('{_text(folder / ROWS)}')"
    devices = _count(con, f"SELECT count(*) FROM {source} WHERE lead_row")
    meters = _count(con, f"SELECT count(*) FROM {source} WHERE lead_row AND device_type IN ('ESME', 'GSME')")
    known = f"ANTI JOIN read_parquet({quoted(*seen_before)}) USING (mpxn)" if seen_before else ""
    newly = write_sorted(
        con, f"SELECT DISTINCT mpxn FROM (SELECT mpxn FROM {source} WHERE {LIVE_METER}) {known}", folder / SEEN
    )
    return DevicesSnapshot(devices, meters, newly)


def describe_responses(con: duckdb.DuckDBPyConnection, folder: Path) -> int:
    """The number of rejections in a snapshot of responses."""
    return _count(con, f"SELECT count(*) FROM read_parquet('{_text(folder / ROWS)}') WHERE outcome = 'RJ'")


def _count(con: duckdb.DuckDBPyConnection, query: str) -> int:
    row = con.execute(query).fetchone()
    return int(row[0]) if row else 0


def _text(path: Path) -> str:
    return str(path).replace("'", "''")
