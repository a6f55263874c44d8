"""Which extracts a run reads: for each network its latest full one with the later deltas, and the latest inventory.

In: a date. Out: Selection. Called by ledger.record and ledger.queries (the evidence of one Meter Point).
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Min, QuerySet

from reconcile.domain.alerts import ALERT_DAYS
from reconcile.domain.policy import Policy
from reconcile.domain.tables import Table
from reconcile.lake import store
from reconcile.lake.contract import FullExtract, Inputs, NetworkUpdate, Source, Update
from reconcile.models import Extract, ExtractNetwork, Run, Withdrawal

DECIDING = (
    Table.FLAGS,
    Table.DEVICES,
    Table.RESPONSES,
    Table.REGISTERED_METERS,
    Table.READS,
    Table.ALERTS,
    Table.DSP_STATUSES,
    Table.FIRMWARE_UPDATES,
)
"""The tables that decide a run."""
STATUS_ALERTS = "status_alerts"
"""In the report of a run: whether it read alerts of changes of status as updates of devices."""


class NothingToReconcile(Exception):
    """One side has no usable extract; the text says which and what to load."""


@dataclass(frozen=True)
class Selection:
    """The engine's inputs and where they come from: (extract id, network code or None) pairs, order by extract id."""

    inputs: Inputs
    sources: tuple[tuple[int, str | None], ...]
    order: dict[int, int]
    withdrawals: tuple[tuple[int, bool], ...] = ()
    """Of extracts up to the run's day: id, and whether it was taken back."""

    def key(self, policy: Policy, *, ahead: bool = False) -> str:
        """A checksum of all that decides a run's outcome: the same inputs and policy are the same run.

        One that was made `ahead` of its day moved no state: when the day has come it is another.
        """
        facts = (
            policy.name,
            policy.version,
            self.inputs.as_of,
            self.inputs.grace_days,
            sorted(self.sources, key=str),
            *(["ahead"] if ahead else []),
            *(["status alerts"] if self.inputs.changes_until else []),
            *([self.withdrawals] if self.withdrawals else []),
        )
        return hashlib.sha256(repr(facts).encode()).hexdigest()


def newest_date(today: date) -> date | None:
    """The newest data date of any extract; one that is still to come is nobody's newest."""
    return Extract.objects.filter(as_of__lte=today).order_by("-as_of").values_list("as_of", flat=True).first()


def select(as_of: date) -> Selection:
    """The extracts of a run dated `as_of`, without those that are withdrawn. Raises NothingToReconcile."""
    oldest = as_of - timedelta(days=settings.MAX_EXTRACT_AGE_DAYS)
    usable, rank = _ranked(readable().filter(as_of__lte=as_of))
    full = _latest_full(as_of, oldest, rank, usable)
    inventory = max(
        usable.filter(table=Table.DEVICES, coverage="full"),
        key=lambda extract: rank[extract.pk],
        default=None,
    )
    if not full:
        raise NothingToReconcile(
            f"No network has a full registration extract dated from {_day(oldest)} to {_day(as_of)}. "
            "Load one (kind registration), or reconcile as of another date."
        )
    if inventory is None:
        raise NothingToReconcile(
            f"There is no full inventory (SMI) export dated {_day(as_of)} or earlier. Load one (kind smi)."
        )
    deltas = _Deltas(
        flags=_later(usable, Table.FLAGS, min(extract.as_of for extract in full)),
        devices=_later(usable, Table.DEVICES, inventory.as_of),
        responses=list(usable.filter(table=Table.RESPONSES)),
        registered_meters=list(usable.filter(table=Table.REGISTERED_METERS)),
        reads=list(usable.filter(table=Table.READS)),
        alerts=_later(usable, Table.ALERTS, _alerts_since(as_of, inventory)),
        dsp_statuses=list(usable.filter(table=Table.DSP_STATUSES)),
        firmware_updates=list(usable.filter(table=Table.FIRMWARE_UPDATES)),
    )
    _refuse_thinned(as_of, [*full, inventory, *deltas.all])
    chosen = _selection(as_of, _Chosen(full, inventory, deltas, rank), readable())
    if settings.ALERTS_UPDATE_DEVICES:
        chosen = replace(chosen, inputs=replace(chosen.inputs, changes_until=as_of))
    return replace(chosen, withdrawals=_withdrawals(as_of))


def _alerts_since(as_of: date, inventory: Extract) -> date:
    """The oldest date of a file with alerts that a run reads. An older proof of life changes no silence."""
    signs_of_life = as_of - timedelta(days=max(ALERT_DAYS, settings.SILENT_AFTER_DAYS))
    return min(signs_of_life, inventory.as_of) if settings.ALERTS_UPDATE_DEVICES else signs_of_life


def readable(at: datetime | None = None) -> QuerySet[Extract]:
    """The extracts that are not withdrawn now, or were not at a moment."""
    if at is None:
        return Extract.objects.filter(withdrawn_at=None)
    gone = Withdrawal.objects.filter(at__lte=at).exclude(taken_back_at__lte=at)
    return Extract.objects.exclude(pk__in=gone.values("extract"))


def _withdrawals(as_of: date) -> tuple[tuple[int, bool], ...]:
    rows = Withdrawal.objects.filter(extract__as_of__lte=as_of).order_by("pk").values_list("pk", "taken_back_at")
    return tuple((pk, taken_back_at is not None) for pk, taken_back_at in rows)


def _refuse_thinned(as_of: date, chosen: list[Extract]) -> None:
    """A run without some of its data would find what is not so. Raises NothingToReconcile."""
    gone = [extract for extract in chosen if extract.thinned_at]
    if gone:
        names = ", ".join(extract.name for extract in gone[:3]) + (", ..." if len(gone) > 3 else "")
        raise NothingToReconcile(
            f"A run as of {_day(as_of)} needs {len(gone)} extracts whose rows were thinned away ({names}). "
            "Load those files again, bring them back (manage.py bring_back), or reconcile as of another date."
        )


def read_instead(extract: Extract, as_of: date) -> list[tuple[str | None, Extract | None]]:
    """What a run as of a day would read in place of a full extract: for each network (code) that it would speak for, or
    for all of them (None) the inventory before; nothing where no run would read it."""
    oldest = as_of - timedelta(days=settings.MAX_EXTRACT_AGE_DAYS)
    known, rank = _ranked(readable().filter(as_of__lte=as_of))
    rest = known.exclude(pk=extract.pk)
    if extract.pk not in rank or extract.coverage != Extract.Coverage.FULL:
        return []
    if extract.table == Table.FLAGS:
        instead = {code: one for one, codes in _latest_full(as_of, oldest, rank, rest).items() for code in codes}
        return [(code, instead.get(code)) for code in _latest_full(as_of, oldest, rank, known).get(extract, [])]
    others = rest.filter(table=extract.table, coverage=Extract.Coverage.FULL)
    before = max(others, key=lambda one: rank[one.pk], default=None)
    newest = before is None or rank[before.pk] < rank[extract.pk]
    return [(None, before)] if newest else []


def of_run(run: Run) -> Selection:
    """The selection that a run was made of, with what the run found out about it."""
    sources = list(run.inputs.select_related("extract", "network"))
    extracts = {source.extract_id: source.extract for source in sources}
    rank = data_order(extracts.values())
    full: dict[Extract, list[str]] = {}
    applied: list[NetworkUpdate] = []
    for source in sources:
        extract = source.extract
        if source.network and extract.coverage == Extract.Coverage.FULL:
            full.setdefault(extract, []).append(source.network.code)
        elif source.network:
            applied.append(NetworkUpdate(source.network.code, rank[extract.pk], extract.as_of))
    rest = [extract for extract in extracts.values() if extract not in full]
    inventory = next(e for e in rest if e.table == Table.DEVICES and e.coverage == Extract.Coverage.FULL)
    deltas = [extract for extract in rest if extract is not inventory]
    by_table = {table: [e for e in deltas if e.table == table] for table in DECIDING}
    chosen = _Chosen(full, inventory, _Deltas(**by_table), rank)
    found = _selection(run.as_of, chosen, readable(run.started_at), tuple(applied))
    changes_until = run.as_of if run.report.get(STATUS_ALERTS) else None
    return replace(found, inputs=replace(found.inputs, changes_until=changes_until))


def heard_now(inputs: Inputs) -> Inputs:
    """The inputs with every proof of life that is loaded, whether a run has read it or not."""
    return replace(inputs, reads=files_of(Table.READS), proving=files_of(Table.ALERTS))


def files_of(table: Table) -> tuple[Update, ...]:
    """Every file of a table that is loaded and not withdrawn."""
    loaded = readable().filter(table=table, thinned_at=None)
    return _updates(loaded, data_order(loaded))


def alerts_now(run: Run) -> tuple[Update, ...]:
    """Every file of alerts that is loaded and may hold some since the inventory of a run, which has read it or not."""
    since = run.inputs.filter(extract__table=Table.DEVICES, extract__coverage=Extract.Coverage.FULL).values("extract")
    day = Extract.objects.filter(pk__in=since).aggregate(day=Min("as_of"))["day"]
    loaded = readable().filter(table=Table.ALERTS, thinned_at=None, as_of__gte=day or run.as_of)
    return _updates(loaded, data_order(loaded))


def latest_run() -> Run | None:
    """The run that readers see: the newest by data date that is neither a look-back nor ahead of its day."""
    return Run.objects.filter(lookback=False).order_by("-as_of", "-pk").first()


@dataclass(frozen=True)
class _Deltas:
    flags: list[Extract]
    devices: list[Extract]
    responses: list[Extract]
    registered_meters: list[Extract]
    reads: list[Extract]
    alerts: list[Extract]
    dsp_statuses: list[Extract]
    firmware_updates: list[Extract]

    @property
    def all(self) -> list[Extract]:
        """Every one of them."""
        return [extract for table in DECIDING for extract in getattr(self, table)]


@dataclass(frozen=True)
class _Chosen:
    """Full extracts with the networks they speak for, the inventory, the deltas; `rank`: extract id -> data order."""

    full: dict[Extract, list[str]]
    inventory: Extract
    deltas: _Deltas
    rank: dict[int, int]


def _selection(
    as_of: date, chosen: _Chosen, known: QuerySet[Extract], applied: tuple[NetworkUpdate, ...] | None = None
) -> Selection:
    full, inventory, deltas, rank = chosen.full, chosen.inventory, chosen.deltas, chosen.rank
    inventory_date = max(extract.as_of for extract in (inventory, *deltas.devices))
    inventories = known.filter(table=Table.DEVICES).order_by("as_of", "pk")
    seen = inventories.filter(as_of__lt=inventory_date)
    kept = inventories.filter(as_of__lte=inventory_date, thinned_at=None)
    updates = {name: _updates(getattr(deltas, name), rank) for name in DECIDING}
    inputs = Inputs(
        as_of=as_of,
        grace_days=settings.GRACE_DAYS,
        registration=tuple(_full(extract, networks, rank) for extract, networks in full.items()),
        flag_updates=updates[Table.FLAGS],
        inventory=_source(inventory),
        inventory_updates=updates[Table.DEVICES],
        inventories=tuple(map(_source, kept)),
        seen=tuple(_path(extract, name) for extract in seen for name in seen_in(extract)),
        responses=updates[Table.RESPONSES],
        registered_meters=updates[Table.REGISTERED_METERS],
        reads=updates[Table.READS],
        alerts=updates[Table.ALERTS],
        proving=updates[Table.ALERTS],
        dsp_statuses=updates[Table.DSP_STATUSES],
        firmware_updates=updates[Table.FIRMWARE_UPDATES],
        silent_after_days=settings.SILENT_AFTER_DAYS,
        network_updates=applied,
    )
    sources = [(extract.pk, code) for extract, codes in full.items() for code in codes]
    rest = (inventory, *deltas.all)
    return Selection(inputs, (*sources, *((extract.pk, None) for extract in rest)), rank)


def _ranked(usable: QuerySet[Extract]) -> tuple[QuerySet[Extract], dict[int, int]]:
    """Extracts with their data order. A file that is loaded while somebody asks is none of them."""
    rank = data_order(usable)
    return usable.filter(pk__in=rank), rank


def data_order(extracts: Iterable[Extract]) -> dict[int, int]:
    """Each extract's place in the order in which the data came about: by date, by the file's own time, as loaded."""
    ordered = sorted(extracts, key=lambda e: (e.as_of, e.report.get("made_at") or "", e.pk))
    return {extract.pk: place for place, extract in enumerate(ordered)}


def _latest_full(as_of: date, oldest: date, rank: dict[int, int], among: QuerySet[Extract]) -> dict[Extract, list[str]]:
    usable = among.filter(table=Table.FLAGS, coverage="full", as_of__range=(oldest, as_of))
    rows = ExtractNetwork.objects.filter(extract__in=usable).select_related("extract", "network")
    latest = {row.network.code: row.extract for row in sorted(rows, key=lambda row: rank[row.extract_id])}
    chosen: dict[Extract, list[str]] = {}
    for code, extract in sorted(latest.items()):
        chosen.setdefault(extract, []).append(code)
    return chosen


def _later(usable: QuerySet[Extract], table: Table, since: date) -> list[Extract]:
    return list(usable.filter(table=table, coverage="delta", as_of__gte=since))


def _full(extract: Extract, networks: list[str], rank: dict[int, int]) -> FullExtract:
    return FullExtract(**vars(_source(extract)), order=rank[extract.pk], networks=tuple(networks))


def _updates(extracts: Iterable[Extract], rank: dict[int, int]) -> tuple[Update, ...]:
    ordered = sorted(extracts, key=lambda extract: rank[extract.pk])
    return tuple(Update(**vars(_source(extract)), order=rank[extract.pk]) for extract in ordered)


def _source(extract: Extract) -> Source:
    return Source(
        rows=_path(extract, store.ROWS),
        repeats=_if_there(extract, store.REPEATS),
        unreadable=_if_there(extract, store.UNREADABLE),
        uncertain=_if_there(extract, store.UNCERTAIN),
        statuses=_if_there(extract, store.STATUSES),
        as_of=extract.as_of,
    )


def _if_there(extract: Extract, file: str) -> Path | None:
    return _path(extract, file) if store.there(extract, file) else None


def seen_in(extract: Extract) -> list[str]:
    """The files of an inventory that say which points it was the first to show, or is since another was withdrawn."""
    return [store.SEEN, *(name for name in extract.checksums if store.outlives(name) and name != store.SEEN)]


def _path(extract: Extract, file: str) -> Path:
    return store.kept(extract, file)


def _day(day: date) -> str:
    return f"{day:%-d %b %Y}"
