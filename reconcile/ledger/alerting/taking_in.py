"""The queue of alerts after a load or a run: new files are taken in, what is open is judged anew, a storm is one line.

In: the time. Out: what changed, in numbers; lines and alerts are written in one transaction. Called by ledger.work.
"""

import logging
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
from django.db import transaction
from django.db.models import Max, QuerySet

from reconcile.domain.alert_work import CLOSED
from reconcile.domain.days import today
from reconcile.domain.tables import TABLES, Table
from reconcile.domain.triage import AREA_POINTS, EPISODE_HOURS, HUB_POINTS, STORM_MINUTES
from reconcile.domain.vocabulary import FIRST_MPAN
from reconcile.feeds.sql import literal
from reconcile.lake import store
from reconcile.models import Alert, AlertLine, Extract, Party

from .. import bulk
from ..compare import sql
from ..inputs import readable
from . import contradicting, judging, leaving, writing
from .leaving import TAKEN_IN

logger = logging.getLogger(__name__)
LIMITS = {
    "episode_hours": EPISODE_HOURS, "storm_minutes": STORM_MINUTES, "area_points": AREA_POINTS,
    "hub_points": HUB_POINTS, "first_mpan": FIRST_MPAN,
}  # fmt: skip
MOMENT = "TRY_CAST(left({}, 26) AS TIMESTAMP)"
OPEN = {
    "id": "BIGINT", "line_id": "BIGINT", "line__kind": "VARCHAR", "line__label": "VARCHAR",
    "line__version_id": "BIGINT",
    "sent_at": "VARCHAR", "code": "VARCHAR", "change": "VARCHAR", "sort": "VARCHAR", "mpxn": "BIGINT",
    "device_id": "VARCHAR", "hub_id": "VARCHAR", "postcode_area": "VARCHAR",
}  # fmt: skip
STANDING = {name: OPEN[name] for name in ("id", "sent_at", "code", "change", "mpxn", "device_id", "hub_id")}
STANDING |= {"extract__withdrawn_at": "VARCHAR"}


def bring_up_to_date(*, now: datetime) -> dict[str, int]:
    """As refresh. What was loaded, found or withdrawn stands without it: the next load or run brings the queue up."""
    try:
        return refresh(now=now)
    except (duckdb.Error, OSError):
        logger.exception("The queue of alerts could not be brought up to date")
        return {}


def refresh(*, now: datetime) -> dict[str, int]:
    """Bring the queue up to date: alerts that are new, lines that they made, alerts judged. Nothing without any."""
    contradicting.refresh(now=now)
    if not waiting() and not Alert.objects.exists():
        return {}
    with store.scratch() as folder, store.connected(folder) as con:
        judging.name_words(con)
        for name, value in LIMITS.items():
            con.execute(f"SET VARIABLE {name} = {value}::BIGINT")
        with transaction.atomic():
            _lock()
            leaving.forget_withdrawn()
            files = waiting()
            _read_new(con, files)
            leaving.reopen(now=now)
            _read_open(con)
            _judge(con, today(now), folder)
            found = writing.write(con)
            leaving.close(now=now)
            for extract in files:
                report = extract.report | {TAKEN_IN: now.isoformat()}
                Extract.objects.filter(pk=extract.pk).update(report=report)
    return found


def waiting() -> list[Extract]:
    """Files of alerts that are not in the queue yet."""
    loaded = readable().filter(table=Table.ALERTS, thinned_at=None)
    return [one for one in loaded.order_by("as_of", "pk") if TAKEN_IN not in one.report]


def _lock() -> None:
    """Whoever changes the queue, or works on it, waits for whoever does already."""
    networks = Party.objects.filter(kind=Party.Kind.NETWORK)
    list(networks.select_for_update(no_key=True).order_by("pk").values_list("pk"))


def _read_new(con: duckdb.DuckDBPyConnection, files: list[Extract]) -> None:
    """Table `fresh`: the alerts of the files that do not stand; what stands by a withdrawn file becomes theirs."""
    parts = [
        f"SELECT {extract.pk} AS extract_id, * FROM read_parquet({store.quoted(_rows(extract))})" for extract in files
    ]
    columns = {"extract_id": "BIGINT", **TABLES[Table.ALERTS].columns}
    none = f"SELECT {', '.join(f'NULL::{kind} AS {name}' for name, kind in columns.items())} WHERE false"
    con.execute(f"CREATE VIEW incoming_alerts AS {' UNION ALL BY NAME '.join([none, *parts])}")
    first, last = con.execute("SELECT min(sent_at), max(sent_at) FROM incoming_alerts").fetchall()[0]
    near = Alert.objects.filter(sent_at__range=(_utc(first), _utc(last))) if first else Alert.objects.none()
    bulk.read_rows(con, near, STANDING, "stand")
    con.execute(f"CREATE TABLE standing AS SELECT * REPLACE ({MOMENT.format('sent_at')} AS sent_at) FROM stand")
    con.execute("SET VARIABLE last_alert = ?::BIGINT", [_last(Alert)])
    con.execute(f"CREATE TABLE told AS {sql('alert_told')}")
    bulk.update(con, sql("alert_again"), str(Alert._meta.db_table), ("id", "extract_id"))
    con.execute(f"CREATE TABLE fresh AS {sql('alert_new')}")


def _rows(extract: Extract) -> Path:
    path: Path = store.kept(extract, store.ROWS)
    return path


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)


def _read_open(con: duckdb.DuckDBPyConnection) -> None:
    """Table `known`: the alerts of lines that nobody has closed."""
    rows: QuerySet[Alert] = Alert.objects.exclude(line__state=CLOSED).filter(extract__withdrawn_at=None)
    bulk.read_rows(con, rows, OPEN, "kept")
    con.execute(f"""
        CREATE TABLE known AS
        SELECT id, line_id, line__kind AS line_kind, line__label AS line_label, line__version_id IS NOT NULL AS fixed,
            {MOMENT.format("sent_at")} AS sent_at, code, change, sort, mpxn, device_id, hub_id, postcode_area,
            TRY_CAST(nullif(concat('0x', replace(device_id, '-', '')), '0x') AS UBIGINT) AS device
        FROM kept
    """)
    con.execute("SET VARIABLE last_line = ?::BIGINT", [_last(AlertLine)])


def _last(model: type[Alert] | type[AlertLine]) -> int:
    return int(model.objects.aggregate(last=Max("pk"))["last"] or 0)


def _judge(con: duckdb.DuckDBPyConnection, day: date, folder: Path) -> None:
    """Tables `judged_then`, of the new alerts, and `judged_now`, of all that are open."""
    days = [one for (one,) in con.execute("SELECT DISTINCT sent_at::DATE FROM fresh").fetchall()]
    (now,), (then,) = judging.times([day], is_now=True), judging.times([day])
    earlier = judging.times([one for one in days if one < day])
    judged = "SELECT id, mpxn, device FROM {} WHERE {}"
    for number, time in enumerate(earlier):
        those = ", ".join(f"DATE {literal(one.isoformat())}" for one in time.days)
        asked = judged.format("fresh", f"sent_at::DATE IN ({those})")
        judging.judge(con, asked, time, "judged_then", workdir=folder / f"then-{number}")
    late = f"sent_at::DATE >= DATE {literal(day.isoformat())}"
    judging.judge(con, judged.format("fresh", late), then, "judged_then", workdir=folder / "today")
    every = f"{judged.format('fresh', 'true')} UNION ALL {judged.format('known', 'true')}"
    judging.judge(con, every, now, "judged_now", workdir=folder / "now")
