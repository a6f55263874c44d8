"""One Meter Point: what both sides say of it now, and the life of its discrepancies.

In: a scope and a number. Out: MeterPoint or None. Called by the Meter Point page.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from reconcile.domain.policies import policy_named
from reconcile.domain.rules import RULES, Rule
from reconcile.domain.vocabulary import POINT_STATUS_ADVICE, PointStatus, fuel_of
from reconcile.lake.flag_history import ToldFlag
from reconcile.lake.trace import Trace, trace, with_since
from reconcile.models import Discrepancy, Party, Run

from ..access import Scope
from ..filters import at_points
from ..inputs import of_run
from ..integrity import Damaged
from ..remarks import said_about
from .common import latest_run
from .confirmations import Confirmed, confirmed
from .discrepancies import LIFE, with_state
from .told_flags import told_flags

logger = logging.getLogger(__name__)
UNREADABLE = (
    "Files that the newest run read are missing or damaged. Whoever runs the product finds out which with "
    "`manage.py verify`, and restores them from the backup or loads them again."
)


@dataclass(frozen=True)
class Finding:
    """A rule that the point breaks or once broke."""

    rule: Rule
    discrepancy: Discrepancy


@dataclass(frozen=True)
class MeterPoint:
    """A Meter Point for its page. `trace` is None where no extract of the newest run knows the point.

    `broken`: what the newest run found; `findings`: that and whatever was found before. `warnings`: what is to be said
    of the data behind it.
    """

    mpxn: int
    fuel: str
    told_flags: list[ToldFlag]
    confirmed: list[Confirmed]
    trace: Trace | None
    network: Party | None
    supplier: Party | None
    broken: list[Finding]
    findings: list[Finding]
    warnings: list[str]

    @property
    def advice(self) -> str:
        """What the point's standing in registration means for whoever would mend its flag; empty for one in use."""
        status = self.trace.point_status if self.trace else None
        return POINT_STATUS_ADVICE[PointStatus(status)] if status else ""


def meter_point(*, scope: Scope, mpxn: int) -> MeterPoint | None:
    """A Meter Point within the scope, or None.

    A point that has left the registration is still shown to those in whose name its discrepancies stand.
    """
    newest = latest_run()
    rows = scope.narrow(Discrepancy.objects.filter(at_points(mpxn, mpxn)))
    rows = with_state(rows.select_related("network", "supplier").prefetch_related(LIFE), newest)
    history = list(rows.order_by("id"))
    evidence = _trace(newest, mpxn) if newest else None
    found = [Finding(RULES[row.rule], row) for row in history]
    in_registration = evidence is not None and evidence.in_registration
    admitted = evidence is not None and scope.admits(network=evidence.network, supplier=evidence.supplier)
    if not admitted and (in_registration or not history):
        return None
    return MeterPoint(
        mpxn=mpxn,
        fuel=fuel_of(mpxn),
        told_flags=told_flags(newest, mpxn) if newest and admitted else [],
        confirmed=confirmed(newest, mpxn) if newest and admitted else [],
        trace=evidence,
        network=_party(Party.Kind.NETWORK, evidence.network if evidence else None) or _last(history, "network"),
        supplier=_party(Party.Kind.SUPPLIER, evidence.supplier if evidence else None) or _last(history, "supplier"),
        broken=[one for one in found if evidence and one.rule.code in evidence.rules],
        findings=found,
        warnings=said_about(newest, [evidence.network or ""]) if newest and evidence else [],
    )


def evidence(*, scope: Scope, mpxn: int) -> Trace | None:
    """How the newest run judges a Meter Point, step by step; None outside the scope or where neither side knows it."""
    newest = latest_run()
    found = _trace(newest, mpxn) if newest else None
    return found if found and scope.admits(network=found.network, supplier=found.supplier) else None


def _trace(run: Run, mpxn: int) -> Trace | None:
    """Raises Damaged where the files that the run read cannot be read any more."""
    try:
        found = trace(of_run(run).inputs, policy_named(run.policy), mpxn)
    except duckdb.Error as error:
        logger.exception("What run %s read cannot be read", run.pk)
        raise Damaged(UNREADABLE) from error
    return _dated(found) if found and found.rules else found


def _dated(found: Trace) -> Trace:
    """Since when it has been so is the ledger's to say, for every run bounds it: one run alone knows less."""
    standing = Discrepancy.objects.filter(at_points(found.mpxn, found.mpxn), rule__in=found.rules, resolved_on=None)
    row = standing.order_by("id").first()
    return with_since(found, row.wrong_since_earliest, row.wrong_since_latest) if row else found


def _party(kind: str, code: str | None) -> Party | None:
    return Party.objects.filter(kind=kind, code=code).first() if code else None


def _last(history: Sequence[Discrepancy], kind: str) -> Party | None:
    return getattr(history[-1], kind) if history else None
