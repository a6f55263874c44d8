"""The only writer: asks for work, does it, decides on it. Views, commands and tasks come in here and nowhere else.

In: keyword arguments, the actor first, whose right is asked. Out: the Job, which says how the work went.
Raises NotAllowed and OperationError.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from reconcile.domain.days import today
from reconcile.domain.policies import DEFAULT_POLICY, UnknownPolicy, policy_named
from reconcile.feeds import FEEDS, ColumnMap
from reconcile.lake import store
from reconcile.models import Job

from . import asking, backups, export, export_changes, jobs, leftovers, limits, retention, uploads, work, working
from .actors import Actor, NotAllowed, Right
from .alerting import set_meanings, work_on_alerts
from .asking import TooManyJobs
from .audit import TooManyTries, What, log_in_failed, logged_in, may_try, note, note_download
from .backups import BackupError
from .cohorts import freeze, remove_cohort, rename_cohort
from .corrections import start_correction
from .deciding import approve, refuse
from .export_changes import ChangesWanted
from .heartbeat import Report, beating, reporting, sign, sign_off
from .inputs import newest_date
from .jobs import Kind, OperationError
from .ownership import ForeignLake, lake_away, must_own_lake, named, take_lake
from .replays import days_to_share, replay_day, start_replay
from .saved_views import change_view, choose_columns, open_with, remove_view, save_view, use_keys, work_for
from .sessions import end_all_of, end_others, logged_out, password_changed, session_began, session_seen
from .teamwork import answer, load_assignments, read_mentions, return_due, set_reasons, work_on
from .telling import keep_columns, options_of, remove_columns, rename_columns, tell_columns
from .trying_out import refuse_beside_data
from .withdrawal import Marked, take_back, withdraw
from .working import Selection, WorkError

__all__ = [
    "BackupError",
    "ChangesWanted",
    "ForeignLake",
    "Marked",
    "NotAllowed",
    "OperationError",
    "TooManyJobs",
    "TooManyTries",
    "WorkError",
    "answer",
    "approve",
    "back_up",
    "break_off",
    "bring_back",
    "cancel",
    "change_view",
    "choose_columns",
    "days_to_share",
    "end_all_of",
    "end_others",
    "freeze",
    "keep_columns",
    "load_assignments",
    "log_in_failed",
    "logged_in",
    "logged_out",
    "may_try",
    "note",
    "note_download",
    "open_with",
    "own_lake",
    "password_changed",
    "perform",
    "read_mentions",
    "refuse",
    "remove_cohort",
    "remove_columns",
    "remove_view",
    "rename_cohort",
    "rename_columns",
    "replay_day",
    "requeue_lost",
    "restore",
    "return_due",
    "run_again",
    "save_view",
    "session_began",
    "session_seen",
    "set_meanings",
    "set_reasons",
    "sign_life",
    "start_correction",
    "start_export",
    "start_load",
    "start_reconcile",
    "start_replay",
    "start_sample",
    "start_tidy",
    "start_verify",
    "start_what_if",
    "sweep_up",
    "take_back",
    "tell_columns",
    "use_keys",
    "withdraw",
    "work_for",
    "work_on",
    "work_on_alerts",
]

SWEPT_AFTER = timedelta(hours=6)
"""Longer than any upload, load or run takes: what no row uses by then was left by a process that was killed."""


def start_load(
    *,
    actor: Actor,
    path: str | Path,
    name: str,
    kind: str | None = None,
    as_of: date | None = None,
    coverage: str | None = None,
    said: ColumnMap | None = None,
    every_guard: bool = False,
    now: datetime,
) -> Job:
    """Ask for a file to be loaded, by its path or as it is kept. `said`: what its headings mean.

    `every_guard` answers yes to any guard.
    """
    if kind is not None and kind not in FEEDS:
        raise OperationError(f"There is no kind {kind}. The kinds are {', '.join(FEEDS)}.")
    options = {
        "path": str(path),
        "name": name,
        "kind": kind,
        "as_of": as_of.isoformat() if as_of else None,
        "coverage": coverage,
        "columns": options_of(said) if said else None,
        "every_guard": every_guard,
    }
    return _start(actor, Kind.LOAD, f"Load {name}", options, now)


def start_reconcile(
    *,
    actor: Actor,
    as_of: date | None = None,
    policy: str = DEFAULT_POLICY.name,
    every_guard: bool = False,
    now: datetime,
) -> Job:
    """Ask for a run, as of a date or of the newest extract. `every_guard` answers yes to any guard."""
    try:
        policy_named(policy)
    except UnknownPolicy as error:
        raise OperationError(str(error)) from error
    as_of = as_of or newest_date(today(now))
    if as_of is None:
        raise OperationError("Nothing is loaded yet. Load a registration extract and an inventory (SMI) export first.")
    options = {"as_of": as_of.isoformat(), "policy": policy, "every_guard": every_guard}
    return _start(actor, Kind.RECONCILE, f"Reconcile as of {as_of:%-d %b %Y}", options, now)


def start_sample(*, actor: Actor, now: datetime) -> Job:
    """Ask for a sample market, where nothing is loaded yet; else OperationError."""
    actor.must(Right.LOAD)
    refuse_beside_data()
    return _start(actor, Kind.SAMPLE, "Take a sample market", {}, now)


def start_export(
    *,
    actor: Actor,
    query: str = "",
    ids: Sequence[int] = (),
    run: int | None = None,
    target: Path | None = None,
    now: datetime,
) -> Job:
    """Ask for a CSV of what `query` (a list page's query string) filters, of the rows that the actor may export.

    With `ids` those rows alone, whatever their state. Raises WorkError, and NotAllowed where one is not theirs.
    """
    query = "state=all" if ids else query
    options = {"query": query, "ids": list(ids), "run": run, "target": str(target) if target else None}
    desk = export.desk_of(actor, run)
    if ids:
        working.must_see(actor.desk_with(Right.EXPORT), Selection(tuple(ids)))
    filters = export.in_words(query, actor=actor, ids=ids) if actor.person else ""
    party = desk.party if desk else None
    return _start(actor, Kind.EXPORT, "Export discrepancies", options, now, filters=filters, party=party)


def start_what_if(*, actor: Actor, wanted: ChangesWanted, target: Path | None = None, now: datetime) -> Job:
    """Ask for a CSV of the Meter Points whose expected flag another policy changes, of those that the actor may export.

    Raises ExportError where there is nothing of the kind.
    """
    actor.must(Right.EXPORT)
    found = export_changes.found_of(wanted, actor.scope_of(Right.EXPORT))
    options = {"what_if": wanted.as_json(), "run": wanted.run, "target": str(target) if target else None}
    filters = export_changes.in_words(found, wanted.only)
    return _start(actor, Kind.EXPORT, f"Export what if {found.policy.name}", options, now, filters=filters)


def start_tidy(*, actor: Actor, now: datetime) -> Job:
    """Ask for the snapshots to be thinned by the rule of retention."""
    return _start(actor, Kind.TIDY, "Thin old snapshots", {}, now)


def bring_back(*, actor: Actor, names: Sequence[str], now: datetime) -> list[str]:
    """Bring thinned snapshots back out of the trash (names as `queries.storage` gives them); gives those that are back.

    Raises OperationError where one is not in it.
    """
    actor.must(Right.THIN)
    if back := retention.bring_back(names):
        note(actor=actor, what=What.BROUGHT_BACK, now=now, about=", ".join(back))
    if missing := [name for name in names if name not in back]:
        raise OperationError(f"Not in the trash: {', '.join(missing)}. Load those files again.")
    return back


def start_verify(*, actor: Actor, sample: bool = False, now: datetime) -> Job:
    """Ask for the snapshots' files to be compared with their checksums, all or those not compared for longest."""
    title = "Check a sample of the snapshots" if sample else "Check every snapshot"
    return _start(actor, Kind.VERIFY, title, {"sample": sample}, now)


def _start(
    actor: Actor,
    kind: Kind,
    title: str,
    options: dict[str, Any],
    now: datetime,
    *,
    filters: str = "",
    party: int | None = None,
) -> Job:
    """A new job. That a person asked for it is on record; what the machine asks for by itself is not."""
    if options.get("every_guard"):
        actor.must(Right.DECIDE)
    limit = limits.seconds_for(kind, options)
    with transaction.atomic():
        job = asking.ask(
            actor=actor, kind=kind, title=title, options=options, limit_seconds=limit, party=party, now=now
        )
        if actor.person:
            note(actor=actor, what=What.ASKED, now=now, job=job.pk, about=title, filters=filters)
    return job


def perform(
    *, actor: Actor, job_id: int, progress: Report | None = None, began: Callable[[Job], None] = lambda job: None
) -> Job:
    """Take a queued job and do it; `began` is told of it. One that somebody has taken, or that has ended, is left."""
    actor.must(Right.RUN_JOBS)
    away, job = lake_away(), jobs.claim(job_id, timezone.now())
    if job is not None and away:
        jobs.finish(job, jobs.Ending(Job.State.FAILED, work.in_words(away)), timezone.now())
    elif job is not None:
        began(job)
        with beating(job) as stop:
            work.perform(job, reporting(stop, progress), stop)
    return Job.objects.get(pk=job_id)


def break_off(*, actor: Actor, job_id: int, now: datetime) -> None:
    """Record the end of a job whose process could get no more memory and was ended for it."""
    actor.must(Right.RUN_JOBS)
    job = Job.objects.filter(pk=job_id, state=Job.State.RUNNING).first()
    if job:
        jobs.finish(job, jobs.Ending(Job.State.FAILED, work.TOO_LITTLE_MEMORY), now)


def cancel(*, actor: Actor, job_id: int, now: datetime, reason: str = "") -> Job:
    """End a job before it is done: at once where it waits, within seconds where it runs. Nothing of it stays."""
    job = jobs.find(actor=actor, job_id=job_id)
    if not (actor.may(Right.DECIDE) or jobs.asked_by(job, actor)):
        raise NotAllowed(f"{actor.name} may not cancel what somebody else asked for.")
    with transaction.atomic():
        jobs.cancel(job, actor=actor, now=now, reason=reason)
        note(actor=actor, what=What.CANCELLED, now=now, job=job.pk, about=f"{job.title}: {reason}".rstrip(": "))
    job = jobs.find(actor=actor, job_id=job_id)
    if job.state == Job.State.CANCELLED:
        uploads.forget(job)
    return job


def run_again(*, actor: Actor, job_id: int, now: datetime) -> Job:
    """Queue a failed or lost job once more, where that can help."""
    jobs.mark_lost(now)
    job = jobs.find(actor=actor, job_id=job_id)
    actor.must(jobs.RIGHT_FOR[job.kind])
    if problem := jobs.obstacle(job):
        raise OperationError(problem)
    with transaction.atomic():
        jobs.run_again(job, actor=actor, now=now)
        note(actor=actor, what=What.AGAIN, now=now, job=job.pk, about=job.title)
    return jobs.find(actor=actor, job_id=job_id)


def own_lake(*, actor: Actor, take: bool = False) -> None:
    """Raises ForeignLake unless the lake is that of this database; `take` makes it so."""
    actor.must(Right.RUN_JOBS)
    if take:
        take_lake()
    must_own_lake()


def sign_life(*, actor: Actor, part: str, now: datetime | None) -> None:
    """A program works (heartbeat.CLOCK, heartbeat.WORKER and its name); without a time it ends in order."""
    actor.must(Right.RUN_JOBS)
    if now:
        sign(now, part)
    else:
        sign_off(part)


def requeue_lost(*, actor: Actor, now: datetime) -> list[Job]:
    """Notice jobs whose worker died and queue them again; gives every queued job, oldest first, to be sent."""
    actor.must(Right.RUN_JOBS)
    sign(now)
    return jobs.requeue_lost(now)


def sweep_up(*, actor: Actor, now: datetime) -> list[str]:
    """Remove what killed processes left in the lake and among the uploads; gives the names."""
    actor.must(Right.RUN_JOBS)
    must_own_lake()
    before = now - SWEPT_AFTER
    return store.sweep(named(), before, now) + uploads.sweep(before) + leftovers.sweep(before)


def back_up(*, actor: Actor, folder: Path, now: datetime) -> dict[str, Any]:
    """Copy all that counts into a new folder. Raises BackupError."""
    actor.must(Right.RUN_JOBS)
    return backups.back_up(folder, now=now)


def restore(*, actor: Actor, folder: Path) -> dict[str, Any]:
    """Put a backup into an empty place. Raises BackupError."""
    actor.must(Right.RUN_JOBS)
    return backups.restore(folder)
