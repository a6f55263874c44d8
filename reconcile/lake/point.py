"""One Meter Point through the engine's own steps, as rows.

In: a run's Inputs and its Policy, and a number. Out: PointRows. Called by lake.trace, which puts them into words.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from operator import itemgetter
from typing import Any

import duckdb

from reconcile.domain.policy import Policy
from reconcile.domain.vocabulary import FIRST_MPAN

from . import store
from .contract import COVERED, Inputs, Source
from .engine import set_slice, taken
from .found import NOT_ASKED, Found
from .named import full_flags, hear, name_inputs, set_variables, union
from .steps import UNREAD, Step, dsp_said, point_steps
from .told import Said

Row = dict[str, Any]
CONFLICTS = "SELECT DISTINCT extract_order, flags FROM given_twice WHERE mpxn = {}"
NEWEST_RESPONSE = "FROM responses ORDER BY extract_order DESC, line DESC LIMIT 1"
REGISTERED_METER = """
    FROM registered_meters AS told
    WHERE removed_on IS NULL AND NOT EXISTS (
        FROM registered_meters AS gone
        WHERE gone.removed_on IS NOT NULL AND gone.extract_order >= told.extract_order
            AND (gone.device_id = told.device_id OR gone.meter_id = told.meter_id)
    )
    ORDER BY extract_order DESC, device_id NULLS FIRST LIMIT 1
"""
"""The meter that registration holds, as other_meters reads it."""
DEVICES_HERE = "SELECT device_id FROM full_devices UNION ALL SELECT device_id FROM device_updates"
SHOWN = "SELECT device_id, status, status_from FROM full_devices"
TOLD = "SELECT extract_order, coalesce(flag, '') AS flag, flag_from FROM {}"
CHANGES_HERE = f"FROM device_changes WHERE device_id IN ({DEVICES_HERE})"


@dataclass(frozen=True)
class PointRows:
    """What the steps say of a Meter Point, each row as name -> value.

    `judged` is None where no side knows the point; `conflicts` are the flags that one extract gave it, joined;
    `response` is the newest answer to an update. `unread_flag`, `unread_meter`: a line that is or may be about it could
    not be read. `registered_meter` is the device that registration holds, where it says so. `shown`: device and status
    in the inventory, where is_as_shown. `told`: the place of an extract -> the flag that it tells, empty for none, and
    since when; a full one may hold the point for a network that it does not speak for. `heard`: each device that was
    read or spoke by itself, with the last proof of its life. `changes`: each device whose status an alert told since,
    where runs read those. `dsp` is what the DSP says newest of the point.
    """

    judged: Row | None
    devices: list[Row]
    ever: bool
    registration_date: date | None
    conflicts: list[str]
    response: Row | None
    unread_flag: bool
    unread_meter: bool
    registered_meter: int | None
    shown: list[Row]
    told: dict[int, Said]
    heard: dict[int, Row]
    changes: dict[int, Row]
    dsp: Row | None


@lru_cache(maxsize=1_000)
def judge_point(inputs: Inputs, policy: Policy, mpxn: int, left: Found | None = None) -> PointRows:
    """Judge one Meter Point as a run judges all; which rules it was found to break, the ledger has.

    `left`: what the run left of the points at which it found something, where this is one of them.

    Whoever opens a point opens it again: from the list, to print it, after a note. Its snapshots never change.
    """
    ready = _here(inputs, policy)
    with _kept_cursor(ready) as con:
        set_slice(con, mpxn, mpxn)
        # What the inputs say of the point is fetched first, into tables that stand before the views of their names: so
        # the snapshots are opened once, and not by each of the steps.
        held = {name: _fetch(con, name, rows) for name, rows in _sources(inputs, mpxn, left).items()}
        if left and not any(held[name] for name in NOT_ASKED):
            # What is believed of it may come from a run that was published meanwhile, which left other points.
            return judge_point(inputs, policy, mpxn)
        if inputs.tells_of_life:
            hear(con, DEVICES_HERE)
        found = defaultdict[str, list[Row]](list, taken(con, tuple(_asked(inputs, mpxn)), _rows))
        judged, as_shown = _first(found["judged"]), is_as_shown(inputs)
        return PointRows(
            judged=judged,
            devices=sorted(found["point_devices"], key=itemgetter("device_type", "device_id", "role")),
            ever=bool(found["ever"]),
            registration_date=ready.registration_dates.get(judged["network"]) if judged else None,
            conflicts=[row["flags"] for row in sorted(found["flags_given"], key=itemgetter("extract_order", "flags"))],
            response=_first(found["newest_response"]),
            unread_flag=bool(found["unread"]),
            unread_meter=bool(found["unread_meters"]),
            registered_meter=(_first(found["registered_meter"]) or {}).get("device_id"),
            shown=_shown(found["shown" if inputs.inventory_updates else "point_devices"]) if as_shown else [],
            told={row["extract_order"]: (row["flag"], row["flag_from"]) for row in sorted(found["told"], key=_since)},
            heard={row["device_id"]: row for row in found["heard_here"]},
            changes={row["device_id"]: row for row in found["changes_here"]},
            dsp=_first(found["dsp_said"]),
        )


def _fetch(con: duckdb.DuckDBPyConnection, name: str, rows: str) -> int:
    """Make a table of a cursor's own; gives how many rows it has."""
    ((count,),) = con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {rows}").fetchall()
    return int(count)


def _sources(inputs: Inputs, mpxn: int, left: Found | None) -> dict[str, str]:
    """`shadowed` for one point, without columns that nobody asks for; the large ones out of what the run left."""
    where = f"mpxn = {mpxn}"
    sources = shadowed(inputs, where, [mpxn])
    if left:
        return sources | {name: f"FROM ({rows}) WHERE {where}" for name, rows in left.sources(inputs).items()}
    asked = {name: f"SELECT * EXCLUDE ({', '.join(rest)}) FROM ({sources[name]})" for name, rest in NOT_ASKED.items()}
    return sources | asked


def _asked(inputs: Inputs, mpxn: int) -> Iterator[Step]:
    """The steps of a point, and what is asked beside them. Of what a run has none nothing is asked, and what is read
    once becomes no table: each statement takes DuckDB about a millisecond, whatever there is.
    """
    for one in point_steps(inputs):
        if inputs.has_unread:
            yield one
        elif one.name not in READING_JUDGED:
            yield replace(one, table=False)
    tables = ("full_flags", "flag_updates") if inputs.flag_updates else ("full_flags",)
    beside = {
        "ever": ("FROM seen", inputs.seen),
        "flags_given": (CONFLICTS.format(mpxn), inputs.has_repeats),
        "newest_response": (NEWEST_RESPONSE, inputs.responses),
        "registered_meter": (REGISTERED_METER, inputs.registered_meters),
        "shown": (SHOWN, is_as_shown(inputs) and inputs.inventory_updates),
        "told": (union(TOLD.format(name) for name in tables), True),
        "changes_here": (CHANGES_HERE, inputs.changes_until),
        "heard_here": ("FROM heard", inputs.tells_of_life),
    }
    yield from (Step(name, text=query, given=True) for name, (query, some) in beside.items() if some)
    if inputs.dsp_statuses:
        yield replace(dsp_said(inputs), given=True)


READING_JUDGED = ("noted", *UNREAD)
"""The steps that read what was judged."""


def _rows(con: duckdb.DuckDBPyConnection, query: str) -> list[Row]:
    """Of a few rows; as a relation the query would be planned twice."""
    found = con.execute(query)
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _since(row: Row) -> date:
    return row["flag_from"] or date.min


def _shown(devices: list[Row]) -> list[Row]:
    """Devices with a status, each once."""
    names = ("device_id", "status", "status_from")
    found = {tuple(row[name] for name in names) for row in devices if row["status"] is not None}
    return [dict(zip(names, row, strict=True)) for row in sorted(found, key=itemgetter(0, 1))]


def _first(rows: list[Row]) -> Row | None:
    return next(iter(rows), None)


@dataclass(frozen=True)
class _Ready:
    """A DuckDB that knows a run's inputs, the registration date of each network, and cursors that nobody uses now."""

    con: duckdb.DuckDBPyConnection
    registration_dates: dict[str, date]
    idle: list[duckdb.DuckDBPyConnection]


def prepared(inputs: Inputs, policy: Policy) -> duckdb.DuckDBPyConnection:
    """A DuckDB that knows a run's inputs, kept for the next question about the same run; they are here, whenever asked.

    Raises StoreError.
    """
    return _here(inputs, policy).con


def _here(inputs: Inputs, policy: Policy) -> _Ready:
    store.here(*inputs.files())
    return _ready(inputs, policy)


@lru_cache(maxsize=2)
def _ready(inputs: Inputs, policy: Policy) -> _Ready:
    con = store.connect()
    # A published snapshot never changes.
    con.execute("SET GLOBAL parquet_metadata_cache = true")
    name_inputs(con, inputs, policy, COVERED.empty_table())
    con.execute("CREATE TABLE given_twice AS FROM conflicts")
    dates = con.execute("SELECT network, registration_date FROM networks").fetchall()
    return _Ready(con, dict(dates), [])


@contextmanager
def _kept_cursor(ready: _Ready) -> Iterator[duckdb.DuckDBPyConnection]:
    """A cursor of one's own, with its variables set; kept for the next point, unless something went wrong with it."""
    try:
        con = ready.idle.pop()
    except IndexError:
        con = ready.con.cursor()
        set_variables(con)
    try:
        yield con
    except BaseException:
        con.close()
        raise
    ready.idle.append(con)


def is_as_shown(inputs: Inputs) -> bool:
    """Whether a run reads the devices as its inventory shows them, line by line, so that nobody need read it again."""
    return inputs.inventory.repeats is None and not inputs.changes_until


def inventories_beside(inputs: Inputs) -> list[Source]:
    """Those that are kept, without the one whose devices `judge_point` gives as they are."""
    newest = inputs.inventory.rows if is_as_shown(inputs) else None
    return [one for one in inputs.inventories if one.rows != newest]


def shadowed(inputs: Inputs, where: str, mpxns: Collection[int]) -> dict[str, str]:
    """The rows of each input that decide some Meter Points, `where` choosing them of their numbers.

    An input that a run has none of is left as it is: empty.
    """
    are_mpans = {mpxn >= FIRST_MPAN for mpxn in mpxns}
    extracts = [e for e in inputs.registration if any(code.isdigit() in are_mpans for code in e.networks)]
    given = {
        "flag_updates": bool(inputs.flag_updates),
        "responses": bool(inputs.responses),
        "registered_meters": bool(inputs.registered_meters),
        "dsp_statuses": bool(inputs.dsp_statuses),
        "unread_dsp": bool(inputs.dsp_statuses),
        "seen": bool(inputs.seen),
    }
    found = {"full_devices": f"FROM memory.main.full_devices WHERE {where}"}
    found |= {name: f"FROM memory.main.{name} WHERE {where}" for name, some in given.items() if some}
    found["full_flags"] = f"FROM ({union(map(full_flags, extracts or inputs.registration))}) WHERE {where}"
    if inputs.inventory_updates:
        # An update may bring a device to the point, or take it away.
        found["device_updates"] = f"""
            FROM memory.main.device_updates
            WHERE device_id IN (SELECT device_id FROM full_devices)
               OR device_id IN (SELECT device_id FROM memory.main.device_updates WHERE {where})
        """
    return found
