"""What withdrawing an extract would change, and the withdrawals that there were.

In: an actor and an extract. Out: Withdrawing. Called by the page, the command and the load report.
"""

from dataclasses import dataclass
from datetime import datetime

from reconcile.domain.days import today
from reconcile.models import Extract, Party, Run, RunInput, Withdrawal

from ..actors import Actor, Right
from ..inputs import newest_date, read_instead
from ..withdrawn import openings_withdrawn
from .extracts import extracts


@dataclass(frozen=True)
class Instead:
    """What the next run would read for a Network Party, or for all of them (None); None: nothing."""

    network: Party | None
    extract: Extract | None


@dataclass(frozen=True)
class Withdrawing:
    """An extract that may be withdrawn, or whose withdrawal (`standing`) may be taken back.

    `runs`: those that read it, newest first. `instead`: of what no other is read, empty. `resting`: open discrepancies
    that were seen in nothing else; the next run resolves those that it does not find.
    """

    extract: Extract
    standing: Withdrawal | None
    runs: list[Run]
    instead: list[Instead]
    resting: int


def withdrawing(*, actor: Actor, extract_id: int, now: datetime) -> Withdrawing | None:
    """An extract that the actor may withdraw, or None. Raises NotAllowed where they may withdraw none."""
    actor.must(Right.DECIDE)
    found = extracts(scope=actor.scope).filter(pk=extract_id).first()
    if found is None:
        return None
    read = RunInput.objects.filter(extract=found).values("run")
    return Withdrawing(
        extract=found,
        standing=Withdrawal.objects.filter(extract=found, taken_back_at=None).first(),
        runs=list(Run.objects.filter(pk__in=read).order_by("-as_of", "-pk")),
        instead=_instead(found, now),
        resting=openings_withdrawn(also=found).count(),
    )


def _instead(extract: Extract, now: datetime) -> list[Instead]:
    newest = newest_date(today(now))
    parties = {party.code: party for party in Party.objects.filter(kind=Party.Kind.NETWORK)}
    found = read_instead(extract, newest) if newest else []
    return [Instead(parties.get(code) if code else None, other) for code, other in found]
