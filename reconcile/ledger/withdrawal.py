"""A person says that an extract is wrong, or right after all: with a reason, and on record.

In: an actor who may decide, an extract, why. Out: the Withdrawal. Re-exported by ledger.operations.
"""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from reconcile.domain.tables import Table
from reconcile.models import Extract, Withdrawal

from . import alerting, waiting, withdrawn
from .actors import Actor, NotAllowed, Right
from .audit import What, note
from .jobs import OperationError

OF_ALERTS = (Table.ALERTS, Table.FIRMWARE_UPDATES)
"""What the queue of alerts is made of."""
LONGEST_REASON = 500
"""Characters of a reason that are kept."""


def withdraw(*, actor: Actor, extract_id: int, reason: str, now: datetime) -> Withdrawal:
    """Let no run read an extract any more, because it is wrong. Nothing is deleted, and it can be taken back."""
    return _mark(withdrawn.withdraw, What.WITHDREW, actor=actor, extract_id=extract_id, reason=reason, now=now)


def take_back(*, actor: Actor, extract_id: int, reason: str, now: datetime) -> Withdrawal:
    """Take a withdrawal back: the next run reads the extract again."""
    return _mark(withdrawn.take_back, What.TOOK_BACK, actor=actor, extract_id=extract_id, reason=reason, now=now)


def _mark(
    mark: Callable[..., Withdrawal], what: What, *, actor: Actor, extract_id: int, reason: str, now: datetime
) -> Withdrawal:
    actor.must(Right.DECIDE)
    extract = Extract.objects.filter(pk=extract_id).first()
    if extract is None:
        raise NotAllowed(f"There is no extract {extract_id} that {actor.name} may see.")
    why = reason.strip()[:LONGEST_REASON]
    if not why:
        raise OperationError("Say in words why. Nothing was changed.")
    try:
        with transaction.atomic():
            row = mark(extract, actor=actor, reason=why, now=now)
            note(actor=actor, what=what, now=now, extract=extract.pk, about=f"{extract.name}: {why}")
    except withdrawn.CannotWithdraw as problem:
        raise OperationError(str(problem)) from problem
    if extract.table in OF_ALERTS:
        alerting.bring_up_to_date(now=now)
    if extract.table == Table.COVERAGE:
        waiting.bring_up_to_date()
    return row
