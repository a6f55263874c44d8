"""What is behind alerts: by the newest extracts dated on or before each of them, and by those of today.

In: a DuckDB with alerts. Out: the table of domain.triage joined to all of them. Called by taking_in.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from reconcile.domain.alerts import MEANINGS
from reconcile.domain.answering import Heard, Wan
from reconcile.domain.policies import DEFAULT_POLICY
from reconcile.domain.reads import proof_words
from reconcile.domain.smets import generation
from reconcile.domain.triage import CLASS_NAMES, Class, Evidence, cell
from reconcile.domain.vocabulary import Flag, Shows, shows, statuses_in
from reconcile.feeds.values.devices import described
from reconcile.lake import alerted
from reconcile.lake.contract import Inputs

from ..compare import sql
from ..inputs import NothingToReconcile, Selection, heard_now, latest_run, select
from ..waiting import waiting_at


@dataclass(frozen=True)
class Time:
    """Days on which the same extracts were the newest, and what those are; None where they are not enough.

    `is_now`: silence and WAN coverage are looked at too.
    """

    days: tuple[date, ...]
    inputs: Inputs | None
    is_now: bool = False

    @property
    def shown(self) -> date | None:
        """The day that the inventory shows."""
        return self.inputs.inventory_date if self.inputs else None


def times(days: Iterable[date], *, is_now: bool = False) -> list[Time]:
    """The days by what was known on them; consecutive days often know the same.

    `is_now`: by all that is loaded of silence too, and by alerts of changes of status, where runs read those. Both may
    be of later in a day; and of the moment of an alert the alert itself proves more than any silence before it.
    """
    known: dict[Any, tuple[Selection | None, list[date]]] = {}
    for day in sorted(set(days)):
        found = _known_on(day)
        known.setdefault(found.sources if found else None, (found, []))[1].append(day)
    return [Time(tuple(those), _inputs(found, is_now) if found else None, is_now) for found, those in known.values()]


def _inputs(found: Selection, is_now: bool) -> Inputs:
    return heard_now(found.inputs) if is_now else replace(found.inputs, changes_until=None, reads=(), proving=())


def _known_on(day: date) -> Selection | None:
    try:
        return select(day)
    except NothingToReconcile:
        return None


def name_words(con: duckdb.DuckDBPyConnection) -> None:
    """Make what the domain states into tables: `urgencies`, `meanings`."""
    made: dict[str, list[tuple[Any, ...]]] = {
        "urgencies": [(kind, place, CLASS_NAMES[kind]) for place, kind in enumerate(Class)],
        "meanings": [(code, meaning.sort) for code, meaning in MEANINGS.items()],
    }
    for name, rows in made.items():
        con.register("incoming", _arrow(NAMES[name], rows))
        con.execute(f"CREATE TABLE {name} AS FROM incoming")
        con.unregister("incoming")


NAMES = {
    "urgencies": ("triaged", "urgency", "words"),
    "meanings": ("code", "sort"),
}


def _arrow(names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> pa.Table:
    columns = zip(*rows, strict=True)
    return pa.table({name: [_plain(one) for one in column] for name, column in zip(names, columns, strict=True)})


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, str) else value


def judge(con: duckdb.DuckDBPyConnection, asked: str, time: Time, target: str, *, workdir: Path) -> None:
    """Add to the table `target` what was behind the alerts that `asked` selects (id, mpxn, device) at a time."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE asked AS {asked}")
    rows = con.sql("SELECT id, mpxn, device AS device_id FROM asked").to_arrow_table().cast(alerted.ALERTS)
    found = alerted.EVIDENCE.empty_table()
    if time.inputs and len(rows):
        workdir.mkdir(exist_ok=True)
        found = alerted.evidence(time.inputs, DEFAULT_POLICY, rows, workdir=workdir)
    made = {
        "evidence": found.append_column("wan", _wan(found, time)).append_column("proof", _proofs(found)),
        "generations": _generations(found["meter"]),
    }
    for name, rows in made.items():
        con.register(name, rows)
    con.register("cells", _cells(con))
    con.execute("SET VARIABLE shown_on = ?::DATE", [time.shown])
    judged = f"SELECT *, getvariable('shown_on')::DATE AS shown_on FROM ({sql('alert_judged')})"
    con.execute(f"CREATE TABLE IF NOT EXISTS {target} AS {judged} LIMIT 0")
    con.execute(f"INSERT INTO {target} {judged}")
    for name in ("cells", *made):
        con.unregister(name)


def _cells(con: duckdb.DuckDBPyConnection) -> pa.Table:
    """The cells that some evidence meets: of a hundred thousand alerts they are few."""
    met = con.execute(f"SELECT DISTINCT {', '.join(Evidence._fields)} FROM evidence").fetchall()
    rows = [(*key, *_found(key)) for key in met]
    columns = zip(*rows, strict=True) if rows else ([] for _ in CELLS)
    arrays = [pa.array(column, kind) for column, kind in zip(columns, CELLS.types, strict=True)]
    return pa.Table.from_arrays(arrays, schema=CELLS)


def _found(key: tuple[Any, ...]) -> tuple[str, str, str, str]:
    flag, mask, known, elsewhere, unread, heard, wan = key
    shown = Evidence(Flag(flag) if flag else None, mask, known, elsewhere, unread, Heard(heard), Wan(wan))
    found = cell(shown)
    return found.kind.value, CLASS_NAMES[found.kind], found.answering.answer.value, found.answering.why


CELLS = pa.schema(
    {
        "flag": pa.string(),
        "mask": pa.int16(),
        "known": pa.bool_(),
        "elsewhere": pa.bool_(),
        "unread": pa.bool_(),
        "heard": pa.string(),
        "wan": pa.string(),
        "triaged": pa.string(),
        "words": pa.string(),
        "answer": pa.string(),
        "why": pa.string(),
    }.items()
)


def _wan(evidence: pa.Table, time: Time) -> pa.Array:
    """What is told now of WAN coverage at each Meter Point whose meter waits to be commissioned."""
    run, points = latest_run(), evidence["mpxn"].to_pylist()
    waits = {mask for mask in set(evidence["mask"].to_pylist()) if shows(statuses_in(mask)) == Shows.INSTALLED}
    asked = {mpxn for mpxn, mask in zip(points, evidence["mask"].to_pylist(), strict=True) if mask in waits}
    told = waiting_at(run, asked) if run and time.is_now else {}
    said = (told[mpxn]["answer"] if mpxn in told else Wan.NO_DATA.value for mpxn in points)
    return pa.array(said, pa.string())


def _proofs(evidence: pa.Table) -> pa.Array:
    """The last proof of life at each Meter Point, in words."""
    known = zip(evidence["heard_at"].to_pylist(), evidence["heard_by"].to_pylist(), strict=True)
    return pa.array((proof_words(at, by) if at else None for at, by in known), pa.string())


def _generations(meters: pa.ChunkedArray) -> pa.Table:
    """The generation of each meter, by what the inventory says of it."""
    told = [one for one in meters.unique().to_pylist() if one is not None]
    said = (described(one) for one in told)
    found = [generation(one["smets"], one["csp_region"]).value for one in said]
    return pa.table({"meter": pa.array(told, pa.string()), "generation": pa.array(found, pa.string())})
