"""Cohorts: rows are frozen together, so that every run that follows says what has become of them.

In: keyword arguments, the actor first, whose desk and right are asked. Out: the Cohort, or the Job that makes it.
Re-exported by ledger.operations, the one door for writes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import QueryDict

from reconcile.domain.days import today
from reconcile.models import Cohort, CohortMember, CohortMove, Discrepancy, Job, Run

from . import asking, queries
from .actors import Actor, Desk, NotAllowed, Right
from .audit import What, note
from .heartbeat import Report
from .inputs import latest_run
from .teamwork import check_key, queue
from .work_filter import within
from .working import MOST_CHOSEN, Selection, WorkError, entry_of, lock, write_members

LONGEST_NAME = 80
"""Characters."""
MOST_COHORTS = 100
"""That a party can have: each run looks at all of them."""


@dataclass(frozen=True)
class Frozen:
    """Which rows are frozen: named ones, all that a filter finds, or with `first` the first so many of it by `sort`."""

    of: Selection
    first: int | None = None
    sort: str = ""

    @property
    def size(self) -> int:
        """How many rows that is."""
        if not self.of.is_whole:
            return len(set(self.of.ids))
        count = self.of.count or 0
        return count if self.first is None else min(self.first, count)

    def checked(self) -> "Frozen":
        """Itself. Raises WorkError for what chooses nothing."""
        self.of.checked()
        if self.size < 1:
            raise WorkError("There is nothing to freeze.")
        if self.first is not None and not self.of.is_whole:
            raise WorkError("The first rows of a list are those of a filter: say which run and how many it finds.")
        if self.sort.removeprefix("-") not in {"", *queries.QUEUE_ORDERS}:
            raise WorkError(f"Rows cannot be sorted by “{self.sort[:30]}”, so nothing was frozen.")
        return self


def freeze(*, actor: Actor, name: str, rows: Frozen, request: str = "", now: datetime) -> Cohort | Job:
    """Freeze rows as a cohort, many of them as a job. The same `request` again gives the same.

    Raises NotAllowed, WorkError, TooManyJobs.
    """
    desk = actor.desk_with(Right.WORK)
    check_key(request)
    wanted = Wanted(actor, desk, name, rows.checked(), request, now)
    if done := entry_of(actor, request):
        return _made_by(done.pk)
    if rows.size <= MOST_CHOSEN:
        return _made(wanted)
    if waiting := asking.asked_before(actor, request):
        return waiting
    _must_be_new(desk, wanted.called)
    _chosen(wanted)
    return _ask(wanted)


@dataclass(frozen=True)
class Wanted:
    """Who wants which rows frozen, and as what; without a name they are called by their number and the day."""

    actor: Actor
    desk: Desk
    name: str
    rows: Frozen
    request: str
    now: datetime
    job: int | None = None

    @property
    def called(self) -> str:
        """The name. Raises WorkError for one that is too long."""
        number = f"Top {self.rows.size:,}" if self.rows.first else f"{self.rows.size:,} rows"
        name = " ".join(self.name.split()) or f"{number}, {today(self.now):%-d %b}"
        if len(name) > LONGEST_NAME:
            raise WorkError(f"A cohort's name has at most {LONGEST_NAME} characters.")
        return name


def _ask(wanted: Wanted) -> Job:
    of = wanted.rows.of
    options = {
        "cohort": wanted.called, "query": of.query, "run": of.run, "count": of.count, "first": wanted.rows.first,
        "sort": wanted.rows.sort,
    }  # fmt: skip
    title = f"Freeze {wanted.rows.size:,} discrepancies as “{wanted.called}”"
    return queue(wanted.actor, wanted.desk, title, options, request=wanted.request, now=wanted.now)


def do_job(job: Job, asker: Actor, now: datetime, report: Report) -> dict[str, Any]:
    """What a job of this kind does; gives its result. Its own number is its request, where it was given none."""
    desk, options = asker.desk_with(Right.WORK), job.options
    if desk.party != job.party:
        raise NotAllowed(f"{asker.name} works for another party now.")
    of = Selection(query=options["query"], run=options["run"], count=options["count"])
    rows = Frozen(of, options["first"], options["sort"])
    report("Freezing the rows", 0.1)
    request = job.request or f"job {job.pk}"
    wanted = Wanted(asker, desk, options["cohort"], rows, request, now, job.pk)
    cohort = _made(wanted, lambda: report("Freezing the rows", 1))
    return {"cohort": cohort.pk, "frozen": cohort.size, "name": cohort.name}


def _made(wanted: Wanted, last_word: Callable[[], None] = lambda: None) -> Cohort:
    with transaction.atomic():
        lock([wanted.desk.party])
        if done := entry_of(wanted.actor, wanted.request):
            return _made_by(done.pk)
        cohort = _new(wanted, *_chosen(wanted))
        last_word()
    return cohort


def _new(wanted: Wanted, rows: QuerySet[Discrepancy], run: Run, words: str) -> Cohort:
    name, party, size = wanted.called, wanted.desk.party, wanted.rows.size
    _must_be_new(wanted.desk, name)
    entry = note(
        actor=wanted.actor, what=What.COHORT, now=wanted.now, party=party, rows=size, job=wanted.job,
        request=wanted.request, about=f"“{name}”: frozen", filters=words,
    )  # fmt: skip
    cohort = Cohort.objects.create(
        party_id=party, name=name, run=run, size=size, filters=words, maker=wanted.actor.person,
        maker_name=wanted.actor.name, made_at=wanted.now, entry=entry.pk,
    )  # fmt: skip
    if write_members(cohort, rows) != size:
        raise WorkError("Some of these rows have gone meanwhile. Nothing was frozen: look at the rows again.")
    return cohort


def _must_be_new(desk: Desk, name: str) -> None:
    taken = set(Cohort.objects.filter(party=desk.party).values_list("name", flat=True))
    if name in taken:
        raise WorkError(f"There is a cohort called “{name}” already.")
    if len(taken) >= MOST_COHORTS:
        raise WorkError(f"At most {MOST_COHORTS} cohorts. Remove one first.")


def _chosen(wanted: Wanted) -> tuple[QuerySet[Discrepancy], Run, str]:
    """The rows, the newest run, and the filter in words. Raises WorkError, NotAllowed where a row is not theirs."""
    of, run = wanted.rows.of, latest_run()
    if run is None:
        raise WorkError("There is no run yet, so there is nothing to freeze.")
    if not of.is_whole:
        named = within(wanted.desk, of.ids)
        if named.count() != len(set(of.ids)):
            raise NotAllowed("Some of these rows are not there, or not yours.")
        return named, run, ""
    if run.pk != of.run:
        raise WorkError("Another run has been published since. Nothing was frozen: look at the rows again.")
    return _of_filter(wanted, run)


def _of_filter(wanted: Wanted, run: Run) -> tuple[QuerySet[Discrepancy], Run, str]:
    of, rows = wanted.rows.of, wanted.rows
    found = queries.work_list(actor=wanted.actor, filters=QueryDict(of.query), sort=rows.sort if rows.first else "mpxn")
    if found.problem:
        raise WorkError(f"The filter is not understood. {found.problem}")
    total = found.filters.found().count()
    if total != of.count:
        raise WorkError(
            f"The filter finds {total:,} rows now, not the {of.count:,} that you saw. Nothing was frozen: "
            "look at the rows again."
        )
    words = found.filters.in_words()
    if not rows.first:
        return found.rows.order_by(), run, words
    which = f"first {rows.size:,} by {rows.sort}" if rows.sort else f"worst {rows.size:,}"
    return found.first(rows.first), run, f"{words}; the {which}"


def rename_cohort(*, actor: Actor, cohort_id: int, name: str, now: datetime) -> Cohort:
    """Give a cohort another name. Raises NotAllowed, WorkError."""
    desk = actor.desk_with(Right.WORK)
    with transaction.atomic():
        lock([desk.party])
        cohort = _theirs(actor, desk, cohort_id)
        before, cohort.name = cohort.name, " ".join(name.split())
        if not cohort.name or len(cohort.name) > LONGEST_NAME:
            raise WorkError(f"Give the cohort a name of at most {LONGEST_NAME} characters.")
        if cohort.name != before:
            if Cohort.objects.filter(party=desk.party, name=cohort.name).exists():
                raise WorkError(f"There is a cohort called “{cohort.name}” already.")
            cohort.save()
            _tell(actor, cohort, f"renamed from “{before}”", now)
    return cohort


def remove_cohort(*, actor: Actor, cohort_id: int, now: datetime) -> None:
    """There is no such cohort any more; its rows stay as they are. Raises NotAllowed."""
    desk = actor.desk_with(Right.WORK)
    with transaction.atomic():
        lock([desk.party])
        cohort = _theirs(actor, desk, cohort_id)
        _tell(actor, cohort, "removed", now)
        CohortMove.objects.filter(cohort=cohort).delete()
        CohortMember.objects.filter(cohort=cohort).delete()
        cohort.delete()


def _theirs(actor: Actor, desk: Desk, cohort_id: int) -> Cohort:
    """A cohort that an actor may change: one that they froze, or any of the party's as its manager."""
    cohort = Cohort.objects.filter(pk=cohort_id, party=desk.party).first()
    if cohort is None or not (cohort.maker == actor.person or desk.may(Right.MANAGE_WORK)):
        raise NotAllowed(f"There is no cohort {cohort_id} that {actor.name} may change.")
    return cohort


def _made_by(entry: int) -> Cohort:
    cohort = Cohort.objects.filter(entry=entry).first()
    if cohort is None:
        raise WorkError("This request was done before, and what it made has been removed since.")
    return cohort


def _tell(actor: Actor, cohort: Cohort, what: str, now: datetime) -> None:
    about = f"“{cohort.name}”: {what}"
    note(actor=actor, what=What.COHORT, now=now, party=cohort.party_id, rows=cohort.size, about=about)
