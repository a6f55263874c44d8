"""What rests on extracts that were withdrawn: runs, and discrepancies that were never seen in anything else.

In: the ledger. Out: querysets. Called by ledger.compare, ledger.operations and ledger.queries.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet

from reconcile.domain.lifecycle import State
from reconcile.domain.rules import RULES
from reconcile.domain.tables import Table
from reconcile.models import Event, Extract, Party, Run, RunInput, Withdrawal

from .actors import Actor
from .inputs import STATUS_ALERTS

TWO_SIDES = (Table.FLAGS, Table.DEVICES)
EVIDENCE: dict[str, tuple[Table, ...]] = {
    "UPDATE_REJECTED": (Table.RESPONSES,),
    "METER_DIFFERS": (Table.DEVICES, Table.REGISTERED_METERS),
    "ALERT_ELSEWHERE": (Table.DEVICES, Table.ALERTS),
    "ALERTS_UNFLAGGED": (Table.FLAGS, Table.ALERTS),
    "A_NEVER_ALERTS": (*TWO_SIDES, Table.ALERTS),
    "A_SILENT": (*TWO_SIDES, Table.READS),
    "N_HEARD": (*TWO_SIDES, Table.READS, Table.ALERTS),
    "NOT_NOTIFIED": (Table.FLAGS, Table.DSP_STATUSES),
    "DSP_DIFFERS": (Table.DEVICES, Table.DSP_STATUSES),
    "DUPLICATE_FLAG": (Table.FLAGS,),
    "FUEL_MISMATCH": (Table.DEVICES,),
    "MANY_METERS": (Table.DEVICES,),
}
"""The tables that a rule is found broken in, where those are not the flags and the inventory."""


class CannotWithdraw(Exception):
    """The extract stands already as it is asked to; one plain sentence."""


def withdraw(extract: Extract, *, actor: Actor, reason: str, now: datetime) -> Withdrawal:
    """Mark an extract as not to be read any more. Raises CannotWithdraw."""
    try:
        with transaction.atomic():
            row = Withdrawal.objects.create(extract=extract, at=now, by=actor.person, name=actor.name, reason=reason)
            Extract.objects.filter(pk=extract.pk).update(withdrawn_at=now)
    except IntegrityError as error:
        raise CannotWithdraw(f"{extract.name} is withdrawn already.") from error
    return row


def take_back(extract: Extract, *, actor: Actor, reason: str, now: datetime) -> Withdrawal:
    """Let runs read an extract again. Raises CannotWithdraw."""
    standing = Withdrawal.objects.filter(extract=extract, taken_back_at=None)
    with transaction.atomic():
        row = standing.select_for_update().first()
        word = {"taken_back_by": actor.person, "taken_back_name": actor.name, "taken_back_reason": reason}
        if row is None or not standing.update(taken_back_at=now, **word):
            raise CannotWithdraw(f"{extract.name} is not withdrawn.")
        Extract.objects.filter(pk=extract.pk).update(withdrawn_at=None)
    row.refresh_from_db()
    return row


def openings_withdrawn(also: Extract | None = None) -> QuerySet[Event]:
    """The events that opened what is open though every run that has seen it since read something withdrawn for it.

    `also`: an extract that is asked about as if it were.
    """
    marked = Q(extract__withdrawn_at__isnull=False) | (Q(extract=also) if also else Q())
    gone = RunInput.objects.filter(marked, run__lookback=False)
    if not gone.exists():
        return Event.objects.none()
    opened = Event.objects.filter(
        after__in=(State.NEW, State.REGRESSED), on=F("discrepancy__opened_on"), discrepancy__resolved_on=None
    )
    resting = Q()
    for tables, rules in _rules_by_evidence().items():
        for network, runs in _runs_since_clean(gone.filter(_read_for(tables))).items():
            resting |= Q(discrepancy__rule__in=rules, discrepancy__network=network, run__in=runs)
    return opened.filter(resting) if resting else opened.none()


def _read_for(tables: tuple[Table, ...]) -> Q:
    """The inputs of rules that are found in these tables. In some runs alerts changed those of devices."""
    read = Q(extract__table__in=tables)
    if Table.DEVICES in tables:
        read |= Q(extract__table=Table.ALERTS, **{f"run__report__{STATUS_ALERTS}": True})
    return read


def _rules_by_evidence() -> dict[tuple[Table, ...], list[str]]:
    found: dict[tuple[Table, ...], list[str]] = {}
    for rule in RULES:
        found.setdefault(EVIDENCE.get(rule, TWO_SIDES), []).append(rule)
    return found


def _runs_since_clean(gone: QuerySet[RunInput]) -> dict[int, list[int]]:
    """For each network, the runs that read something of `gone` for it, since the last one that did not."""
    read = list(gone.values_list("run", "network", "extract__table"))
    # An update of flags is an input of its own, and once more for each network that it was applied to.
    for_all = {run for run, network, table in read if network is None and table != Table.FLAGS}
    found: dict[int, list[int]] = {}
    for network in Party.objects.filter(kind=Party.Kind.NETWORK).values_list("pk", flat=True):
        tainted = for_all | {run for run, of, _ in read if of == network}
        if since := _since_clean(network, tainted):
            found[network] = since
    return found


def _since_clean(network: int, tainted: Iterable[int]) -> list[int]:
    spoke = RunInput.objects.filter(network=network, run__lookback=False).values("run")
    clean = Run.objects.filter(pk__in=spoke).exclude(pk__in=tainted).order_by("-as_of", "-pk").first()
    later = Run.objects.filter(pk__in=tainted)
    if clean:
        later = later.filter(Q(as_of__gt=clean.as_of) | Q(as_of=clean.as_of, pk__gt=clean.pk))
    return list(later.values_list("pk", flat=True))
