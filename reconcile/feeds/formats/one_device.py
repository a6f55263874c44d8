"""One device is one: what becomes of a device that an inventory holds several times, in whatever order.

In: Rows of devices. Out: Rows with each device once, how many lines that took away, and warnings. Called by the formats
of inventories.
"""

from collections.abc import Iterator
from dataclasses import replace

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ..contract import Rows
from ..values.devices import eui_64_text

STORED, AGAIN, REPEATED, SETTLED = "device_rows", "devices_again", "repeated_rows", "settled_rows"

# A line without a date may be the newest of all. So it stays, and contradicts the others unless it says the same.
NEWEST = f"""
    SELECT * FROM {REPEATED}
    QUALIFY status_from IS NULL OR status_from = max(status_from) OVER (PARTITION BY device_id)
"""
# Lines of one device that agree name the same points, each as often as there are lines. As text, because the order of
# numbered words is that in which they came up.
OF_DEVICE = """
    SELECT device_id, count(DISTINCT (device_type, status)) > 1 AS contradictory, count(mpxn) > 0 AS has_points,
        min(device_type) AS device_type, min(status) AS status, max(status_from) AS status_from,
        max(description::VARCHAR) AS description, max(postcode) AS postcode, max(commissioned) AS commissioned,
        count(*) FILTER (WHERE lead_row) AS lines
    FROM newest GROUP BY device_id
"""
OF_POINT = "SELECT device_id, mpxn, min(role) AS role, count(*) AS named FROM newest GROUP BY device_id, mpxn"
SETTLED_ROWS = f"""
    WITH newest AS ({NEWEST}), of_device AS ({OF_DEVICE}), of_point AS ({OF_POINT})
    SELECT device_id, device_type, if(contradictory, NULL, status) AS status,
        if(contradictory, NULL, status_from) AS status_from, mpxn, role, description, commissioned,
        row_number() OVER (PARTITION BY device_id ORDER BY mpxn) = 1 AS lead_row, postcode,
        contradictory, max(named <> lines) OVER (PARTITION BY device_id) AS moved
    FROM of_device JOIN of_point USING (device_id)
    WHERE mpxn IS NOT NULL OR NOT has_points
"""
CONTRADICTIONS = {
    "contradictory": "contradict each other, and nothing tells which is newer: the status of a device is not known",
    "moved AND NOT contradictory": "put one device at different Meter Points: it counts at each of them",
}


def each_once(con: duckdb.DuckDBPyConnection, rows: Rows, *, told: str = "") -> Rows:
    """Rows with each device once: as the newest answer says, in the column `told`, then as the newest status date says.

    Where that leaves several statuses, the status is not known, and the points are doubtful; where it leaves several
    Meter Points, the device counts at each of them.
    """
    stored = rows.query if rows.stored else _store(con, rows.query)
    again = _repeated(con, stored)
    if len(again):
        con.register("found_again", pa.table({"device_id": again}))
        con.execute(f"CREATE OR REPLACE TEMP TABLE {AGAIN} AS FROM found_again")
        con.unregister("found_again")
        return replace(_settled(con, rows, stored, told), stored=True)
    return replace(rows, query=_without(stored, told), stored=True)


def _store(con: duckdb.DuckDBPyConnection, query: str) -> str:
    con.execute(f"CREATE OR REPLACE TEMP TABLE {STORED} AS {query}")
    return f"FROM {STORED}"


def _without(query: str, column: str) -> str:
    return f"SELECT * EXCLUDE ({column}) FROM ({query})" if column else query


def _repeated(con: duckdb.DuckDBPyConnection, stored: str) -> NDArray[np.uint64]:
    """The identifiers that stand in more than one line. Sorting numbers takes half of what counting distinct ones does.

    Eight bytes a device, outside of DuckDB's memory.
    """
    found = con.sql(f"SELECT device_id FROM ({stored}) WHERE lead_row").to_arrow_reader()
    ids = np.concatenate([np.empty(0, np.uint64), *(batch.column(0).to_numpy() for batch in found)])
    ids.sort()
    return np.unique(ids[1:][ids[1:] == ids[:-1]])


def _settled(con: duckdb.DuckDBPyConnection, rows: Rows, stored: str, told: str) -> Rows:
    newest = f"QUALIFY {told} IS NOT DISTINCT FROM max({told}) OVER (PARTITION BY device_id)" if told else ""
    theirs = f"FROM ({stored}) SEMI JOIN {AGAIN} USING (device_id)"
    ((lines,),) = con.execute(f"SELECT count(*) {theirs} WHERE lead_row").fetchall()
    con.execute(f"CREATE OR REPLACE TEMP TABLE {REPEATED} AS SELECT * {theirs} {newest}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE {SETTLED} AS {SETTLED_ROWS}")
    con.execute(f"DROP TABLE {REPEATED}")
    ((devices,),) = con.execute(f"SELECT count(*) FROM {AGAIN}").fetchall()
    others = _without(f"SELECT * FROM ({stored}) ANTI JOIN {AGAIN} USING (device_id)", told)
    warnings = list(_warnings(con, lines - devices))
    doubtful = con.execute(f"SELECT mpxn FROM {SETTLED} WHERE contradictory AND mpxn IS NOT NULL").fetchall()
    return replace(
        rows,
        query=f"{others} UNION ALL BY NAME SELECT * EXCLUDE (contradictory, moved) FROM {SETTLED}",
        repeated=lines - devices,
        notes=lambda: [*rows.notes(), *warnings],
        doubtful=frozenset(mpxn for (mpxn,) in doubtful),
    )


def _warnings(con: duckdb.DuckDBPyConnection, repeated: int) -> Iterator[str]:
    yield f"{repeated:,} lines repeat a device of the same file. Each device counts once, as its newest line says."
    for condition, what in CONTRADICTIONS.items():
        count, first = con.execute(
            f"SELECT count(*), min(device_id) FROM {SETTLED} WHERE lead_row AND {condition}"
        ).fetchall()[0]
        if count:
            yield f"Lines {what} ({count:,} devices; the first is {eui_64_text(first)})."
