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
from reconcile.domain.policies import DEFAULT_POLICY
from reconcile.domain.smets import generation
from reconcile.domain.triage import CLASS_NAMES, Class, cells
from reconcile.feeds.values.devices import described
from reconcile.lake import alerted
from reconcile.lake.contract import Inputs

from ..compare import sql
from ..inputs import NothingToReconcile, Selection, select


@dataclass(frozen=True)
class Time:
    """Days on which the same extracts were the newest, and what those are; None where they are not enough."""

    days: tuple[date, ...]
    inputs: Inputs | None

    @property
    def shown(self) -> date | None:
        """The day that the inventory shows."""
        return self.inputs.inventory_date if self.inputs else None


def times(days: Iterable[date], *, changes: bool = False) -> list[Time]:
    """The days by what was known on them; consecutive days often know the same.

    `changes`: by alerts of changes of status too, where runs read them. They may be of later in a day.
    """
    known: dict[Any, tuple[Selection | None, list[date]]] = {}
    for day in sorted(set(days)):
        found = _known_on(day)
        known.setdefault(found.sources if found else None, (found, []))[1].append(day)
    return [Time(tuple(those), _inputs(found, changes) if found else None) for found, those in known.values()]


def _inputs(found: Selection, changes: bool) -> Inputs:
    return found.inputs if changes else replace(found.inputs, changes_until=None)


def _known_on(day: date) -> Selection | None:
    try:
        return select(day)
    except NothingToReconcile:
        return None


def name_words(con: duckdb.DuckDBPyConnection) -> None:
    """Make what the domain states into tables: `cells`, `urgencies`, `meanings`."""
    made: dict[str, list[tuple[Any, ...]]] = {
        "cells": [
            (cell.flag or "", cell.mask, cell.known, cell.elsewhere, cell.unread, cell.kind, CLASS_NAMES[cell.kind],
             cell.answering.answer, cell.answering.why)
            for cell in cells()
        ],
        "urgencies": [(kind, place, CLASS_NAMES[kind]) for place, kind in enumerate(Class)],
        "meanings": [(code, meaning.sort) for code, meaning in MEANINGS.items()],
    }  # fmt: skip
    for name, rows in made.items():
        con.register("incoming", _arrow(NAMES[name], rows))
        con.execute(f"CREATE TABLE {name} AS FROM incoming")
        con.unregister("incoming")


NAMES = {
    "cells": ("flag", "mask", "known", "elsewhere", "unread", "triaged", "words", "answer", "why"),
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
    con.register("evidence", found)
    con.register("generations", _generations(found["meter"]))
    con.execute("SET VARIABLE shown_on = ?::DATE", [time.shown])
    judged = f"SELECT *, getvariable('shown_on')::DATE AS shown_on FROM ({sql('alert_judged')})"
    con.execute(f"CREATE TABLE IF NOT EXISTS {target} AS {judged} LIMIT 0")
    con.execute(f"INSERT INTO {target} {judged}")
    con.unregister("evidence")
    con.unregister("generations")


def _generations(meters: pa.ChunkedArray) -> pa.Table:
    """The generation of each meter, by what the inventory says of it."""
    told = [one for one in meters.unique().to_pylist() if one is not None]
    said = (described(one) for one in told)
    found = [generation(one["smets"], one["csp_region"]).value for one in said]
    return pa.table({"meter": pa.array(told, pa.string()), "generation": pa.array(found, pa.string())})
