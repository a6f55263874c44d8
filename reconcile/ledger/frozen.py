"""Reading cohorts: which of a desk there are, the runs since one was frozen, its members by their fate at a run.

In: a desk, a cohort. Out: querysets. Called by the filter of work and by ledger.queries.
"""

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from reconcile.models import Cohort, CohortMember, CohortMove, Run

from .actors import Desk


def of_desk(desk: Desk) -> QuerySet[Cohort]:
    """The cohorts of a party."""
    return Cohort.objects.filter(party=desk.party)


def named(desk: Desk, number: str) -> list[tuple[str, str]]:
    """The cohort of that number, as (number, name), if there is one and it is the desk's."""
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return []
    return [(str(key), name) for key, name in of_desk(desk).filter(pk=int(number)).values_list("pk", "name")]


def runs_of(cohort: int) -> QuerySet[Run]:
    """The run that a cohort was frozen at and all that moved states since, the oldest first."""
    frozen_at = Cohort.objects.filter(pk=cohort).values("run")[:1]
    return Run.objects.filter(lookback=False, pk__gte=Subquery(frozen_at)).order_by("pk")


def members_at(cohort: int, fate: str = "", run: int | None = None) -> QuerySet[CohortMember]:
    """The members of a cohort that had a fate by a run; without a run by the newest, without a fate all of them."""
    members = CohortMember.objects.filter(cohort=cohort)
    if not fate or run is None:
        return members.filter(fate=fate) if fate else members
    later = CohortMove.objects.filter(cohort=cohort, discrepancy=OuterRef("discrepancy"), run__gt=run).order_by("run")
    # What a run made of it is what the next that moved it found.
    return members.annotate(then=Coalesce(Subquery(later.values("before")[:1]), F("fate"))).filter(then=fate)
