"""The only writer: asks for work, does it, and answers for it. Views, API, commands and tasks come in here.

In: keyword arguments with the user and the time. Out: the Job, which says how the work went.
"""

import logging
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from reconcile.domain.policies import DEFAULT_POLICY, UnknownPolicy, policy_named
from reconcile.feeds import FEEDS, BadFile
from reconcile.lake import store
from reconcile.models import Extract, Job, Run

from . import export, loading, record, retention
from .access import EVERYTHING, scope_for
from .filters import BadFilter
from .guards import Approval, Held
from .heartbeat import Report, beating, reporting
from .inputs import NothingToReconcile, newest_date

logger = logging.getLogger(__name__)
ATTEMPTS = 3
"""How often a job whose worker died is started again by itself."""


SWEPT_AFTER = timedelta(hours=6)
"""Longer than any load or run takes: what no row uses by then was left by a worker that was killed."""


class OperationError(Exception):
    """The work cannot be asked for like this; the text says why, in one sentence."""


EXPECTED = (
    BadFile,
    OperationError,
    NothingToReconcile,
    UnknownPolicy,
    loading.LoadError,
    export.ExportError,
    BadFilter,
)
"""Failures that a user can act on: their text is the job's message."""


def start_load(
    *,
    path: Path,
    name: str,
    kind: str | None = None,
    as_of: date | None = None,
    coverage: str | None = None,
    every_guard: bool = False,
    by: User | None,
    now: datetime,
) -> Job:
    """Ask for a file to be loaded. `every_guard` answers yes to any guard. Raises OperationError."""
    if kind is not None and kind not in FEEDS:
        raise OperationError(f"There is no kind {kind}. The kinds are {', '.join(FEEDS)}.")
    options = {
        "path": str(path),
        "name": name,
        "kind": kind,
        "as_of": as_of.isoformat() if as_of else None,
        "coverage": coverage,
        "every_guard": every_guard,
    }
    return _start(Job.Kind.LOAD, f"Load {name}", options, by=by, now=now)


def start_reconcile(
    *,
    as_of: date | None = None,
    policy: str = DEFAULT_POLICY.name,
    every_guard: bool = False,
    by: User | None,
    now: datetime,
) -> Job:
    """Ask for a run, as of a date or of the newest extract. Raises OperationError, UnknownPolicy."""
    policy_named(policy)
    as_of = as_of or newest_date()
    if as_of is None:
        raise OperationError("Nothing is loaded yet. Load a registration extract and an inventory (SMI) export first.")
    options = {"as_of": as_of.isoformat(), "policy": policy, "every_guard": every_guard}
    return _start(Job.Kind.RECONCILE, f"Reconcile as of {as_of:%-d %b %Y}", options, by=by, now=now)


def start_export(
    *, query: str, run: int | None = None, target: Path | None = None, by: User | None, now: datetime
) -> Job:
    """Ask for a CSV of what `query` (a list page's query string) filters; without a user, of every party's rows."""
    options = {"query": query, "run": run, "target": str(target) if target else None}
    return _start(Job.Kind.EXPORT, "Export discrepancies", options, by=by, now=now)


def start_tidy(*, by: User | None, now: datetime) -> Job:
    """Ask for the snapshots to be thinned by the rule of retention."""
    return _start(Job.Kind.TIDY, "Thin old snapshots", {}, by=by, now=now)


def _start(kind: Job.Kind, title: str, options: dict[str, Any], *, by: User | None, now: datetime) -> Job:
    return Job.objects.create(kind=kind, title=title, options=options, requested_by=by, created_at=now)


def perform(*, job_id: int, progress: Report | None = None) -> Job:
    """Take a queued job and do it. A job that somebody else has taken, or that has ended, is left alone."""
    job = _claim(job_id, timezone.now())
    if job is None:
        return Job.objects.get(pk=job_id)

    with beating(job.pk):
        _do(job, reporting(job.pk, progress))
    return job


def _do(job: Job, report: Report) -> None:
    try:
        result = WORK[job.kind](job, report)
    except Held as held:
        job.guards = held.as_json()
        _finish(job, Job.State.HELD, str(held))
    except EXPECTED as error:
        _finish(job, Job.State.FAILED, str(error))
        _forget_file(job)
    except (OperationalError, InterfaceError) as error:
        logger.exception("Job %s failed", job.pk)
        # What is to be said needs a connection that lives. With the database still away nobody can be told: the job
        # stays without a sign of life and is taken up again as lost.
        connection.close()
        _finish(job, Job.State.FAILED, _machine_trouble(error))
    except (OSError, duckdb.Error, MemoryError) as error:
        logger.exception("Job %s failed", job.pk)
        _finish(job, Job.State.FAILED, _machine_trouble(error))
    except Exception:
        _finish(
            job, Job.State.FAILED, "Something unforeseen went wrong; the server's log has the details. Run it again."
        )
        raise
    else:
        job.result = result
        _finish(job, Job.State.DONE, "")
        _forget_file(job)


def _load(job: Job, report: Report) -> dict[str, Any]:
    options = job.options
    request = loading.Request(
        path=Path(options["path"]),
        name=options["name"],
        kind=options["kind"],
        as_of=date.fromisoformat(options["as_of"]) if options["as_of"] else None,
        coverage=options["coverage"],
    )
    if not request.path.is_file():
        raise OperationError(f"There is no file {request.path}. Upload it again.")
    return loading.load(
        request=request, by=job.requested_by, now=timezone.now(), approval=_approval(job), report=report
    )


def _reconcile(job: Job, report: Report) -> dict[str, Any]:
    run = record.reconcile(
        as_of=date.fromisoformat(job.options["as_of"]),
        policy=policy_named(job.options.get("policy", DEFAULT_POLICY.name)),
        now=timezone.now(),
        approval=_approval(job),
        report=report,
    )
    return run_report(run)


def _export(job: Job, report: Report) -> dict[str, Any]:
    scope = scope_for(job.requested_by) if job.requested_by else EVERYTHING
    name = f"discrepancies-{timezone.now():%Y-%m-%d}-{job.pk}.csv"
    target = job.options["target"] or settings.VAR_DIR / "exports" / name
    return export.export(
        target=Path(target),
        query=job.options["query"],
        run=job.options["run"],
        scope=scope,
        now=timezone.now(),
        report=report,
    )


def _tidy(job: Job, report: Report) -> dict[str, Any]:
    report("Thinning old snapshots", 0.1)
    return retention.thin(now=timezone.now())


WORK: dict[str, Callable[[Job, Report], dict[str, Any]]] = {
    Job.Kind.LOAD: _load,
    Job.Kind.RECONCILE: _reconcile,
    Job.Kind.EXPORT: _export,
    Job.Kind.TIDY: _tidy,
}


def run_report(run: Run) -> dict[str, Any]:
    """What a run found, as a job's result and the command's JSON."""
    counts = ["points", "mismatches", "in_flight", "watch", "new", "ongoing", "resolved", "regressed", "absent"]
    state = "look-back" if run.lookback else "published"
    return {
        "run": run.pk,
        "as_of": run.as_of.isoformat(),
        **{name: getattr(run, name) for name in counts},
        "state": state,
    }


def approve(*, job_id: int, by: User | None, now: datetime) -> Job:
    """Let a held job go on, up to the figures that were shown. Raises OperationError."""
    job = _get(job_id)
    ceilings = {guard["guard"]: guard["figure"] for guard in job.guards}
    options = job.options | {
        "ceilings": ceilings,
        "approved_by": by.get_username() if by else "",
        "approved_at": now.isoformat(),
    }
    return _requeue(job, Job.State.HELD, options, "Only a held job can be approved.")


def refuse(*, job_id: int, by: User | None, now: datetime) -> Job:
    """End a held job; nothing was written and nothing will be. Raises OperationError."""
    job = _get(job_id)
    message = f"Refused by {by.get_username() if by else 'the operator'}: {job.message}"
    changed = Job.objects.filter(pk=job_id, state=Job.State.HELD).update(
        state=Job.State.FAILED, message=message, finished_at=now
    )
    if not changed:
        raise OperationError("Only a held job can be refused.")
    _forget_file(job)
    return _get(job_id)


def run_again(*, job_id: int, by: User | None, now: datetime) -> Job:
    """Queue a failed or lost job once more. Raises OperationError."""
    job = _get(job_id)
    _mark_lost(now)
    return _requeue(job, (Job.State.FAILED, Job.State.LOST), job.options, "Only a failed or lost job can be run again.")


def requeue_lost(*, now: datetime) -> list[int]:
    """Notice jobs whose worker died and queue them again; gives every queued job, oldest first, to be sent."""
    _mark_lost(now)
    Job.objects.filter(state=Job.State.LOST, attempt__lt=ATTEMPTS).update(state=Job.State.QUEUED)
    return list(Job.objects.filter(state=Job.State.QUEUED).order_by("pk").values_list("pk", flat=True))


def sweep_up(*, now: datetime) -> list[str]:
    """Remove what killed workers left in the lake; gives the names of the folders."""
    used = {*Extract.objects.values_list("snapshot", flat=True), *Run.objects.values_list("snapshot", flat=True)}
    return store.sweep(used, now - SWEPT_AFTER)


def _requeue(job: Job, states: str | tuple[str, ...], options: dict[str, Any], otherwise: str) -> Job:
    states = (states,) if isinstance(states, str) else states
    changed = Job.objects.filter(pk=job.pk, state__in=states).update(
        state=Job.State.QUEUED, options=options, stage="", percent=0, message="", guards=[], finished_at=None
    )
    if not changed:
        raise OperationError(otherwise)
    return _get(job.pk)


def _get(job_id: int) -> Job:
    job = Job.objects.filter(pk=job_id).first()
    if job is None:
        raise OperationError(f"There is no job {job_id}.")
    return job


def _claim(job_id: int, now: datetime) -> Job | None:
    """Change queued to running in one statement, so that a job is taken once however often it was sent."""
    try:
        with transaction.atomic():
            taken = _take(job_id, now)
    except IntegrityError:
        _mark_lost(now)
        try:
            with transaction.atomic():
                taken = _take(job_id, now)
        except IntegrityError:
            running = Job.objects.filter(kind=Job.Kind.RECONCILE, state=Job.State.RUNNING).first()
            message = (
                f"A reconciliation is running already (job {running.pk if running else '?'}). Wait until it has ended."
            )
            Job.objects.filter(pk=job_id, state=Job.State.QUEUED).update(
                state=Job.State.FAILED, message=message, finished_at=now
            )
            return None
    return Job.objects.select_related("requested_by").get(pk=job_id) if taken else None


def _take(job_id: int, now: datetime) -> int:
    return Job.objects.filter(pk=job_id, state=Job.State.QUEUED).update(
        state=Job.State.RUNNING,
        attempt=F("attempt") + 1,
        started_at=now,
        heartbeat_at=now,
        stage="Starting",
        percent=0,
        message="",
    )


def _mark_lost(now: datetime) -> None:
    silent = now - timedelta(seconds=settings.LOST_AFTER_SECONDS)
    Job.objects.filter(Q(heartbeat_at__lt=silent), state=Job.State.RUNNING).update(
        state=Job.State.LOST, message="The worker stopped before it was done. Nothing was changed; run it again."
    )


def _finish(job: Job, state: Job.State, message: str) -> None:
    """Record the end, unless the job was given up as lost and taken by another worker in the meantime."""
    job.state, job.message, job.finished_at = state, message, timezone.now()
    job.percent = 100 if state == Job.State.DONE else job.percent
    Job.objects.filter(pk=job.pk, attempt=job.attempt, state__in=(Job.State.RUNNING, Job.State.LOST)).update(
        state=state,
        message=message,
        result=job.result,
        guards=job.guards,
        percent=job.percent,
        finished_at=job.finished_at,
    )


def _approval(job: Job) -> Approval:
    return Approval(every=job.options.get("every_guard", False), ceilings=job.options.get("ceilings"))


def _forget_file(job: Job) -> None:
    """Remove an uploaded file that is no longer needed; a file loaded from elsewhere on the machine is its owner's."""
    path = Path(job.options.get("path", ""))
    if path.parent == settings.VAR_DIR / "incoming":
        path.unlink(missing_ok=True)


def _machine_trouble(error: BaseException) -> str:
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    if re.search(r"no space left|disk (is )?full|write error|file too large", text, re.IGNORECASE):
        return "The disk is full. Nothing was changed. Make room and run it again."
    if "No files found" in text:
        return f"A snapshot is missing from the lake ({text}). Restore the lake's folder from the backup."
    if isinstance(error, MemoryError | duckdb.OutOfMemoryException):
        return "The work needed more memory than ENGINE_MEMORY allows. Nothing was changed. Raise it and run it again."
    return f"The machine could not do it: {text}. Nothing was changed; run it again."
