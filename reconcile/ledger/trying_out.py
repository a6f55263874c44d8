"""A sample market on the spot, for whoever wants to see the product before they have files: made, loaded, reconciled.

In: who asks, the time, a report. Out: its newest run. Called by ledger.work, and by ledger.operations.
"""

import re
from datetime import date, datetime
from pathlib import Path

from reconcile.domain.policies import DEFAULT_POLICY
from reconcile.feeds.order import in_order
from reconcile.lake import store
from reconcile.models import Extract, Job, Run
from reconcile.sample.make import make_sample, newest_day

from . import loading, record
from .actors import Actor
from .guards import Approval
from .heartbeat import Report
from .jobs import Kind, OperationError

POINTS, DAYS = 4_000, 3
SEED = 1
MADE_AT = 0.2
"""The share of the work that is done when its files are made."""
DATED = re.compile(r"\d{4}-\d\d-\d\d")


def refuse_beside_data() -> None:
    """Raises OperationError where anything is loaded, or a sample market is on its way: invented data stay alone."""
    if Extract.objects.exists() or Run.objects.exists():
        raise OperationError("There is data here already. A sample market is only taken where nothing is loaded.")
    if Job.objects.filter(kind=Kind.SAMPLE, state__in=(Job.State.QUEUED, Job.State.RUNNING)).exists():
        raise OperationError("A sample market is on its way already.")


def take(*, by: Actor, asked_at: datetime, now: datetime, report: Report) -> Run:
    """Make a small market and bring every day of it in. Begun anew, it goes on where it was: files load once."""
    with store.scratch() as folder:
        made = _part(report, 0, MADE_AT)
        make_sample(
            folder / "market",
            points=POINTS,
            days=DAYS,
            seed=SEED,
            last_day=newest_day(asked_at),
            progress=lambda share, words: made(words, share),
        )
        days = sorted(path for path in (folder / "market").iterdir() if path.is_dir())
        size = (1 - MADE_AT) / len(days)
        for number, day in enumerate(days):
            run = _bring_in(day, by=by, now=now, report=_part(report, MADE_AT + size * number, size))
    return run


def _part(report: Report, start: float, size: float) -> Report:
    """The report of a part of the work. Its end is not the last word, after which nothing can stop it."""
    return lambda words, share: report(words, min(start + size * share, 0.99))


def _bring_in(day: Path, *, by: Actor, now: datetime, report: Report) -> Run:
    """Load every file of a day and reconcile it; its guards are answered, for the market is invented."""
    answered = Approval(every=True, by=by.name, at=now.isoformat(), reason="It is a sample market.")
    files = in_order(day.iterdir())[0]
    for number, path in enumerate(files):
        report(f"Loading {path.name}", number / len(files))
        dated = DATED.search(path.name)
        request = loading.Request(path, path.name, None, date.fromisoformat(dated[0]) if dated else None, None)
        loading.load(request=request, by=by, now=now, approval=answered, report=_part(report, number / len(files), 0))
    as_of = date.fromisoformat(day.name)
    return record.reconcile(as_of=as_of, policy=DEFAULT_POLICY, now=now, approval=answered, report=report)
