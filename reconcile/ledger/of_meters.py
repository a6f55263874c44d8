"""What filters of what the inventory says of meters mean for discrepancies.

In: a value as the filter takes it. Out: a condition. Called by ledger.filters.
"""

from datetime import date

from django.db.models import Q

from reconcile.domain.smets import SMETS1_REGION, VERSIONS, Generation
from reconcile.models import MeterKind


def of_kind(**said: str) -> Q:
    """The discrepancies at meters that the inventory describes so."""
    return Q(kind__in=MeterKind.objects.filter(**said))


OF_SMETS1 = Q(csp_region__iexact=SMETS1_REGION)
KINDS_OF = {
    Generation.SMETS1: OF_SMETS1 | Q(smets__iregex=VERSIONS[Generation.SMETS1]),
    Generation.SMETS2: ~OF_SMETS1 & Q(smets__iregex=VERSIONS[Generation.SMETS2]),
}
"""The kinds of meters that are told to be of a generation, as domain.smets.generation says it of one."""


def of_generation(wanted: str) -> Q:
    """The discrepancies at meters of a generation, at meters of which nobody says it, or where there is none."""
    if wanted in KINDS_OF:
        return Q(kind__in=MeterKind.objects.filter(KINDS_OF[Generation(wanted)]))
    told = Q(kind__in=MeterKind.objects.filter(Q(*KINDS_OF.values(), _connector=Q.OR)))
    return ~told & (Q(mask=0) if wanted == Generation.NO_METER else ~Q(mask=0))


def commissioned_in(month: str) -> Q:
    """The discrepancies at meters commissioned in a month, as YYYY-MM."""
    year, number = map(int, month.split("-"))
    return Q(commissioned__gte=date(year, number, 1), commissioned__lt=date(year + number // 12, number % 12 + 1, 1))
