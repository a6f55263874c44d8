"""A CSV of discrepancies, built aside, whole, with a manifest that proves it complete.

In: filters and a scope, or a run. Out: a file, its manifest and their facts. Called by ledger.work and
export_changes.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from django.http import QueryDict

from reconcile.domain.lifecycle import OPEN
from reconcile.domain.rules import RULES
from reconcile.domain.vocabulary import ALL_MASKS, FIRST_MPAN, statuses_text
from reconcile.feeds.sql import literal
from reconcile.lake import store
from reconcile.models import MeterKind, Party, Run

from . import bulk, integrity, kept_files, queries, work_columns
from .access import Scope
from .actors import Actor, Desk, Right
from .filters import DiscrepancyFilter
from .inputs import latest_run
from .safe_csv import safe_sql
from .work_filter import WorkFilter

COLUMNS = (
    *("mpxn", "fuel", "network", "supplier", "rule", "severity", "who_acts", "flag", "flag_from", "expected"),
    *("meter_statuses", "meters", "latest_status_from", "wrong_since_earliest", "wrong_since_latest", "in_flight"),
    *("state", "first_seen", "last_seen", "age_days", "undetermined"),
    *("smets", "csp_region", "manufacturer", "model", "firmware", "commissioned", "postcode_area", "point_status"),
    "contradicted_on",
)
OF_KINDS = ("smets", "csp_region", "manufacturer", "model", "firmware")
KINDS = {"id": "BIGINT", **dict.fromkeys(OF_KINDS, "VARCHAR")}
RUN_FILTERS = {"rule", "network", "supplier", "state"}
RUN_STATES = {"open", "all", *OPEN}
EXCEL_ROWS = 1_048_576


class ExportError(Exception):
    """The export cannot be made as asked; the text says why."""


def desk_of(actor: Actor, run: int | None) -> Desk | None:
    """Whose work is in what somebody exports; what a run found has none."""
    return actor.desk if run is None and actor.desk and actor.desk.may(Right.EXPORT) else None


def export(
    *,
    target: Path,
    query: str,
    run: int | None,
    scope: Scope,
    now: datetime,
    report: Callable[[str, float], None],
    desk: Desk | None = None,
    person: int | None = None,
    ids: Sequence[int] = (),
) -> dict[str, Any]:
    """Write the discrepancies that a query string filters, or those that a run found, to `target`; a desk's with work.

    With `ids`, of what the query string filters those alone.

    Gives file, name, rows, bytes, sha256, manifest (a path), and `filters`, in words that say nothing of anybody's
    work. Raises ExportError, Damaged.
    """
    source = _run(run)
    filters = _filter(query, scope, source, desk, person)
    if problem := filters.problems_in_words():
        raise ExportError(f"The filter is not understood. {problem}")
    with store.scratch() as folder, store.connected(folder) as con:
        if run is None:
            report("Reading the ledger", 0.0)
            _read_ledger(con, filters, scope, ids)
            if desk:
                work_columns.read(con, desk)
            words = _words(filters.in_words(), ids)
        else:
            _read_run(con, source, filters, scope, now)
            words = f"{filters.in_words()}; as run {source.pk} found them"
        report("Writing the file", 0.5)
        aside = kept_files.aside_of(str(target))
        written = _write(con, aside, with_work=desk is not None)
    columns = (*COLUMNS, *work_columns.WORK_COLUMNS) if desk else COLUMNS
    made = hand_over(
        aside, target, {"columns": columns, "filters": words}, rows=written, run=source, scope=scope, now=now
    )
    of_evidence = _words(filters.evidence_in_words(), ids) if isinstance(filters, WorkFilter) else words
    return {**made, "filters": of_evidence}


def hand_over(
    aside: Path, target: Path, told: dict[str, Any], *, rows: int, run: Run, scope: Scope, now: datetime
) -> dict[str, Any]:
    """Write the manifest of a file that was built aside, then put the file in its place; gives the facts of both."""
    facts = {"file": str(target), "name": target.name, "rows": rows, **_fingerprint(aside)}
    beside = aside.with_name(f".{target.name}.manifest.json.part")
    beside.write_text(json.dumps(_manifest(facts, told, run, scope, now), indent=2) + "\n")
    manifest = kept_files.keep(beside, str(target.with_name(f"{target.name}.manifest.json")))
    kept_files.keep(aside, str(target))
    return {**facts, "manifest": manifest}


def _filter(query: str, scope: Scope, run: Run | None, desk: Desk | None, person: int | None) -> DiscrepancyFilter:
    if desk is None:
        return DiscrepancyFilter(QueryDict(query), scope=scope, run=run)
    return WorkFilter(QueryDict(query), desk=desk, person=person, run=run, scope=scope)


def in_words(query: str, *, actor: Actor, ids: Sequence[int] = ()) -> str:
    """What a query string narrows the open discrepancies to, but by work; empty where it cannot be read."""
    person = actor.person.pk if actor.person else None
    filters = _filter(query, actor.scope_of(Right.EXPORT), latest_run(), desk_of(actor, None), person)
    if filters.problems_in_words():
        return ""
    return _words(filters.evidence_in_words() if isinstance(filters, WorkFilter) else filters.in_words(), ids)


def _words(of_filter: str, ids: Sequence[int]) -> str:
    return f"{len(ids):,} chosen row{'' if len(ids) == 1 else 's'}" if ids else of_filter


def _run(run: int | None) -> Run:
    source = latest_run() if run is None else Run.objects.filter(pk=run).first()
    if source is None:
        raise ExportError(
            "No run has been published yet. Load extracts and reconcile first."
            if run is None
            else f"There is no run {run}."
        )
    return source


LEDGER = {
    "id": "BIGINT",
    "mpxn": "BIGINT",
    "network_id": "BIGINT",
    "supplier_id": "BIGINT",
    "rule": "VARCHAR",
    "severity": "VARCHAR",
    "flag": "VARCHAR",
    "flag_from": "DATE",
    "expected": "VARCHAR",
    "mask": "USMALLINT",
    "meters": "BIGINT",
    "latest_status_from": "DATE",
    "wrong_since_earliest": "DATE",
    "wrong_since_latest": "DATE",
    "in_flight": "BOOLEAN",
    "undetermined": "BOOLEAN",
    "point_status": "VARCHAR",
    "kind_id": "BIGINT",
    "commissioned": "DATE",
    "postcode_area": "VARCHAR",
    "state": "VARCHAR",
    "first_seen": "DATE",
    "seen": "DATE",
    "contradicted_on": "DATE",
}


def _read_ledger(con: duckdb.DuckDBPyConnection, filters: DiscrepancyFilter, scope: Scope, ids: Sequence[int]) -> None:
    """View `rows`: the ledger's discrepancies of a filter, or of these those that were chosen."""
    found = queries.found_by(scope=scope, asked=filters)
    if ids:
        found = found.filter(pk__in=ids)
    bulk.read_rows(con, found, LEDGER, "ledger")
    _read_kinds(con)
    bulk.read_rows(con, Party.objects.all(), bulk.PARTIES, "parties")
    con.execute("""
        CREATE VIEW rows AS
        SELECT ledger.*, ledger.seen AS last_seen, network.code AS network, supplier.code AS supplier
        FROM ledger
        JOIN parties AS network ON network.id = network_id
        LEFT JOIN parties AS supplier ON supplier.id = supplier_id
    """)


def _read_run(
    con: duckdb.DuckDBPyConnection, run: Run, filters: DiscrepancyFilter, scope: Scope, now: datetime
) -> None:
    """View `rows`: a run's own snapshot, filtered by rule, network, supplier and state."""
    wanted = {name: value for name, value in filters.cleaned_data.items() if value}
    if not wanted.keys() <= RUN_FILTERS or filters.wanted_state not in RUN_STATES:
        raise ExportError("What a run found can be filtered by rule, network, supplier and open states only.")
    conditions = [f"{key} IN ({_texts(wanted[key])})" for key in ("rule", "network", "supplier") if key in wanted]
    if filters.wanted_state not in {"open", "all"}:
        conditions.append(f"state = '{filters.wanted_state}'")
    if not scope.everything:
        networks, suppliers = _texts(_codes(scope.networks)), _texts(_codes(scope.suppliers))
        conditions.append(f"(network IN ({networks}) OR supplier IN ({suppliers}))")
    if run.thinned_at:
        raise ExportError(
            f"The list of what run {run.pk} found was thinned away on {run.thinned_at:%-d %b %Y}; its totals are kept. "
            "Export the discrepancies as they stand, or what a later run found."
        )
    if not run.checked_at or run.damage:
        integrity.refuse(integrity.damaged([run], now=now))
    _read_kinds(con)
    con.execute(f"""
        CREATE VIEW rows AS
        SELECT *, DATE '{run.as_of}' AS last_seen, NULL::DATE AS contradicted_on
        FROM (
            FROM read_parquet({store.quoted(store.kept(run, store.ROWS))})
            UNION ALL BY NAME
            -- What runs of old did not say.
            SELECT NULL::BIGINT AS kind_id, NULL::DATE AS commissioned, NULL::VARCHAR AS postcode_area WHERE false
        )
        WHERE {" AND ".join(conditions) or "true"}
    """)


def _read_kinds(con: duckdb.DuckDBPyConnection) -> None:
    bulk.read_rows(con, MeterKind.objects.all(), KINDS, "kinds")


def _codes(parties: Iterable[int]) -> list[str]:
    return list(Party.objects.filter(pk__in=parties).values_list("code", flat=True))


def _texts(values: Iterable[str]) -> str:
    """Values as SQL literals; NULL, which equals nothing, where there are none."""
    return ", ".join(literal(value) for value in values) or "NULL"


def _write(con: duckdb.DuckDBPyConnection, path: Path, *, with_work: bool) -> int:
    """Write `rows` in the order of the key; gives their number."""
    statuses = pa.table({"mask": pa.array(ALL_MASKS, pa.uint16()), "meter_statuses": map(statuses_text, ALL_MASKS)})
    con.register("statuses", statuses)
    con.register("actors", pa.table({"rule": list(RULES), "who_acts": [rule.who_acts for rule in RULES.values()]}))
    work = {"work": work_columns.CELLS, "of_work": work_columns.JOIN} if with_work else {"work": "", "of_work": ""}
    written = con.execute(f"COPY ({CELLS.format(**work)}) TO {literal(path)} (FORMAT csv, HEADER true)").fetchone()
    return int(written[0]) if written else 0


YES_NO = "CASE WHEN {} THEN 'yes' ELSE 'no' END"
OF_KINDS_SAFE = ", ".join(f"nullif({safe_sql(f'kinds.{name}')}, '') AS {name}" for name in OF_KINDS)
CELLS = f"""
    SELECT mpxn, CASE WHEN mpxn >= {FIRST_MPAN} THEN 'electricity' ELSE 'gas' END AS fuel,
        {safe_sql("network")} AS network, {safe_sql("supplier")} AS supplier, rule, severity, who_acts,
        nullif(flag, '') AS flag, flag_from, nullif(expected, '') AS expected,
        nullif(meter_statuses, '') AS meter_statuses, meters, latest_status_from,
        wrong_since_earliest, wrong_since_latest, {YES_NO.format("in_flight")} AS in_flight, state,
        first_seen, last_seen, last_seen - first_seen AS age_days,
        {YES_NO.format("undetermined")} AS undetermined,
        {OF_KINDS_SAFE}, commissioned,
        nullif(postcode_area, '') AS postcode_area, nullif(point_status, '') AS point_status,
        contradicted_on {{work}}
    FROM rows JOIN statuses USING (mask) JOIN actors USING (rule) LEFT JOIN kinds ON kinds.id = kind_id {{of_work}}
    ORDER BY rows.id
"""
"""The columns of the discrepancy CSV. Parties' codes and words about meters could be formulas; the rest cannot."""


def _fingerprint(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"bytes": path.stat().st_size, "sha256": digest}


def _manifest(facts: dict[str, Any], told: dict[str, Any], run: Run, scope: Scope, now: datetime) -> dict[str, Any]:
    """What proves an export whole: rows, checksum, filters in words, the run, and its extracts as far as seen."""
    seen = run.inputs.filter(extract__in=queries.extracts(scope=scope).values("pk"))
    extracts = {source.extract.name: source.extract for source in seen.select_related("extract")}
    return {
        "name": facts["name"],
        "rows": facts["rows"],
        "bytes": facts["bytes"],
        "sha256": facts["sha256"],
        **told,
        "made_at": now.isoformat(),
        "run": {"id": run.pk, "as_of": run.as_of.isoformat(), "policy": f"{run.policy} {run.policy_version}"},
        "extracts": [
            {"name": extract.name, "as_of": extract.as_of.isoformat(), "sha256": extract.sha256}
            for extract in extracts.values()
        ],
        "note": "More rows than a spreadsheet shows (1,048,576)." if facts["rows"] >= EXCEL_ROWS else "",
    }
