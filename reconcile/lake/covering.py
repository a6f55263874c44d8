"""Meter Points whose meter waits to be commissioned, with what is told of WAN coverage there, now and before the newest
file.

In: a run's Inputs, its Policy and coverage files. Out: WAITING. Called by ledger.waiting and ledger.queries.coverage.
"""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from reconcile.domain.answering import Wan
from reconcile.domain.policy import Policy
from reconcile.domain.tables import Table
from reconcile.domain.vocabulary import FIRST_MPAN, Status
from reconcile.feeds.sql import literal

from .contract import COVERED, Inputs, Update
from .engine import END, set_slice, take
from .looking import READ
from .named import name_inputs, union
from .point import shadowed
from .snapshots import declared_rows
from .steps import point_steps
from .store import asking, connected

WAITING = pa.schema(
    {
        "mpxn": pa.int64(),
        "network": pa.string(),
        "supplier": pa.string(),
        "postcode": pa.string(),
        "answer": pa.string(),
        "from_date": pa.date32(),
        "days_waiting": pa.int64(),
        "answer_before": pa.string(),
        "listed": pa.bool_(),
    }.items()
)
"""By number. `answer_before`: as it was without the files of the newest date. `listed`: its flag is I, N or none."""
NOTHING_TOLD = """
    SELECT NULL::VARCHAR AS postcode, false AS available, NULL::DATE AS anticipated, NULL::DATE AS as_of,
        0 AS extract_order
    WHERE false
"""
INSTALLED = literal(Status.INSTALLED)
NO_DATA, NOW, FROM_DATE, NOT_CONFIRMED = map(literal, Wan)
WAITING_POINTS = f"""
    SELECT mpxn FROM memory.main.full_devices
    WHERE status = {INSTALLED} AND device_type IN ('ESME', 'GSME') AND mpxn IS NOT NULL
    UNION
    SELECT mpxn FROM memory.main.device_updates WHERE status = {INSTALLED} AND mpxn IS NOT NULL
"""
QUESTION = f"""
    WITH meters AS (
        SELECT mpxn, device_type, status, status_from, postcode FROM full_devices
        WHERE device_id NOT IN (SELECT device_id FROM device_updates)
        UNION ALL
        SELECT mpxn, device_type, status, status_from, postcode FROM device_updates
        QUALIFY extract_order = max(extract_order) OVER (PARTITION BY device_id)
    ),
    waiting AS (
        SELECT mpxn, min(status_from) AS since, max(postcode) AS postcode
        FROM meters
        WHERE status = {INSTALLED} AND (device_type = 'ESME') = (mpxn >= {FIRST_MPAN})
        GROUP BY mpxn
    ),
    placed AS (
        SELECT waiting.mpxn, judged.network, judged.supplier, waiting.since,
            judged.in_flags AND judged.flag IN ('I', 'N', '') AS listed,
            coalesce(any_value(waiting.postcode), any_value(full_flags.postcode)) AS postcode
        FROM waiting
        JOIN judged USING (mpxn)
        LEFT JOIN full_flags USING (mpxn)
        WHERE judged.shows = 'installed'
        GROUP BY ALL
    )
    SELECT mpxn, network, supplier, placed.postcode, coalesce(whole.answer, outward.answer, {NO_DATA}) AS answer,
        CASE WHEN coalesce(whole.answer, outward.answer) = {FROM_DATE}
             THEN coalesce(whole.from_date, outward.from_date) END AS from_date,
        date_diff('day', since, ?::DATE) AS days_waiting,
        coalesce(whole_before.answer, outward_before.answer, {NO_DATA}) AS answer_before,
        listed
    FROM placed
    LEFT JOIN answers AS whole ON whole.postcode = placed.postcode
    LEFT JOIN answers AS outward ON outward.postcode = split_part(placed.postcode, ' ', 1)
    LEFT JOIN answers_before AS whole_before ON whole_before.postcode = placed.postcode
    LEFT JOIN answers_before AS outward_before ON outward_before.postcode = split_part(placed.postcode, ' ', 1)
    ORDER BY mpxn
"""


def told_by(files: Sequence[Update]) -> str:
    """What files say of coverage, each with its date."""
    parts = [
        f"SELECT *, DATE '{source.as_of}' AS as_of, {source.order} AS extract_order "
        f"FROM ({declared_rows(Table.COVERAGE, source.rows, None)})"
        for source in files
    ]
    return union(parts) if parts else NOTHING_TOLD


def answers(files: Sequence[Update]) -> str:
    """One answer a postcode: the newest file that names it speaks, and of several regions the best."""
    return f"""
        SELECT postcode,
            CASE WHEN bool_or(available) THEN {NOW} WHEN count(anticipated) > 0 THEN {FROM_DATE}
                 ELSE {NOT_CONFIRMED} END AS answer,
            min(anticipated) AS from_date,
            bool_or(available AND anticipated IS NOT NULL) AS dated
        FROM ({_newest(files)})
        GROUP BY postcode
    """


def _newest(files: Sequence[Update]) -> str:
    """Of each postcode what the newest file says that names it."""
    return f"FROM ({told_by(files)}) QUALIFY extract_order = max(extract_order) OVER (PARTITION BY postcode)"


def before(files: Sequence[Update]) -> list[Update]:
    """The files but those of the newest date."""
    newest = max((one.as_of for one in files), default=None)
    return [one for one in files if one.as_of != newest]


def waiting(inputs: Inputs, policy: Policy, files: Sequence[Update], *, workdir: Path) -> pa.Table:
    """The points, as WAITING. It spills to `workdir`."""
    with connected(workdir) as con:
        name_inputs(con, inputs, policy, COVERED.empty_table())
        set_slice(con, 0, END)
        con.execute(f"CREATE TEMP TABLE wanted AS {WAITING_POINTS}")
        sources = shadowed(inputs, "mpxn IN (SELECT mpxn FROM wanted)", (0, FIRST_MPAN))
        for name in READ & sources.keys():
            con.execute(f"CREATE TEMP TABLE {name} AS {sources[name]}")
        take(con, point_steps(inputs))
        con.execute(f"CREATE TEMP TABLE answers AS {answers(files)}")
        con.execute(f"CREATE TEMP TABLE answers_before AS {answers(before(files))}")
        return con.sql(QUESTION, params=[inputs.as_of]).to_arrow_table().cast(WAITING)


def speaking(files: Sequence[Update]) -> set[int]:
    """The orders of the files that say something of a postcode which no newer one does, now or before the newest."""
    with asking() as con:
        orders = (
            f"SELECT extract_order FROM ({_newest(files)}) UNION SELECT extract_order FROM ({_newest(before(files))})"
        )
        return {order for (order,) in con.execute(orders).fetchall()}


def of_postcode(files: Sequence[Update], postcode: str) -> list[dict[str, object]]:
    """What every file says of a postcode and of its outward part, the newest first."""
    query = f"""
        FROM ({told_by(files)})
        WHERE postcode IN ($postcode, split_part($postcode, ' ', 1)) ORDER BY as_of DESC, postcode DESC
    """
    with asking() as con:
        found: pa.Table = con.sql(query, params={"postcode": postcode}).to_arrow_table()
        return found.to_pylist() if files else []


def dated(files: Sequence[Update]) -> list[str]:
    """Postcodes that are said to have coverage and a date from which to have it: one of the two is wrong."""
    with asking() as con:
        rows = con.execute(f"SELECT postcode FROM ({answers(files)}) WHERE dated ORDER BY postcode").fetchall()
        return [postcode for (postcode,) in rows]
