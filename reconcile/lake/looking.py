"""Many Meter Points at once through the engine's own steps, as rows: no more than is asked for is read of them.

In: a run's Inputs and its Policy, numbers and devices. Out: PointsRows. Called by ledger.queries.look_up.
"""

from collections.abc import Collection
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from reconcile.domain.policy import Policy

from .contract import Inputs
from .engine import set_slice, take
from .named import hear, set_variables
from .point import DEVICES_HERE, Row, prepared, shadowed
from .steps import flags_step, point_steps

READ = {"full_flags", "flag_updates", "full_devices", "device_updates", "seen"}
"""What the answers are made of."""
DEVICES_ASKED = """
    SELECT device_id, device_type, status, status_from, mpxn, role, description
    FROM memory.main.full_devices
    WHERE device_id IN (SELECT device_id FROM wanted_devices)
      AND device_id NOT IN (SELECT device_id FROM memory.main.device_updates)
    UNION ALL
    SELECT device_id, device_type, status, status_from, mpxn, role, description
    FROM (
        FROM memory.main.device_updates
        WHERE device_id IN (SELECT device_id FROM wanted_devices)
        QUALIFY extract_order = max(extract_order) OVER (PARTITION BY device_id)
    )
"""


@dataclass(frozen=True)
class PointsRows:
    """What the steps say of Meter Points: `judged` by number, `devices` of each, and those asked for by `device`.

    `heard`: of each device that was read or spoke by itself the last proof of its life. `unread_flags`,
    `unread_meters`: numbers of which a line that is or may be about them could not be read.
    """

    judged: dict[int, Row]
    devices: dict[int, list[Row]]
    asked: dict[int, list[Row]]
    heard: dict[int, Row]
    unread_flags: frozenset[int]
    unread_meters: frozenset[int]


def judge_points(inputs: Inputs, policy: Policy, mpxns: Collection[int], devices: Collection[int]) -> PointsRows:
    """Judge Meter Points, and those of devices, as a run judges all."""
    with prepared(inputs, policy).cursor() as con:
        set_variables(con)
        asked = _devices_asked(con, devices) if devices else []
        wanted = sorted({*mpxns, *(row["mpxn"] for row in asked if row["mpxn"] is not None)})
        if not wanted:
            return PointsRows({}, {}, _grouped(asked, "device_id"), {}, frozenset(), frozenset())
        _fill(con, "wanted", "mpxn", wanted, pa.int64())
        set_slice(con, wanted[0], wanted[-1])
        where = f"mpxn = {wanted[0]}" if len(wanted) == 1 else "mpxn IN (SELECT mpxn FROM wanted)"
        sources = shadowed(inputs, where, wanted)
        for name in READ & sources.keys():
            con.execute(f"CREATE TEMP TABLE {name} AS {sources[name]}")
        if inputs.tells_of_life:
            hear(con, DEVICES_HERE)
        found = {name: rows.to_pylist() for name, rows in take(con, point_steps(inputs)).items()}
        return PointsRows(
            judged={row["mpxn"]: row for row in found["judged"]},
            devices=_grouped(found["point_devices"], "mpxn"),
            asked=_grouped(asked, "device_id"),
            heard=_heard(con) if inputs.tells_of_life else {},
            unread_flags=frozenset(row["mpxn"] for row in found["unread"]) | _only_unread(con, where),
            unread_meters=frozenset(row["mpxn"] for row in found["unread_meters"]),
        )


def registered_flags(inputs: Inputs, policy: Policy, mpxns: Collection[int]) -> dict[int, str]:
    """The flag that registration holds for each of some Meter Points that it knows; empty for no flag."""
    with prepared(inputs, policy).cursor() as con:
        set_variables(con)
        wanted = sorted(mpxns)
        _fill(con, "wanted", "mpxn", wanted, pa.int64())
        set_slice(con, wanted[0], wanted[-1])
        sources = shadowed(inputs, "mpxn IN (SELECT mpxn FROM wanted)", wanted)
        for name in {"full_flags", "flag_updates"} & sources.keys():
            con.execute(f"CREATE TEMP TABLE {name} AS {sources[name]}")
        rows = con.execute(f"SELECT mpxn, flag FROM ({flags_step(inputs).sql})").fetchall()
        return {mpxn: flag or "" for mpxn, flag in rows}


def _devices_asked(con: duckdb.DuckDBPyConnection, devices: Collection[int]) -> list[Row]:
    _fill(con, "wanted_devices", "device_id", devices, pa.uint64())
    rows: list[Row] = con.sql(DEVICES_ASKED).to_arrow_table().to_pylist()
    return rows


def _heard(con: duckdb.DuckDBPyConnection) -> dict[int, Row]:
    return {row["device_id"]: row for row in con.sql("FROM heard").to_arrow_table().to_pylist()}


def _only_unread(con: duckdb.DuckDBPyConnection, where: str) -> frozenset[int]:
    """Of the numbers that no line of registration gives that could be read, those that one gives that could not."""
    unread = f"SELECT DISTINCT mpxn FROM unread_flags WHERE {where} AND mpxn NOT IN (SELECT mpxn FROM full_flags)"
    return frozenset(mpxn for (mpxn,) in con.execute(unread).fetchall())


def _fill(con: duckdb.DuckDBPyConnection, name: str, column: str, values: Collection[int], kind: pa.DataType) -> None:
    con.register("incoming_wanted", pa.table({column: pa.array(values, kind)}))
    con.execute(f"CREATE TEMP TABLE {name} AS FROM incoming_wanted")
    con.unregister("incoming_wanted")


def _grouped(rows: list[Row], column: str) -> dict[int, list[Row]]:
    groups: dict[int, list[Row]] = {}
    for row in rows:
        groups.setdefault(row[column], []).append(row)
    return groups
