"""Where a ghost leads: what stands open at its Meter Point, or why nothing does.

In: alerts of somebody's networks. Out: Ghosts. Called by queries.alerts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from reconcile.domain.alerts import is_sign_of_life
from reconcile.domain.triage import Class, GhostSeen, NotOpen, why_not_open
from reconcile.domain.vocabulary import Shows
from reconcile.models import Alert, Discrepancy

from ..access import Scope
from ..filters import at_points
from ..inputs import latest_run
from .points import evidence

MOST = 50
"""Ghosts of one line that are looked at; a storm of more says how many it has."""
LIVE = (Shows.COMMISSIONED, Shows.INSTALLED, Shows.SUSPENDED)


@dataclass(frozen=True)
class Ghost:
    """A Meter Point without a live meter that sends alerts: what stands open there, else why nothing does."""

    mpxn: int
    standing: list[Discrepancy]
    why_not: NotOpen | None


def ghosts(*, scope: Scope, alerts: Iterable[Alert]) -> list[Ghost]:
    """The ghosts among alerts, by number; the first MOST of them."""
    found = sorted((one for one in alerts if one.triaged == Class.GHOST and one.mpxn), key=attrgetter("mpxn", "id"))
    groups = [(mpxn, list(those)) for mpxn, those in groupby(found, key=attrgetter("mpxn"))]
    return [_ghost(scope, mpxn, those) for mpxn, those in groups[:MOST]]


def _ghost(scope: Scope, mpxn: int, alerts: list[Alert]) -> Ghost:
    rows = scope.narrow(Discrepancy.objects.filter(at_points(mpxn, mpxn), resolved_on=None))
    standing = list(rows.order_by("id"))
    return Ghost(mpxn, standing, None if standing else why_not_open(_seen(scope, mpxn, alerts)))


def _seen(scope: Scope, mpxn: int, alerts: list[Alert]) -> GhostSeen:
    run, spoke = latest_run(), [one for one in alerts if is_sign_of_life(one.code, one.change)]
    told = evidence(scope=scope, mpxn=mpxn)
    files = {one.extract_id for one in spoke}
    read = run is not None and run.inputs.filter(extract__in=files).exists()
    return GhostSeen(
        spoke_on=max((one.sent_at.date() for one in spoke), default=None),
        run_on=run.as_of if run else None,
        has_read=read and told is not None and told.shows not in LIVE,
        registered=told is not None and told.in_registration,
        flag_from=told.flag_from if told else None,
        unread=told is not None and (told.flag_unread or told.meter_unread),
    )
