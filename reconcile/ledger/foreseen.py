"""What a held run would change: its figures beside those of the last run, in all, by rule and by Network Party.

In: the tables of ledger.compare, the last run. Out: facts for a person's word. Called by ledger.record.
"""

from datetime import date
from typing import Any

import duckdb
from django.db.models import Sum

from reconcile.models import DiscrepancyCount, Extract, Party, Run, RunInput

from . import compare, guards
from .inputs import Selection
from .states import counts_test

TITLES = {
    "points": "Meter Points",
    "mismatches": "Mismatches",
    "in_flight": "In flight",
    "watch": "Watch",
    "new": "New",
    "regressed": "Regressed",
    "resolved": "Resolved",
    "withdrawn": "Resolved, evidence withdrawn",
    "absent": "Absent",
}


def foreseen(
    con: duckdb.DuckDBPyConnection, *, selection: Selection, totals: dict[str, int], last: Run | None
) -> dict[str, Any]:
    """`beside`: entries of figures before and now; `would`: sentences; and the run's `totals` by name."""
    known = _named(last) if last else None
    whole = [guards.figure(title, getattr(last, name, None), totals[name]) for name, title in TITLES.items()]
    entries = [{"title": "The run", "last": known, "figures": whole}]
    for title, column in (("Mismatches by rule", "rule"), ("Mismatches by Network Party", "network_id")):
        figures = _by(con, column, last)
        entries += [{"title": title, "last": known, "figures": figures}] if figures else []
    return {"beside": entries, "would": _would(selection, totals, last), "totals": totals}


def _by(con: duckdb.DuckDBPyConnection, column: str, last: Run | None) -> list[dict[str, Any]]:
    now = compare.mismatches_by(con, column)
    counted = DiscrepancyCount.objects.filter(counts_test("mismatches"), run=last)
    before: dict[Any, int] = dict(counted.values_list(column).annotate(total=Sum("discrepancies")))
    names: dict[Any, str] = dict(Party.objects.values_list("pk", "name")) if column == "network_id" else {}
    rows = [(names.get(key, key), before.get(key, 0), now.get(key, 0)) for key in before.keys() | now.keys()]
    return [
        guards.figure(str(name), was if last else None, found)
        for name, was, found in sorted(rows, key=lambda row: (-abs(row[2] - row[1]), str(row[0])))
    ]


def _would(selection: Selection, totals: dict[str, int], last: Run | None) -> list[str]:
    day, read = selection.inputs.as_of, {extract for extract, _ in selection.sources}
    before = set(RunInput.objects.filter(run=last).values_list("extract", flat=True))
    return [
        f"The run of {day:%-d %b %Y} is published and everybody sees its figures.",
        f"{totals['new']:,} discrepancies are opened, {totals['regressed']:,} come back, "
        f"{totals['resolved']:,} are resolved.",
        *(f"It reads {words}, which the last run did not." for words in _files(read - before) if last),
        *(f"It no longer reads {words}." for words in _files(before - read)),
    ]


def _files(extracts: set[int]) -> list[str]:
    found = Extract.objects.filter(pk__in=extracts).order_by("table", "as_of", "pk")
    return [f"{extract.name} of {_day(extract.as_of)}" for extract in found]


def _named(last: Run) -> dict[str, Any]:
    return {"run": last.pk, "name": "the last run", "as_of": last.as_of.isoformat()}


def _day(day: date) -> str:
    return f"{day:%-d %b %Y}"
