"""A load: one industry file becomes one extract, whole, or nothing.

In: a file and what is known of it. Out: the load report as a dict; Extract, parties and snapshot are written.
Raises BadFile, Held, LoadError. Called by ledger.operations.
"""

import csv
import re
from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from reconcile.domain.tables import Table
from reconcile.domain.vocabulary import NETWORKS, UNKNOWN_GAS, network_named
from reconcile.feeds import BadFile, Intake, Reading, Reject, count_rejects, locate_rejects, read, take_in
from reconcile.lake import store
from reconcile.models import Extract, ExtractNetwork, Party

from . import guards
from .heartbeat import Report
from .safe_csv import safe

REASONS_SHOWN = 20
VALUE_IN_REASON = re.compile(r"'[^']*'|(?<=expected )\d|[^\s'(]*\d{4}[^\s').]*")
"""Quoted text, a check digit, a number or date of the file: all that makes two like reasons differ."""


class LoadError(Exception):
    """The load cannot go on as asked; the text says what to do."""


@dataclass(frozen=True)
class Request:
    """What a person or command asked for; None means: work it out from the file."""

    path: Path
    name: str
    kind: str | None
    as_of: date | None
    coverage: str | None


@dataclass
class Written:
    """The snapshot in the making: accepted lines, what the lake found, and warnings in words."""

    accepted: int
    flags: store.FlagsSnapshot | None
    warnings: list[str]


@dataclass
class Rejected:
    """The lines left out: how often each reason, the first of them, and the file that lists them (under VAR_DIR)."""

    reasons: Counter[str] = field(default_factory=Counter)
    first: Reject | None = None
    file: str = ""

    @property
    def count(self) -> int:
        return self.reasons.total()


def load(
    *, request: Request, by: User | None, now: datetime, approval: guards.Approval, report: Report
) -> dict[str, Any]:
    """Load a file and give the load report. The same bytes of the same day give the extract that stands already."""
    with store.scratch() as folder:
        report("Reading the file", 0.0)
        intake = take_in(
            request.path, _new(folder / "work"), request.name, lambda share: report("Reading the file", share * 0.2)
        )
        with store.connected(folder) as con:
            return _load(con, folder, intake, request, by=by, now=now, approval=approval, report=report)


def _load(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    intake: Intake,
    request: Request,
    *,
    by: User | None,
    now: datetime,
    approval: guards.Approval,
    report: Report,
) -> dict[str, Any]:
    reading = read(con, intake, request.kind, folder / "work")
    as_of = request.as_of or reading.as_of
    if as_of is None:
        raise LoadError(
            "The file does not say which day it shows. Give the date (--as-of), or put it in the file's name "
            "as YYYY-MM-DD."
        )
    coverage = request.coverage or reading.coverage
    standing = Extract.objects.filter(sha256=intake.sha256, as_of=as_of).first()
    if standing:
        _refuse_another_kind(standing, reading.kind, coverage)
        if not standing.thinned_at:
            return load_report(standing, duplicate=True)
    report("Checking the rows", 0.2)
    snapshot = _new(folder / "snapshot")
    if reading.quicker:
        reading = reading.quicker(lambda share: report("Checking the rows", 0.2 + share * 0.3))
    report("Sorting the rows", 0.5)
    written = _write(con, snapshot, reading, as_of, delta=coverage == "delta")
    report("Collecting rejected lines", 0.8)
    rejected = _set_rejects_aside(con, intake, reading, written.accepted)
    if written.accepted == 0:
        raise BadFile(_nothing_accepted(reading, rejected))
    try:
        passed = guards.hold(_guards(reading, written, rejected.count, coverage), approval)
    except guards.Held as held:
        held.found = {"rows": written.accepted, "rejects": rejected.count, **_rejects_report(rejected)}
        raise
    report("Publishing", 0.95)
    facts = {
        "warnings": [*reading.warnings, *written.warnings, *_future(as_of, now)],
        **_rejects_report(rejected),
        "guards": [asdict(guard) for guard in passed],
        "repeated": written.flags.repeated if written.flags else 0,
        "made_at": reading.made_at.isoformat() if reading.made_at else None,
    }
    extract = Extract(
        sha256=intake.sha256,
        name=intake.name[:255],
        kind=reading.kind,
        table=reading.table,
        coverage=coverage,
        as_of=as_of,
        size=intake.size,
        rows=written.accepted,
        rejects=rejected.count,
        report=facts,
        loaded_at=now,
        loaded_by=by,
    )
    return _bring_back(standing, snapshot) if standing else _publish(extract, snapshot, written)


def _refuse_another_kind(standing: Extract, kind: str, coverage: str) -> None:
    """Raises LoadError where bytes that are an extract already are asked to be something else."""
    if (kind, coverage) != (standing.kind, standing.coverage):
        raise LoadError(
            f"These bytes are extract {standing.pk} already, loaded as {standing.kind}, {standing.coverage}, "
            f"of {standing.as_of:%-d %b %Y}. They cannot be something else of the same day."
        )


def _write(con: duckdb.DuckDBPyConnection, snapshot: Path, reading: Reading, as_of: date, *, delta: bool) -> Written:
    rows = store.write_sorted(con, reading.rows, snapshot / store.ROWS, reading.words)
    if reading.table == Table.FLAGS:
        flags = store.settle_flags(con, snapshot, delta=delta)
        if delta:
            # An update of gas flags names no network: it is that of the point in the full extract.
            flags = replace(flags, networks=[row for row in flags.networks if row.network != UNKNOWN_GAS])
        return Written(rows, flags, _flag_warnings(flags))
    if reading.table == Table.DEVICES:
        earlier = Extract.objects.filter(table=Table.DEVICES, as_of__lt=as_of)
        seen = [settings.LAKE_DIR / name / store.SEEN for name in earlier.values_list("snapshot", flat=True)]
        return Written(store.settle_devices(con, snapshot, seen), None, [])
    return Written(rows, None, [])


def _flag_warnings(flags: store.FlagsSnapshot) -> list[str]:
    warnings = [
        f"{network_named(row.network).name}: a code we do not know; its {row.points:,} Meter Points are kept."
        for row in flags.networks
        if row.network not in NETWORKS
    ]
    if flags.doubtful_mprns:
        warnings.append(f"{flags.doubtful_mprns:,} MPRNs have unexpected check digits; they are loaded all the same.")
    if flags.repeated:
        warnings.append(
            f"{flags.repeated:,} lines repeat a Meter Point of the same file; {flags.conflicts:,} Meter Points have "
            "two different flags. The one with the later date is used."
        )
    return warnings


def _future(as_of: date, now: datetime) -> list[str]:
    return [f"The file is dated in the future ({as_of:%-d %b %Y})."] if as_of > now.date() else []


def _guards(reading: Reading, written: Written, rejected: int, coverage: str) -> list[guards.Guard | None]:
    found = [guards.rejects(rejected, reading.records)]
    if reading.trailer:
        found.append(guards.trailer(*reading.trailer))
    if coverage == "full" and written.flags:
        found += [_network_change(row) for row in written.flags.networks]
    if coverage == "full" and reading.table == Table.DEVICES:
        last = Extract.objects.filter(table=Table.DEVICES, coverage="full").order_by("-as_of", "-pk").first()
        found.append(guards.rows_changed("Inventory", last.rows if last else 0, written.accepted, "inventory"))
    return found


def _network_change(row: store.NetworkRows) -> guards.Guard | None:
    last = (
        ExtractNetwork.objects.filter(network__code=row.network, extract__table=Table.FLAGS, extract__coverage="full")
        .order_by("-extract__as_of", "-extract")
        .first()
    )
    return guards.rows_changed(network_named(row.network).name, last.points if last else 0, row.points, row.network)


def _publish(extract: Extract, snapshot: Path, written: Written) -> dict[str, Any]:
    """Name the snapshot, then commit the row that makes it visible; whoever loads the same bytes at once finds it."""
    extract.snapshot = store.publish(snapshot, f"{extract.table}/{extract.as_of}")
    try:
        with transaction.atomic():
            extract.save()
            _save_networks(extract, written)
    except IntegrityError:
        store.remove(extract.snapshot)
        return load_report(Extract.objects.get(sha256=extract.sha256, as_of=extract.as_of), duplicate=True)
    return load_report(extract, duplicate=False)


def _bring_back(standing: Extract, snapshot: Path) -> dict[str, Any]:
    """Give an extract whose rows were thinned away its rows again; what was known of it stands."""
    name = store.publish(snapshot, f"{standing.table}/{standing.as_of}")
    if not Extract.objects.filter(pk=standing.pk).exclude(thinned_at=None).update(snapshot=name, thinned_at=None):
        store.remove(name)
    return load_report(Extract.objects.get(pk=standing.pk), duplicate=False)


def _save_networks(extract: Extract, written: Written) -> None:
    if written.flags is None:
        return
    Party.objects.bulk_create(
        [_network_party(row.network) for row in written.flags.networks]
        + [Party(kind=Party.Kind.SUPPLIER, code=code, name=f"Supplier {code}") for code in written.flags.suppliers],
        ignore_conflicts=True,
    )
    ids = dict(Party.objects.filter(kind=Party.Kind.NETWORK).values_list("code", "pk"))
    ExtractNetwork.objects.bulk_create(
        ExtractNetwork(extract=extract, network_id=ids[row.network], points=row.points, active=row.active)
        for row in written.flags.networks
    )


def _network_party(code: str) -> Party:
    network = network_named(code)
    return Party(kind=Party.Kind.NETWORK, code=code, name=network.name, fuel=network.fuel, mpid=network.mpid)


def load_report(extract: Extract, *, duplicate: bool) -> dict[str, Any]:
    """What a load gave, as a job's result and the command's JSON."""
    networks = list(extract.networks.order_by("network__code").values_list("network__code", flat=True))
    return {
        "extract": extract.pk,
        "kind": extract.kind,
        "network": networks[0] if len(networks) == 1 else networks,
        "as_of": extract.as_of.isoformat(),
        "rows": extract.rows,
        "rejects": extract.rejects,
        "state": "loaded",
        "coverage": extract.coverage,
        "duplicate": duplicate,
        "warnings": extract.report["warnings"],
        "reasons": extract.report["reasons"],
        "rejects_file": extract.report["rejects_file"],
    }


def _set_rejects_aside(con: duckdb.DuckDBPyConnection, intake: Intake, reading: Reading, accepted: int) -> Rejected:
    """Write the rejected lines as a CSV that a person can mend and a spreadsheet cannot run."""
    rejected = Rejected()
    if count_rejects(intake, reading, accepted) == 0:
        return rejected
    rejected.file = f"rejects/{intake.sha256[:16]}.csv"
    path = settings.VAR_DIR / rejected.file
    path.parent.mkdir(exist_ok=True)
    aside = path.with_suffix(".part")
    with aside.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["line", "reason", "raw"])
        for reject in locate_rejects(con, intake, reading):
            rejected.first = rejected.first or reject
            rejected.reasons[_class_of(reject)] += 1
            writer.writerow((reject.line, safe(reject.reason), safe(reject.raw)))
    aside.replace(path)
    return rejected


def _rejects_report(rejected: Rejected) -> dict[str, Any]:
    return {"reasons": dict(rejected.reasons.most_common(REASONS_SHOWN)), "rejects_file": rejected.file}


def _class_of(reject: Reject) -> str:
    """The reason with a dash for each value in it, so that like reasons count together."""
    return VALUE_IN_REASON.sub("-", reject.reason)


def _nothing_accepted(reading: Reading, rejected: Rejected) -> str:
    if rejected.first is None:
        return "The file has no records, only a header. Was the extract cut short?"
    return (
        f"Not one of {reading.records:,} lines could be loaded. Line {rejected.first.line}: {rejected.first.reason} "
        "Check that this is the right file and kind."
    )


def _new(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder
