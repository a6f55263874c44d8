"""A person says that an extract is wrong, or right after all: with a reason, and on record.

In: an actor who may decide, an extract, why. Out: what was Marked. Re-exported by ledger.operations.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from reconcile.domain.tables import Table
from reconcile.models import Extract, Job, Withdrawal

from . import asking, limits, withdrawn
from .actors import MACHINE, Actor, NotAllowed, Right
from .audit import What, note
from .jobs import Kind, OperationError

BESIDE_RUNS = (Table.ALERTS, Table.FIRMWARE_UPDATES, Table.COVERAGE, Table.READS)
"""What the queue of alerts and the answers about WAN coverage are made of, which no run waits for."""
LONGEST_REASON = 500
"""Characters of a reason that are kept."""


@dataclass(frozen=True)
class Marked:
    """A withdrawal that was made or taken back, and the job that works out what rests on it beside runs, if any."""

    withdrawal: Withdrawal
    job: Job | None


def withdraw(*, actor: Actor, extract_id: int, reason: str, now: datetime) -> Marked:
    """Let no run read an extract any more, because it is wrong. Nothing is deleted, and it can be taken back."""
    return _mark(withdrawn.withdraw, What.WITHDREW, actor=actor, extract_id=extract_id, reason=reason, now=now)


def take_back(*, actor: Actor, extract_id: int, reason: str, now: datetime) -> Marked:
    """Take a withdrawal back: the next run reads the extract again."""
    return _mark(withdrawn.take_back, What.TOOK_BACK, actor=actor, extract_id=extract_id, reason=reason, now=now)


def _mark(
    mark: Callable[..., Withdrawal], what: What, *, actor: Actor, extract_id: int, reason: str, now: datetime
) -> Marked:
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
            marked = Marked(row, _anew(now) if extract.table in BESIDE_RUNS else None)
    except withdrawn.CannotWithdraw as problem:
        raise OperationError(str(problem)) from problem
    return marked


def _anew(now: datetime) -> Job:
    """A job for the machine: what waits for coverage, and all alerts that are open, for which nobody is to wait."""
    options: dict[str, object] = {}
    return asking.ask(
        actor=MACHINE, kind=Kind.ALERTS, title="Bring alerts and coverage up to date", options=options,
        limit_seconds=limits.seconds_for(Kind.ALERTS, options), now=now,
    )  # fmt: skip
