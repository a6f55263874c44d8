"""A load: one industry file becomes one extract, whole, or nothing.

In: a file and what is known of it. Out: the load report as a dict; Extract, parties and snapshot are written.
Raises BadFile, Held, LoadError. Called by ledger.operations.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
from django.conf import settings

from reconcile.domain.days import today
from reconcile.domain.tables import JUDGED, Table
from reconcile.domain.vocabulary import NETWORKS, network_named
from reconcile.feeds import (
    BadFile,
    ColumnMap,
    Intake,
    KeptWithout,
    Reading,
    Rows,
    fault_of,
    only_faults,
    take_in,
)
from reconcile.lake import snapshots, store
from reconcile.lake.snapshots import Snapshot
from reconcile.models import Extract

from . import columns, coverages, guards, integrity, publishing, recognising, watching
from .actors import Actor
from .coverages import LoadError
from .heartbeat import Report
from .limits import file_limits
from .rejected import MOST_UNREAD, Rejected, set_aside


@dataclass(frozen=True)
class Request:
    """What a person or command asked for; None means: work it out from the file. `columns`: what its headings mean."""

    path: Path
    name: str
    kind: str | None
    as_of: date | None
    coverage: str | None
    columns: ColumnMap | None = None


def load(*, request: Request, by: Actor, now: datetime, approval: guards.Approval, report: Report) -> dict[str, Any]:
    """Load a file and give the load report. The same bytes of the same day give the extract that stands already."""
    with store.scratch() as folder:
        report("Reading the file", 0.0)
        intake = take_in(
            request.path,
            _new(folder / "work"),
            request.name,
            lambda share: report("Reading the file", share * 0.2),
            limits=file_limits(),
        )
        with store.connected(folder) as con:
            return _load(con, folder, intake, request, by=by, now=now, approval=approval, report=report)


def _load(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    intake: Intake,
    request: Request,
    *,
    by: Actor,
    now: datetime,
    approval: guards.Approval,
    report: Report,
) -> dict[str, Any]:
    begun = recognising.begun(con, intake, request.kind, folder / "work", request.columns)
    reading = begun.reading
    as_of = _day_of(request, reading)
    standing = Extract.objects.filter(sha256=intake.sha256, as_of=as_of).first()
    said = request.coverage or reading.coverage or (standing and standing.coverage)
    coverage, by_count = (said, []) if said else coverages.by_count(reading, as_of)
    if standing:
        _refuse_another_kind(standing, reading.kind, coverage)
        recognising.refuse_other_columns(standing, request.columns)
        if not standing.thinned_at and not integrity.damaged([standing], now=now):
            _keep(begun, request, by=by, now=now)
            return load_report(standing, duplicate=True)
    aside = Aside(con, folder / "snapshot", folder / "work", as_of, coverage, today(now), report)
    checked = _checked(aside, intake, begun, approval)
    report("Publishing", 0.95)
    if standing:
        return load_report(publishing.bring_back(standing, aside.folder), duplicate=False)
    extract = Extract(
        sha256=intake.sha256,
        name=intake.name[:255],
        kind=reading.kind,
        table=reading.table,
        coverage=coverage,
        as_of=as_of,
        size=intake.size,
        rows=checked.snapshot.lines,
        rejects=checked.rejected.count,
        report=checked.facts([*by_count, *_to_come(aside)]),
        loaded_at=now,
        loaded_by=by.person,
    )
    found = publishing.publish(extract, aside.folder, checked.snapshot, lambda: report("Publishing", 1))
    _keep(begun, request, by=by, now=now)
    return load_report(found, duplicate=found is not extract)


def _keep(begun: recognising.Begun, request: Request, *, by: Actor, now: datetime) -> None:
    """Keep what a person said of the headings, if they gave it a name: it has read a file."""
    if request.columns and begun.said and begun.said.name:
        columns.keep(begun.said, actor=by, now=now)


def _day_of(request: Request, reading: Reading) -> date:
    """The day that the file shows, as a person or the file says. Raises LoadError."""
    as_of = request.as_of or reading.as_of
    if as_of is None:
        raise LoadError(
            "The file does not say which day it shows. Give the date (--as-of), or put it in the file's name "
            "as YYYY-MM-DD."
        )
    return as_of


@dataclass(frozen=True)
class Aside:
    """Where the rows of an extract are written before anybody sees them."""

    con: duckdb.DuckDBPyConnection
    folder: Path
    work: Path
    as_of: date
    coverage: str
    today: date
    report: Report


@dataclass(frozen=True)
class Checked:
    """A file whose rows are written aside, and that nothing holds."""

    intake: Intake
    begun: recognising.Begun
    rows: Rows
    snapshot: Snapshot
    rejected: Rejected
    word: dict[str, Any] = field(default_factory=dict)

    def shown(self, aside: Aside) -> dict[str, Any]:
        """What helps to decide on a file that is held; where its headings are doubtful, what they may mean."""
        begun, facts = self.begun, self.counted(aside)
        asked = recognising.asked_of(aside.con, self.intake, begun.reading.kind, aside.work) if begun.missed else {}
        return {
            "rows": self.snapshot.lines,
            "rejects": self.rejected.count,
            **self.rejected.report(),
            "beside": watching.beside(*facts),
            "would": watching.would(*facts),
            "warnings": [
                *self.intake.warnings,
                *begun.reading.warnings,
                *self.rows.notes(),
                *self.rejected.beside,
            ],
            **asdict(begun.reading.columns),
            "kept_without": self.rows.kept_without(),
            **asked,
        }

    def counted(self, aside: Aside) -> tuple[Reading, Snapshot, int, watching.Shows]:
        """What guards are asked about."""
        shows = watching.Shows(aside.coverage, aside.as_of, aside.today)
        return self.begun.reading, self.snapshot, self.rejected.count, shows

    def facts(self, more: list[str]) -> dict[str, Any]:
        """What the extract keeps of its load; `more`: warnings from outside of the file."""
        reading, kept_without = self.begun.reading, self.rows.kept_without()
        return {
            "warnings": [
                *self.intake.warnings,
                *reading.warnings,
                *([reading.nothing] if not reading.records else []),
                *self.rows.notes(),
                *_warnings(self.snapshot),
                *_dropped(kept_without),
                *self.rejected.warnings,
                *more,
            ],
            **asdict(reading.columns),
            **({"read_by": columns.read_by(self.begun.said)} if self.begun.said else {}),
            "kept_without": kept_without,
            "supplier": _one_or_all(self.snapshot.suppliers),
            **self.rejected.report(),
            "unread": self.rejected.unread_report(),
            **self.word,
            "repeated": self.snapshot.repeated,
            "made_at": reading.made_at.isoformat() if reading.made_at else None,
            "file": reading.file,
        }


def _checked(aside: Aside, intake: Intake, begun: recognising.Begun, approval: guards.Approval) -> Checked:
    """Write the rows aside and ask the guards. Raises BadFile, Held."""
    reading = begun.reading
    report, folder = aside.report, aside.folder
    report("Checking the rows", 0.2)
    latest = aside.as_of + timedelta(days=settings.GRACE_DAYS)
    rows = reading.rows_of(lambda share: report("Checking the rows", 0.2 + share * 0.3), aside.as_of, latest)
    report("Sorting the rows", 0.5)
    canonical = snapshots.Rows(reading.table, rows.query, rows.contradicted)
    snapshot = publishing.write(aside.con, folder, canonical, as_of=aside.as_of, coverage=aside.coverage)
    coverages.refuse_many_parties(snapshot)
    report("Collecting rejected lines", 0.8)
    rejected = set_aside(intake, rows, reading.records - rows.repeated - snapshot.lines)
    if snapshot.lines == 0 and (reading.records or not reading.nothing):
        raise BadFile(_nothing_accepted(reading, rejected))
    if reading.table in JUDGED:
        misread = snapshots.misread_mprns(aside.con, folder, reading.table, MOST_UNREAD)
        rejected.misread(misread, near=not _is_whole(aside, reading))
    checked = Checked(intake, begun, rows, snapshot, rejected)
    checked = replace(checked, word=approval.kept(_passed(aside, checked, approval)))
    snapshots.keep_unreadable(folder, rejected.points | rows.doubtful, rejected.could_be)
    if rows.history:
        snapshots.write_sorted(aside.con, rows.history, folder / store.HISTORY)
    if rows.statuses:
        snapshots.write_sorted(aside.con, rows.statuses, folder / store.STATUSES)
    return checked


def _is_whole(aside: Aside, reading: Reading) -> bool:
    """Whether it is registration as a whole, where a missing MPRN breaks no rule: it does not tell its network."""
    return reading.table == Table.FLAGS and aside.coverage == Extract.Coverage.FULL


def _refuse_another_kind(standing: Extract, kind: str, coverage: str) -> None:
    """Raises LoadError where bytes that are an extract already are withdrawn, or are asked to be something else."""
    if standing.withdrawn_at:
        raise LoadError(
            f"These bytes are extract {standing.pk} of {standing.as_of:%-d %b %Y}, which was withdrawn. Take its "
            "withdrawal back on its page if it is right after all."
        )
    if (kind, coverage) != (standing.kind, standing.coverage):
        raise LoadError(
            f"These bytes are extract {standing.pk} already, loaded as {standing.kind}, {standing.coverage}, "
            f"of {standing.as_of:%-d %b %Y}. They cannot be something else of the same day."
        )


def _warnings(snapshot: Snapshot) -> list[str]:
    warnings = [
        f"{network_named(row.network).name}: a code we do not know; its {row.points:,} Meter Points are kept."
        for row in snapshot.networks
        if row.network not in NETWORKS
    ]
    if snapshot.doubtful_mprns:
        warnings.append(
            f"{snapshot.doubtful_mprns:,} MPRNs have unexpected check digits; they are loaded all the same."
        )
    if snapshot.repeated:
        warnings.append(
            f"{snapshot.repeated:,} lines repeat a Meter Point of the same file; {snapshot.conflicts:,} Meter Points "
            "have two different flags. The one with the later date is used."
        )
    if snapshot.parties:
        warnings.append(
            f"{snapshot.parties:,} Meter Points stand in several lines with different suppliers or networks. Of "
            "lines of one date the first by flag, supplier and network counts, whatever their order."
        )
    return warnings


def _dropped(kept_without: KeptWithout) -> list[str]:
    return [
        f"{sum(counts.values()):,} lines are kept without their {meaning}: {', '.join(counts)}."
        for meaning, counts in kept_without.items()
    ]


def _one_or_all(codes: Sequence[str]) -> str | list[str]:
    """What a file speaks for: the one, or a list."""
    return codes[0] if len(codes) == 1 else list(codes)


def _to_come(aside: Aside) -> list[str]:
    words = f"The file is dated after the day on which it was loaded ({aside.as_of:%-d %b %Y}): no run reads it before."
    return [words] if aside.as_of > aside.today else []


def _passed(aside: Aside, checked: Checked, approval: guards.Approval) -> list[guards.Guard]:
    """The guards that a person's word let pass. Raises Held, which says what else there is to know of the file."""
    try:
        reading, *_ = counted = checked.counted(aside)
        unread = guards.nameless(checked.rejected.nameless, checked.snapshot.lines) if reading.table in JUDGED else None
        passed = guards.hold([checked.begun.guard, unread, *watching.guards_of(*counted)], approval)
        checked.rejected.let_pass = approval.every or unread in passed
        return passed
    except guards.Held as held:
        held.found = checked.shown(aside)
        raise


def load_report(extract: Extract, *, duplicate: bool) -> dict[str, Any]:
    """What a load gave, as a job's result and the command's JSON."""
    networks = list(extract.networks.order_by("network__code").values_list("network__code", flat=True))
    return {
        "extract": extract.pk,
        "kind": extract.kind,
        "network": _one_or_all(networks),
        "supplier": extract.report.get("supplier", []),
        "as_of": extract.as_of.isoformat(),
        "rows": extract.rows,
        "rejects": extract.rejects,
        "state": "loaded",
        "coverage": extract.coverage,
        "duplicate": duplicate,
        "warnings": extract.report["warnings"],
        "found": extract.report.get("found", {}),
        "not_found": extract.report.get("not_found", []),
        "ignored": extract.report.get("ignored", []),
        "read_by": extract.report.get("read_by"),
        "kept_without": extract.report.get("kept_without", {}),
        "reasons": only_faults(extract.report["reasons"]),
        "first_lines": extract.report.get("first_lines", {}),
        "rejects_file": extract.report["rejects_file"],
    }


def _nothing_accepted(reading: Reading, rejected: Rejected) -> str:
    if rejected.first is None:
        return "The file has no records, only a header. Was the extract cut short?"
    return (
        f"Not one of {reading.records:,} lines could be loaded. "
        f"Line {rejected.first.line}: {fault_of(rejected.first.reason)}. Check that this is the right file and kind."
    )


def _new(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder
