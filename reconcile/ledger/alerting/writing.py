"""What became of the queue, written: new lines and alerts, and those that changed; lines that lost their alerts go.

In: a DuckDB with `fresh` and `known` alerts, judged. Out: rows of the database, within the caller's transaction, and
how many there are of each. Called by taking_in.
"""

import duckdb
from django.db import connection

from reconcile.domain.tables import Table
from reconcile.domain.vocabulary import network_named
from reconcile.lake import store
from reconcile.models import Alert, AlertLine, Party

from .. import bulk
from ..compare import sql
from ..inputs import readable

TEXT = "strftime({}, '%Y-%m-%d %H:%M:%S')"
LINE = {
    "id": "id", "network_id": "network_id", "kind": "kind", "label": "label", "mpxn": "mpxn", "sort": "sort",
    "first_at": TEXT.format("first_at"), "last_at": TEXT.format("last_at"), "alerts": "alerts", "points": "points",
    "triaged": "triaged", "answer": "answer", "why": "why", "waiting": "waiting", "generation": "generation",
}  # fmt: skip
"""Columns of a line -> SQL over the table `lines`."""
SAME_LINE = {"state": "open", "outcome": ""}
NOW = {
    "line_id": "new_line", "network_id": "network_id", "supplier_id": "supplier_id", "mpxn": "mpxn",
    "device_at": "device_at", "triaged": "triaged", "answer": "answer", "why": "why", "now_on": "now_on::VARCHAR",
    "postcode_area": "postcode_area", "restored_at": TEXT.format("restored_at"), "generation": "generation",
}  # fmt: skip
"""Columns of an alert that follow what is known now."""
THEN = {
    "extract_id": "extract_id", "sent_at": TEXT.format("sent_at"), "code": "code", "change": "change", "sort": "sort",
    "device_id": "device_id", "hub_id": "hub_id", "answer_then": "answer_then", "why_then": "why_then",
    "then_on": "then_on::VARCHAR",
}  # fmt: skip
"""Columns of an alert that never change."""


def write(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Group the alerts, and write what is not so already."""
    _parties(con)
    _plans(con)
    con.execute(f"CREATE TABLE candidates AS {CANDIDATES}")
    for name in ("alert_units", "alert_groups", "alert_members"):
        con.execute(f"CREATE TABLE {name} AS {sql(name)}")
    con.execute(f"CREATE TABLE lines AS {sql('alert_lines')}")
    lines = f"SELECT {_made(LINE)} FROM lines"
    last = "getvariable('last_line')"
    new = bulk.insert(con, f"{lines} WHERE id > {last} ORDER BY id", _table(AlertLine), tuple(LINE), SAME_LINE)
    bulk.update(con, f"{lines} WHERE id <= {last} ORDER BY id", _table(AlertLine), tuple(LINE))
    alerts = f"SELECT {_made({'id': 'id', **NOW, **THEN})} FROM ({MEMBERS}) WHERE is_new ORDER BY id"
    added = bulk.insert(con, alerts, _table(Alert), ("id", *NOW, *THEN))
    kept = f"SELECT {_made({'id': 'id', **NOW})} FROM ({MEMBERS}) WHERE NOT is_new ORDER BY id"
    judged = bulk.update(con, kept, _table(Alert), ("id", *NOW))
    _remove_empty()
    return {"alerts": added, "lines": new, "judged_anew": judged}


def _table(model: type[Alert] | type[AlertLine]) -> str:
    return str(model._meta.db_table)


def _made(columns: dict[str, str]) -> str:
    return ", ".join(f"{found} AS {name}" for name, found in columns.items())


def _parties(con: duckdb.DuckDBPyConnection) -> None:
    """The networks that alerts are of, those too that no extract has named; and the suppliers."""
    codes = [code for (code,) in con.execute("SELECT DISTINCT network FROM judged_now").fetchall() if code]
    named = (network_named(code) for code in codes)
    Party.objects.bulk_create(
        [Party(kind=Party.Kind.NETWORK, code=one.code, name=one.name, fuel=one.fuel, mpid=one.mpid) for one in named],
        ignore_conflicts=True,
    )
    bulk.read_rows(con, Party.objects.all(), bulk.PARTIES, "parties")


def _plans(con: duckdb.DuckDBPyConnection) -> None:
    """Table `plans`: the planned firmware updates, by a number and in words."""
    files = readable().filter(table=Table.FIRMWARE_UPDATES, thinned_at=None).order_by("as_of", "pk")
    paths = [store.kept(one, store.ROWS) for one in files]
    rows = f"SELECT DISTINCT * FROM read_parquet({store.quoted(*paths)})" if paths else NO_PLAN
    con.execute(f"""
        CREATE TABLE plans AS
        SELECT row_number() OVER (ORDER BY starts, manufacturer, firmware, model) AS plan, *,
            concat_ws(' ', manufacturer, model, 'to', firmware)
                || ', ' || strftime(starts, '%-d %b %H:%M') || ' to ' || strftime(ends, '%-d %b %H:%M') AS label
        FROM ({rows})
    """)


NO_PLAN = (
    "SELECT '' AS manufacturer, '' AS model, '' AS firmware, NULL::TIMESTAMP AS starts, NULL::TIMESTAMP AS ends "
    "WHERE false"
)
CANDIDATES = """
    SELECT
        told.* EXCLUDE (mpxn, device, postcode_area), now.mpxn,
        network.id AS network_id, supplier.id AS supplier_id,
        -- A file that tells no postcode moves nobody: where the Meter Point is known to have been stands.
        coalesce(
            nullif(now.postcode_area, ''),
            CASE told.mpxn WHEN now.mpxn THEN nullif(told.postcode_area, '') END,
            CASE judged_then.mpxn WHEN now.mpxn THEN judged_then.postcode_area END,
            ''
        ) AS postcode_area,
        now.device_at, now.generation, now.triaged, now.answer, now.why, now.shown_on AS now_on,
        judged_then.answer AS answer_then, judged_then.why AS why_then, judged_then.shown_on AS then_on,
        nullif(split_part(now.description, chr(31), 2), '') AS manufacturer,
        nullif(split_part(now.description, chr(31), 3), '') AS model,
        nullif(split_part(now.description, chr(31), 4), '') AS firmware,
        nullif(split_part(judged_then.description, chr(31), 4), '') AS firmware_then
    FROM (
        SELECT *, '' AS postcode_area, true AS is_new, false AS fixed FROM fresh
        UNION ALL BY NAME
        SELECT *, false AS is_new FROM known
    ) AS told
    JOIN judged_now AS now USING (id)
    LEFT JOIN judged_then USING (id)
    LEFT JOIN parties AS network ON network.kind = 'network' AND network.code = now.network
    LEFT JOIN parties AS supplier ON supplier.kind = 'supplier' AND supplier.code = now.supplier
"""
MEMBERS = "SELECT * FROM alert_members"


def _remove_empty() -> None:
    """A line whose alerts are all of another now, and that nobody has touched, is none."""
    members, lines = _table(Alert), _table(AlertLine)
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {lines} WHERE version_id IS NULL "
            f"AND NOT EXISTS (SELECT 1 FROM {members} WHERE {members}.line_id = {lines}.id)"
        )
