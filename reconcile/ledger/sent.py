"""The corrections that were sent for Meter Points, as far as somebody may see them.

In: a scope. Out: querysets and conditions on discrepancies. Called by ledger.filters, ledger.frame, ledger.queries and
ledger.corrections.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.lookups import In
from django.utils import timezone

from reconcile.domain.corrections import Standing
from reconcile.models import Correction, CorrectionLine, Discrepancy

from .access import Scope


def corrections(scope: Scope) -> QuerySet[Correction]:
    """The sendings whose files somebody may have: those of their own party, or all."""
    rows = Correction.objects.select_related("party", "run")
    return rows if scope.everything else rows.filter(party__in=scope.networks | scope.suppliers)


def lines(scope: Scope) -> QuerySet[CorrectionLine]:
    """The lines that somebody may know of who sees their Meter Points: a party's own, and the operator's."""
    if scope.everything:
        return CorrectionLine.objects.all()
    own = Q(party=None) | Q(party__in=scope.networks | scope.suppliers)
    return CorrectionLine.objects.filter(file__correction__in=Correction.objects.filter(own))


def _of_row(scope: Scope) -> QuerySet[CorrectionLine]:
    """The lines sent for the discrepancy of an outer query since it was opened last."""
    return (
        lines(scope)
        .filter(
            mpxn=OuterRef("mpxn"), flag=OuterRef("expected"), file__correction__run__as_of__gte=OuterRef("opened_on")
        )
        .exclude(flag_before=OuterRef("expected"))
    )


def was_sent(answer: str, scope: Scope) -> Q:
    """The discrepancies for which a correction was sent, or not; or whose newest one stands so (Standing)."""
    found = _of_row(scope)
    if answer in {Standing.YES, Standing.NO}:
        return Q(Exists(found)) if answer == Standing.YES else ~Q(Exists(found))
    last = Subquery(found.order_by("-pk").values("pk")[:1])
    return Q(In(last, CorrectionLine.objects.filter(stands(answer, timezone.now())).values("pk")))


def stands(answer: str, now: datetime) -> Q:
    """The lines that stand so."""
    since = now - timedelta(days=settings.CORRECTION_DAYS)
    if answer in {Standing.ACCEPTED, Standing.REJECTED}:
        return Q(outcome=answer)
    if answer == Standing.UNANSWERED:
        return Q(outcome="", file__correction__made_at__lte=since)
    return Q(outcome="", file__correction__made_at__gt=since)


def discrepancies(scope: Scope) -> QuerySet[Any, int]:
    """The ids of those for which one was sent. Where nothing was sent at all, the rows are not looked at."""
    if not CorrectionLine.objects.exists():
        return Discrepancy.objects.none().values_list("pk", flat=True)
    return Discrepancy.objects.filter(was_sent("yes", scope)).order_by().values_list("pk", flat=True)


def newest(scope: Scope) -> QuerySet[CorrectionLine]:
    """The newest line that was sent for the discrepancy of an outer query; none where none was."""
    return _of_row(scope).order_by("-pk")[:1]
