"""A replay is asked for, and done by the worker that takes its job and by whoever helps: each takes a day at a time.

In: keyword arguments, the actor first, whose right is asked; a job. Out: the Job, its result. Raises OperationError,
NotAllowed, TooManyJobs. Re-exported by ledger.operations; called by ledger.work.
"""

import logging
import time
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction

from reconcile.domain.days import today
from reconcile.domain.policies import DEFAULT_POLICY, UnknownPolicy, reading_named
from reconcile.models import Job

from .. import asking, jobs, limits
from ..actors import Actor, Right
from ..audit import What, note
from ..heartbeat import Report, beating
from ..inputs import NothingToReconcile
from ..jobs import Kind, OperationError
from ..ownership import must_own_lake
from ..queries.replayed import Replayed, replayed_days
from .days import Beating, Day, day_of, days_of, kept, left, let_damaged_go, work_out

logger = logging.getLogger(__name__)
MOST_DAYS = 3_660
WAIT_SECONDS = 0.2
"""Between two looks whether others have finished the days that they are at."""


def start_replay(*, actor: Actor, first: date, last: date, policy: str = DEFAULT_POLICY.name, now: datetime) -> Job:
    """Ask for every day from the first to the last to be judged under a policy. Nothing of it is published."""
    try:
        chosen = reading_named(policy)
    except UnknownPolicy as error:
        raise OperationError(str(error)) from error
    _refuse_range(first, last, today(now))
    options = {"from": first.isoformat(), "to": last.isoformat(), "policy": chosen.name}
    title = f"Replay {first:%-d %b %Y} to {last:%-d %b %Y} under {chosen.name}"
    limit = limits.seconds_for(Kind.REPLAY, options)
    with transaction.atomic():
        job = asking.ask(actor=actor, kind=Kind.REPLAY, title=title, options=options, limit_seconds=limit, now=now)
        if actor.person:
            note(actor=actor, what=What.ASKED, now=now, job=job.pk, about=title)
    return job


def _refuse_range(first: date, last: date, newest: date) -> None:
    if last < first:
        raise OperationError(f"The last day, {last:%-d %b %Y}, is before the first, {first:%-d %b %Y}.")
    if last > newest:
        raise OperationError(f"{last:%-d %b %Y} is still to come.")
    if (last - first).days >= MOST_DAYS:
        raise OperationError(f"A replay is of {MOST_DAYS:,} days at most.")


def do_job(job: Job, asker: Actor, report: Report) -> dict[str, Any]:
    """Judge the days that nobody has judged, beside whoever helps, until all are there; then sum them.

    Raises NothingToReconcile, Damaged.
    """
    first, last = _range(job)
    report("Choosing the files of each day", 0)
    days, gone = days_of(first, last, reading_named(job.options["policy"]))
    if not days:
        raise NothingToReconcile(
            f"No day from {first:%-d %b %Y} to {last:%-d %b %Y} has both sides: their files were never loaded, or "
            "were thinned away."
        )
    let_damaged_go(days)
    _work_out_all(days, partial(beating, job), report)
    judged = list(kept(days).values_list("pk", flat=True))
    found = replayed_days(scope=asker.scope_of(Right.RECONCILE), ids=judged)
    return {**job.options, **_totals(found), "not_judged": list(map(date.isoformat, gone)), "replayed": judged}


def _range(job: Job) -> tuple[date, date]:
    return date.fromisoformat(job.options["from"]), date.fromisoformat(job.options["to"])


def _totals(found: Replayed | None) -> dict[str, Any]:
    if found is None:
        return {"days": 0}
    total = found.total
    return {"days": len(found.days), "wrong_days": total.wrong, "flag_changes": total.changes.total()}


def _work_out_all(days: Sequence[Day], at: Beating, report: Report) -> None:
    """In order, each that is neither done nor taken; what others are at is waited for, and taken where they died."""
    while open_days := left(days):
        worked = 0
        for day in open_days:
            done = len(days) - len(left(days))
            report(f"Judging {day.as_of:%-d %b %Y}: {done:,} of {len(days):,} days are done", done / len(days) * 0.99)
            worked += work_out(day, at)
        if not worked:
            time.sleep(WAIT_SECONDS)


def days_to_share(*, actor: Actor, job: Job) -> list[date]:
    """The days of a replay, each of which another worker may take; none of any other job."""
    actor.must(Right.RUN_JOBS)
    if job.kind != Kind.REPLAY:
        return []
    first, last = _range(job)
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def replay_day(*, actor: Actor, job_id: int, as_of: date, now: datetime) -> bool:
    """Help with a replay that is worked on: judge one of its days, if nobody has or is at it; gives whether it was."""
    actor.must(Right.RUN_JOBS)
    must_own_lake()
    job = Job.objects.filter(pk=job_id, kind=Kind.REPLAY, state=jobs.RUNNING, cancel_asked_at=None).first()
    if job is None:
        return False
    try:
        return work_out(day_of(as_of, reading_named(job.options["policy"])), partial(beating, job))
    except Exception:
        # Whoever has the job comes to the same day, and says of it what there is to say.
        logger.exception("The day %s of job %s could not be judged", as_of, job_id)
        return False
