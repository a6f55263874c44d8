"""Small markets for tests: canonical rows go into the lake and the ledger as a load would put them there.

In: rows as dicts, or a Hypothesis draw. Out: extracts; the same market as the naive oracle reads it.
"""

import itertools
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import duckdb
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from reconcile.domain.mp077 import MP077
from reconcile.domain.tables import TABLES, Table
from reconcile.domain.vocabulary import Status
from reconcile.lake import store
from reconcile.lake.snapshots import Rows, keep_unreadable
from reconcile.ledger import kept_files, publishing, record, uploads
from reconcile.ledger.guards import Approval
from reconcile.models import Extract, Run
from tests import oracle

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KINDS = {
    Table.FLAGS: "registration",
    Table.DEVICES: "smi",
    Table.RESPONSES: "e46",
    Table.REGISTERED_METERS: "d0312",
    Table.READS: "reads",
    Table.COVERAGE: "coverage",
    Table.ALERTS: "alerts",
    Table.DSP_STATUSES: "dsp_status",
    Table.CONFIRMATIONS: "d0172",
    Table.FIRMWARE_UPDATES: "firmware_updates",
}
_numbers = itertools.count(1)


def number_of(device_id: str) -> int:
    """The number that a device identifier is."""
    return int(device_id.replace("-", ""), 16)


def handed_in(content: str | bytes) -> str:
    """A file as an upload keeps it; gives the name by which any worker knows it."""
    place = uploads.new_place()
    place.write_bytes(content.encode() if isinstance(content, str) else content)
    return uploads.keep(place)


def uploaded() -> list[str]:
    """The names of what was handed in and is kept."""
    return [kept.name for kept in kept_files.listed(uploads.INCOMING)]


def read(name: str) -> str:
    """A kept file."""
    with kept_files.at_hand(name) as path:
        return path.read_text()


def put(
    table: str,
    coverage: str,
    as_of: date,
    rows: list[dict],
    made_at: datetime | None = None,
    *,
    unreadable: Iterable[int] = (),
) -> Extract:
    """One extract of canonical rows; columns that a test does not care for are empty.

    `unreadable`: Meter Points of lines that were not loaded.
    """
    number = next(_numbers)
    with store.scratch() as folder, _engine().cursor() as con:
        _fill(con, TABLES[Table(table)].columns, [_row(row, line) for line, row in enumerate(rows)])
        snapshot = publishing.write(
            con, folder / "snapshot", Rows(Table(table), "FROM given"), as_of=as_of, coverage=coverage
        )
        keep_unreadable(folder / "snapshot", set(unreadable))
        extract = Extract(
            sha256=f"{number:064}",
            name=f"{table}-{as_of}-{number}.csv",
            kind=KINDS[Table(table)],
            table=table,
            coverage=coverage,
            as_of=as_of,
            size=1,
            rows=snapshot.lines,
            rejects=0,
            report={
                "made_at": made_at.isoformat() if made_at else None,
                "repeated": snapshot.repeated,
                "warnings": [],
                "reasons": {},
                "rejects_file": "",
            },
            loaded_at=NOW,
        )
        return publishing.publish(extract, folder / "snapshot", snapshot, lambda: None)


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    """One for all extracts: to start it takes longer than to write a few rows, which are in a cursor's own table."""
    return store.connect()


def _row(row: dict, line: int) -> dict:
    device = {"device_id": number_of(row["device_id"])} if row.get("device_id") else {}
    return {"line": line, "lead_row": True} | row | device


def _fill(con: duckdb.DuckDBPyConnection, columns: Mapping[str, str], rows: list[dict]) -> None:
    """The table `given` with the columns of a canonical table."""
    values = {name: [row.get(name) for row in rows] for name in columns}
    typed = ", ".join(f"unnest(${name}::{kind}[]) AS {name}" for name, kind in columns.items())
    con.execute(f"CREATE TEMP TABLE given AS SELECT {typed}", values)


def put_day(day: oracle.Day) -> None:
    """The files of one of the oracle's days."""
    parts = (
        ("flags", "full", day.registration),
        ("flags", "delta", day.updates),
        ("devices", "full", day.inventory),
        ("devices", "delta", day.device_updates),
        ("responses", "delta", day.responses),
    )
    for table, coverage, extracts in parts:
        for extract in extracts:
            put(table, coverage, extract.as_of, extract.rows, extract.made_at)


def reconcile(as_of: date, *, yes: bool = True) -> Run:
    """A run, made no sooner than its day.

    Small markets move by more than a fifth, so the guards are answered unless a test is about them.
    """
    now = max(NOW, datetime(as_of.year, as_of.month, as_of.day, 12, tzinfo=UTC))
    return record.reconcile(
        as_of=as_of, policy=MP077, now=now, approval=Approval(every=yes), report=lambda stage, share: None
    )


FIRST_DAY = date(2025, 3, 3)
MPANS = [1000000000012, 1012345678904, 1100013222946, 1200000000011, 2400000000013, 9900000000000]
MPRNS = [1000000008, 7400000108, 1234567810, 4]
GAS_NETWORK = {1000000008: "CADENT", 7400000108: "NGN", 1234567810: "CADENT", 4: "GAS?"}


def network_of(mpxn: int) -> str:
    """The network that an extract would name."""
    return str(mpxn)[:2] if mpxn >= 10**12 else GAS_NETWORK[mpxn]


_day_offsets = st.integers(-10, 1)
_flags = st.sampled_from([None, "A", "N", "I", "S", "W"])


@st.composite
def _flag_row(draw: Callable, day: date, points: Iterable[int]) -> dict[str, Any]:
    mpxn = draw(st.sampled_from(points))
    return {
        "mpxn": mpxn,
        "flag": draw(_flags),
        "flag_from": draw(st.none() | _day_offsets.map(lambda n: day + timedelta(days=n))),
        "network": network_of(mpxn),
        "supplier": draw(st.sampled_from(["SUPA", "SUPB", None])),
    }


@st.composite
def _device(draw: Callable, day: date, number: int) -> list[dict[str, Any]]:
    points = draw(st.lists(st.sampled_from(MPANS + MPRNS), max_size=3, unique=True))
    roles = ["import", "secondary", "export"][: len(points)]
    shared = {
        "device_id": f"00-00-00-00-00-00-00-{number:02X}",
        "device_type": draw(st.sampled_from(["ESME", "ESME", "GSME", "GSME", "PPMID"])),
        "status": draw(st.sampled_from([status.value for status in Status])),
        "status_from": draw(st.none() | _day_offsets.map(lambda n: day + timedelta(days=n))),
    }
    placed = [shared | {"mpxn": mpxn, "role": role} for mpxn, role in zip(points, roles, strict=True)]
    return placed or [shared | {"mpxn": None, "role": None}]


@st.composite
def _devices(draw: Callable, day: date, most: int) -> list[dict[str, Any]]:
    numbers = draw(st.lists(st.integers(1, 14), max_size=most, unique=True))
    return [row for number in numbers for row in draw(_device(day, number))]


RANDOM = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
"""How tests draw markets, each with `max_examples` of its own."""


@st.composite
def markets(draw: Callable, days: int = 3) -> list[oracle.Day]:
    """Random markets of a few points over weekly days: every table, every flag, status and role, some files missing."""
    market = []
    for week in range(days):
        day = FIRST_DAY + timedelta(days=7 * week)
        rows = st.lists(_flag_row(day, MPANS + MPRNS), min_size=1, max_size=14)
        made = datetime.combine(day, datetime.min.time())
        optional = st.booleans() if week else st.just(True)
        market.append(
            oracle.Day(
                as_of=day,
                registration=[oracle.Extract(day - timedelta(days=1), draw(rows))] if draw(optional) else [],
                updates=[
                    oracle.Extract(day - timedelta(days=draw(st.integers(0, 2))), draw(rows), made)
                    for _ in range(draw(st.integers(0, 2)))
                ],
                inventory=[oracle.Extract(day, draw(_devices(day, 12)))] if draw(optional) else [],
                device_updates=[oracle.Extract(day, draw(_devices(day, 4)), made)] if draw(st.booleans()) else [],
                responses=[
                    oracle.Extract(
                        day,
                        draw(
                            st.lists(
                                st.fixed_dictionaries(
                                    {"mpxn": st.sampled_from(MPRNS), "outcome": st.sampled_from(["AC", "RJ"])}
                                ),
                                max_size=3,
                            )
                        ),
                        made + timedelta(hours=hour),
                    )
                    for hour in range(draw(st.integers(0, 2)))
                ],
            )
        )
    return market
