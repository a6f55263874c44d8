"""The files that were loaded, and their load reports.

In: a scope. Out: Extract rows. A load report names the rejected lines to those only who may read anyone's.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet, Subquery

from reconcile.domain.tables import Table
from reconcile.models import Extract, ExtractNetwork, Run, RunInput, Withdrawal

from ..access import Scope
from ..actors import Actor, Right
from ..rejected import by_fault
from .common import Approved, approved, latest_run, points_of
from .order import in_order

ORDERS = {name: (name,) for name in ("as_of", "rows", "rejects", "loaded_at")}


@dataclass(frozen=True)
class LoadReport:
    """One extract: its Network Parties within the scope, why lines were rejected, the runs that used it.

    `approval`: whose word let it pass where a guard held it, for those who see everything.
    `withdrawals`: every one, the newest first.
    """

    extract: Extract
    networks: list[ExtractNetwork]
    reasons: list[tuple[str, int, int | None]]
    warnings: list[str]
    rejects_file: str
    read_by: dict[str, Any]
    approval: Approved | None
    withdrawals: list[Withdrawal]
    runs: list[Run]


def extracts(*, scope: Scope, sort: str = "") -> QuerySet[Extract]:
    """Extracts, the newest data date first: inventories for every member, registrations of one's own networks."""
    rows = in_order(Extract.objects.select_related("loaded_by").order_by("-as_of", "-id"), sort, ORDERS)
    if scope.everything:
        return rows
    if not (scope.networks or scope.suppliers):
        return rows.none()
    covered = ExtractNetwork.objects.filter(own_networks(scope)).values("extract")
    return rows.filter(~Q(table=Table.FLAGS) | Q(pk__in=Subquery(covered)))


def lacking(*, scope: Scope) -> list[str]:
    """The tables that a run needs and no file gives that is loaded and still counts."""
    there = set(extracts(scope=scope).filter(withdrawn_at=None).order_by().values_list("table", flat=True).distinct())
    return [table for table in (Table.FLAGS, Table.DEVICES) if table not in there]


def read_by(*, scope: Scope, extract: Extract) -> dict[str, Any] | None:
    """What a person said that the file was read by (name, kind, columns, values), as the load report has it.

    None where its headings spoke for themselves, and for those who do not see everything: words of the file are in it.
    """
    found: dict[str, Any] | None = extract.report.get("read_by")
    return found if scope.everything else None


def own_networks(scope: Scope) -> Q:
    """The networks a person works for, and those with Meter Points of the suppliers they work for."""
    if scope.everything:
        return Q()
    return Q(network__in=scope.networks) | Q(network__in=points_of(scope, latest_run()).values("network"))


def extract(*, actor: Actor, extract_id: int) -> LoadReport | None:
    """The load report of an extract that the actor may see, or None."""
    scope = actor.scope
    found = extracts(scope=scope).filter(pk=extract_id).first()
    if found is None:
        return None
    report: dict[str, Any] = found.report
    networks = ExtractNetwork.objects.filter(own_networks(scope), extract=found).select_related("network")
    inputs = RunInput.objects.filter(extract=found).values("run")
    return LoadReport(
        extract=found,
        networks=list(networks.order_by("network__code")),
        reasons=by_fault(report),
        warnings=report.get("warnings", []) if scope.everything else [],
        rejects_file=report.get("rejects_file", "") if actor.may(Right.READ_REJECTS) else "",
        read_by=read_by(scope=scope, extract=found) or {},
        approval=approved(scope, report),
        withdrawals=list(Withdrawal.objects.filter(extract=found).order_by("-pk")),
        runs=list(Run.objects.filter(pk__in=inputs).order_by("-as_of", "-id")[:10]),
    )
