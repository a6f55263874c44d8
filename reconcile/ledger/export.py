"""A CSV of discrepancies, built aside, whole, with a manifest that proves it complete.

In: filters and a scope, or a run. Out: a file, its manifest and their facts. Called by ledger.operations.
"""

import csv
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import QueryDict

from reconcile.domain.lifecycle import OPEN
from reconcile.domain.vocabulary import ALL_MASKS, fuel_of, statuses_text
from reconcile.lake import store
from reconcile.models import Party, Run

from . import queries
from .access import Scope
from .filters import DiscrepancyFilter
from .inputs import latest_run
from .safe_csv import safe

COLUMNS = (
    *("mpxn", "fuel", "network", "supplier", "rule", "severity", "flag", "flag_from", "expected", "meter_statuses"),
    *("meters", "latest_status_from", "in_flight", "state", "first_seen", "last_seen", "age_days"),
)
FIELDS = (
    *("mpxn", "network__code", "supplier__code", "rule", "severity", "flag", "flag_from", "expected", "mask"),
    *("meters", "latest_status_from", "in_flight", "state", "first_seen", "seen"),
)
RUN_FILTERS = {"rule", "network", "supplier", "state"}
RUN_STATES = {"open", "all", *OPEN}
STATUSES = [statuses_text(mask) for mask in ALL_MASKS]
BATCH = 20_000
EXCEL_ROWS = 1_048_576
Row = tuple[Any, ...]


class ExportError(Exception):
    """The export cannot be made as asked; the text says why."""


def export(
    *, target: Path, query: str, run: int | None, scope: Scope, now: datetime, report: Callable[[str, float], None]
) -> dict[str, Any]:
    """Write the discrepancies that a query string filters, or those that a run found, to `target`.

    Gives file, name, rows, bytes, sha256 and manifest (a path). Raises ExportError.
    """
    filters = DiscrepancyFilter(QueryDict(query))
    if not filters.form.is_valid():
        raise ExportError(f"The filter is not understood. {filters.errors_in_words()}")
    source = _run(run)
    if run is None:
        # In the order of the key, which is that of mpxn and rule, whatever order a page was in.
        found = queries.discrepancies(scope=scope, filters=QueryDict(query)).order_by("id")
        total, rows = found.count(), found.values_list(*FIELDS).iterator(chunk_size=BATCH)
        words = filters.in_words()
    else:
        total, rows = _rows_of_run(source, filters, scope)
        words = f"{filters.in_words()}; as run {source.pk} found them"
    aside = target.with_name(f".{target.name}.part")
    written = _write(aside, rows, total, report)
    facts = {"file": str(target), "name": target.name, "rows": written, **_fingerprint(aside)}
    manifest = target.with_name(f"{target.name}.manifest.json")
    manifest.write_text(json.dumps(_manifest(facts, words, source, now), indent=2) + "\n")
    aside.replace(target)
    return {**facts, "manifest": str(manifest)}


def _run(run: int | None) -> Run:
    source = latest_run() if run is None else Run.objects.filter(pk=run).first()
    if source is None:
        raise ExportError(
            "No run has been published yet. Load extracts and reconcile first."
            if run is None
            else f"There is no run {run}."
        )
    return source


def _rows_of_run(run: Run, filters: DiscrepancyFilter, scope: Scope) -> tuple[int, Iterator[Row]]:
    """The rows of a run's own snapshot, filtered by rule, network, supplier and state."""
    wanted = {name: value for name, value in filters.form.cleaned_data.items() if value}
    if not wanted.keys() <= RUN_FILTERS or filters.wanted_state not in RUN_STATES:
        raise ExportError("What a run found can be filtered by rule, network, supplier and open states only.")
    conditions: list[str] = ["true"]
    values: list[Any] = []
    for column, key in (("rule", "rule"), ("network", "network"), ("supplier", "supplier")):
        if wanted.get(key):
            conditions.append(f"list_contains(?, {column})")
            values.append([str(value) for value in wanted[key]])
    if filters.wanted_state not in {"open", "all"}:
        conditions.append("state = ?")
        values.append(filters.wanted_state)
    if not scope.everything:
        conditions.append("(list_contains(?, network) OR list_contains(?, supplier))")
        values += [_codes(scope.networks), _codes(scope.suppliers)]
    snapshot = store.quoted(settings.LAKE_DIR / run.snapshot / store.ROWS)
    where = f"FROM read_parquet({snapshot}) WHERE {' AND '.join(conditions)}"
    return _stream(run, where, values)


def _codes(parties: Iterable[int]) -> list[str]:
    return list(Party.objects.filter(pk__in=parties).values_list("code", flat=True))


def _stream(run: Run, where: str, values: list[Any]) -> tuple[int, Iterator[Row]]:
    columns = ", ".join(name.removesuffix("__code") for name in FIELDS[:-1])
    with store.scratch() as folder, store.connected(folder) as con:
        counted = con.execute(f"SELECT count(*) {where}", values).fetchone()

    def rows() -> Iterator[Row]:
        with store.scratch() as folder, store.connected(folder) as con:
            found = con.execute(f"SELECT {columns} {where} ORDER BY id", values)
            while batch := found.fetchmany(BATCH):
                yield from ((*row, run.as_of) for row in batch)

    return (int(counted[0]) if counted else 0), rows()


def _write(path: Path, rows: Iterable[Row], total: int, report: Callable[[str, float], None]) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for count, row in enumerate(rows, start=1):
            writer.writerow(_cells(row))
            if count % BATCH == 0:
                report("Writing rows", count / max(total, 1))
        file.flush()
        os.fsync(file.fileno())
    return count


def _cells(row: Row) -> Row:
    """A row's cells. Codes and dates cannot start a formula; parties' codes come from files and could."""
    (
        mpxn,
        network,
        supplier,
        rule,
        severity,
        flag,
        flag_from,
        expected,
        mask,
        meters,
        latest,
        in_flight,
        state,
        first,
        last,
    ) = row
    return (
        mpxn,
        fuel_of(mpxn).value,
        safe(network),
        safe(supplier),
        rule,
        severity,
        flag,
        flag_from,
        expected,
        STATUSES[mask],
        meters,
        latest,
        "yes" if in_flight else "no",
        state,
        first,
        last,
        (last - first).days,
    )


def _fingerprint(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"bytes": path.stat().st_size, "sha256": digest}


def _manifest(facts: dict[str, Any], words: str, run: Run, now: datetime) -> dict[str, Any]:
    """What proves an export whole: rows, checksum, filters in words, the run and the extracts behind it."""
    extracts = {source.extract.name: source.extract for source in run.inputs.select_related("extract")}
    return {
        "name": facts["name"],
        "rows": facts["rows"],
        "bytes": facts["bytes"],
        "sha256": facts["sha256"],
        "columns": COLUMNS,
        "filters": words,
        "made_at": now.isoformat(),
        "run": {"id": run.pk, "as_of": run.as_of.isoformat(), "policy": f"{run.policy} {run.policy_version}"},
        "extracts": [
            {"name": extract.name, "as_of": extract.as_of.isoformat(), "sha256": extract.sha256}
            for extract in extracts.values()
        ],
        "note": "More rows than a spreadsheet shows (1,048,576)." if facts["rows"] >= EXCEL_ROWS else "",
    }
