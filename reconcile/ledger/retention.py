"""Which snapshots stay in the lake, by a rule in the settings, and what the others are thinned to.

In: the time. Out: the plan, and the work; what goes can be brought back for a week. What a thinned inventory was the
first to show ("ever") is kept for ever, and so is every row of the database. Called by ledger.operations and queries.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.db import transaction

from reconcile.domain.days import today
from reconcile.domain.tables import Table
from reconcile.lake import holdings, store, trash
from reconcile.models import Extract, Job, Run, RunInput

from . import kept_files, remembering, replays, waiting
from .inputs import NothingToReconcile, latest_run, newest_date, select
from .jobs import Kind

READING = (Kind.RECONCILE, Kind.EXPORT, Kind.REPLAY)
"""Jobs that read snapshots which they chose a while ago."""
Kept = TypeVar("Kept", Extract, Run)
STANDING = (Table.FIRMWARE_UPDATES, Table.COVERAGE)
"""What no later file holds: it is told as long as it is kept, and it is small."""


@dataclass(frozen=True)
class Plan:
    """What the rule lets go: snapshots whose rows nothing needs any more."""

    extracts: list[Extract]
    runs: list[Run]


def rule_in_words() -> str:
    """The rule as a person reads it."""
    if not settings.KEEP_DAYS:
        return f"Every snapshot is kept (KEEP_DAYS is 0). {_of_exports()}"
    return (
        f"The snapshots of the last {settings.KEEP_DAYS} days of data are kept (KEEP_DAYS), and all that the newest "
        f"run of each network read. Of each of the {settings.KEEP_MONTHS} months before (KEEP_MONTHS), the last full "
        "extract of each network, the last inventory and the last run are kept. The rows of all others are removed; "
        "their load reports, counts, discrepancies, events, and which points ever had a live meter, are not. "
        f"What is removed can be brought back for {trash.KEPT_FOR.days} days. {_of_exports()}"
    )


def _of_exports() -> str:
    if not settings.KEEP_EXPORT_DAYS:
        return "The files of exports and the days of replays are kept (KEEP_EXPORT_DAYS is 0)."
    return f"The files of exports and the days of replays go after {settings.KEEP_EXPORT_DAYS} days (KEEP_EXPORT_DAYS)."


def plan(*, now: datetime) -> Plan:
    """What would be thinned now. Days are counted from the newest data that is not still to come."""
    newest = newest_date(today(now))
    if newest is None or not settings.KEEP_DAYS:
        return Plan([], [])
    needed = _needed_extracts(newest)
    here = (
        Extract.objects.filter(thinned_at=None)
        .exclude(table__in=STANDING)
        .prefetch_related("networks__network")
        .order_by("as_of", "pk")
    )
    extracts = [extract for extract in here if extract.pk not in needed]
    latest = latest_run()
    runs = [r for r in Run.objects.filter(thinned_at=None).order_by("as_of", "pk") if r != latest]
    # Old updates are in the full extracts that came after them.
    return Plan(_old(extracts, newest, _source), _old(runs, newest, lambda run: ("run", run.lookback)))


def thin(*, now: datetime) -> dict[str, Any]:
    """Thin what the rule lets go. Gives snapshots and bytes, and `waiting`: whether running work defers the removal."""
    remembering.make_up()
    found = plan(now=now)
    with transaction.atomic():
        Extract.objects.filter(pk__in=[extract.pk for extract in found.extracts]).update(thinned_at=now)
        Run.objects.filter(pk__in=[run.pk for run in found.runs]).update(thinned_at=now)
    # Whoever chooses its inputs from here on sees the marks. Whoever chose before is still at work, and is let finish:
    # the next tidying removes the files.
    waiting = Job.objects.filter(state=Job.State.RUNNING, kind__in=READING).exists()
    freed = 0 if waiting else _remove_files(now)
    trash.empty(now - trash.KEPT_FOR)
    exports = _remove_exports(now)
    freed += _forget_replays(now)
    return {
        "extracts": len(found.extracts),
        "runs": len(found.runs),
        "exports": len(exports),
        "bytes": freed + sum(exports),
        "waiting": waiting,
    }


def _remove_exports(now: datetime) -> list[int]:
    """Remove the files of old exports, their manifests, and what killed workers left of some; gives their bytes."""
    if not settings.KEEP_EXPORT_DAYS:
        return []
    before = (now - timedelta(days=settings.KEEP_EXPORT_DAYS)).timestamp()
    old = [kept for kept in kept_files.listed("exports") if kept.written_at < before]
    for kept in old:
        kept_files.remove(kept.name)
    return [kept.bytes for kept in old if kept.name.endswith(".csv")]


def _forget_replays(now: datetime) -> int:
    """Let go the days of old replays, which can be judged again; gives their bytes."""
    if not settings.KEEP_EXPORT_DAYS:
        return 0
    return sum(replays.forget(now - timedelta(days=settings.KEEP_EXPORT_DAYS)))


def bring_back(names: Iterable[str]) -> list[str]:
    """Bring snapshots back out of the trash, until the next tidying; gives the names of those that were in it.

    Names are those of `trash.contents`. What no row of the database names stays where it is.
    """
    back = []
    for name in names:
        for model in (Extract, Run):
            marked = model.objects.filter(snapshot=name).exclude(thinned_at=None)
            if marked.exists() and trash.bring_back(name):
                marked.update(thinned_at=None, checked_at=None)
                back.append(name)
    return back


def _remove_files(now: datetime) -> int:
    """Remove the rows of everything that is marked, now or by a tidying that was killed; gives the bytes."""
    names: list[str] = []
    for model in (Extract, Run):
        names += model.objects.exclude(thinned_at=None).values_list("snapshot", flat=True)
    there = set(holdings.names())
    return sum(store.thin(name, now=now) for name in names if name in there)


def _needed_extracts(newest: date) -> set[int]:
    """What the newest run of each network read, for its Meter Points' evidence, and what the next one would."""
    needed = waiting.needed()
    needed |= set(RunInput.objects.filter(run__in=_newest_runs()).values_list("extract_id", flat=True))
    try:
        return needed | {extract for extract, _ in select(newest).sources}
    except NothingToReconcile:
        # One side is missing: nothing says yet what the first run will need.
        return set(Extract.objects.values_list("pk", flat=True))


def _newest_runs() -> set[int]:
    """The newest run, and of each network the newest one that it was in: a network may have stayed away since."""
    spoken_for = RunInput.objects.filter(run__lookback=False).exclude(network=None)
    of_network = dict(spoken_for.order_by("run__as_of", "run").values_list("network", "run"))
    latest = latest_run()
    return {*of_network.values(), *([latest.pk] if latest else [])}


def _source(extract: Extract) -> tuple[str | bool, ...] | None:
    """What an extract is the monthly picture of; None for an update and for what was withdrawn, pictures of nothing."""
    if extract.coverage != Extract.Coverage.FULL or extract.withdrawn_at:
        return None
    return (extract.table, *sorted(row.network.code for row in extract.networks.all()))


def _old(rows: Iterable[Kept], newest: date, source: Callable[[Kept], tuple[str | bool, ...] | None]) -> list[Kept]:
    """The rows, oldest first, that are neither young nor the last of their source in a month that is kept."""
    old = [row for row in rows if row.as_of <= newest - timedelta(days=settings.KEEP_DAYS)]
    first_kept = _month(newest) - settings.KEEP_MONTHS
    last = {(source(row), _month(row.as_of)): row.pk for row in old if _month(row.as_of) >= first_kept}
    kept = {pk for (picture_of, _), pk in last.items() if picture_of is not None}
    return [row for row in old if row.pk not in kept]


def _month(day: date) -> int:
    return day.year * 12 + day.month
