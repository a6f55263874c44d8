"""The cohorts of a party, and which of their rows are mended, open, worse or absent by each run since.

In: an actor, at whose desk they are. Out: dataclasses, counts summed by the database. Called by the pages of cohorts
and the API. Counted are the rows that the party sees today; `unseen` says how many it does not see any more.
"""

from collections import Counter
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Count, QuerySet

from reconcile.domain.cohorts import Fate
from reconcile.models import Cohort, CohortMember, CohortMove, Run

from ..actors import Actor, Desk, Right
from ..frozen import members_at, of_desk, runs_of

Row = TypeVar("Row", CohortMember, CohortMove)
Counts = dict[str, int]
"""Fate -> rows; every fate has a number."""


@dataclass(frozen=True)
class CohortRow:
    """A cohort with what the newest run made of it."""

    cohort: Cohort
    counts: Counts
    may_change: bool

    @property
    def seen(self) -> int:
        """The members that the party sees today."""
        return sum(self.counts.values())

    @property
    def unseen(self) -> int:
        """Those that it does not see any more: they have another supplier or network now."""
        return self.cohort.size - self.seen


@dataclass(frozen=True)
class AtRun:
    """What a run made of a cohort."""

    run: Run
    counts: Counts


@dataclass(frozen=True)
class CohortFound:
    """A cohort with the run that it was frozen at and each since, the oldest first."""

    row: CohortRow
    runs: list[AtRun]


def cohorts(*, actor: Actor) -> list[CohortRow]:
    """Those of the actor's party, the newest first; none for who works for no party."""
    desk = actor.desk
    if desk is None:
        return []
    found = list(of_desk(desk).select_related("run").order_by("-pk"))
    counted = _seen(desk, CohortMember.objects.filter(cohort__in=found)).values_list("cohort", "fate")
    counts: dict[int, Counter[str]] = {}
    for cohort, fate, rows in counted.annotate(rows=Count("pk")):
        counts.setdefault(cohort, Counter())[fate] = rows
    return [CohortRow(one, _whole(counts.get(one.pk, Counter())), _may_change(actor, desk, one)) for one in found]


def cohort(*, actor: Actor, cohort_id: int) -> CohortFound | None:
    """One of them with its runs, or None."""
    desk = actor.desk
    one = of_desk(desk).filter(pk=cohort_id).select_related("run").first() if desk else None
    if desk is None or one is None:
        return None
    members = _seen(desk, CohortMember.objects.filter(cohort=one))
    counts = Counter(dict(members.values_list("at_first").annotate(rows=Count("pk"))))
    moves: dict[int, list[tuple[str, str, int]]] = {}
    moved = _seen(desk, CohortMove.objects.filter(cohort=one)).values_list("run", "before", "after")
    for run, before, after, rows in moved.annotate(rows=Count("pk")):
        moves.setdefault(run, []).append((before, after, rows))
    runs = []
    for run in runs_of(one.pk):
        for before, after, rows in moves.get(run.pk, []):
            counts[before] -= rows
            counts[after] += rows
        runs.append(AtRun(run, _whole(counts)))
    return CohortFound(CohortRow(one, runs[-1].counts, _may_change(actor, desk, one)), runs)


def cohort_members(
    *, actor: Actor, cohort_id: int, fate: str = "", run: int | None = None
) -> QuerySet[CohortMember] | None:
    """The members that the party sees today, by id of their discrepancies; None where it has no such cohort."""
    desk = actor.desk
    if desk is None or not of_desk(desk).filter(pk=cohort_id).exists():
        return None
    found = _seen(desk, members_at(cohort_id, fate, run))
    return found.select_related("discrepancy").order_by("discrepancy")


def _seen(desk: Desk, rows: QuerySet[Row]) -> QuerySet[Row]:
    return rows if desk.sight.everything else rows.filter(desk.sight.condition("discrepancy__"))


def _whole(counts: Counter[str]) -> Counts:
    return {fate.value: counts[fate.value] for fate in Fate}


def _may_change(actor: Actor, desk: Desk, one: Cohort) -> bool:
    own = actor.person is not None and one.maker_id == actor.person.pk
    return desk.may(Right.WORK) and (own or desk.may(Right.MANAGE_WORK))
