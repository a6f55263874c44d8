"""One Meter Point through its whole kept history, under any policy.

In: a MeterPoint, which a scope has admitted, and a policy. Out: Replay. Called by the Meter Point's pages and the API.
"""

from datetime import date

from reconcile.domain.policy import Policy
from reconcile.domain.replay import FlagStep, Replay, meter_steps, replay
from reconcile.domain.tables import Table
from reconcile.domain.timeline import Lane
from reconcile.domain.vocabulary import Flag
from reconcile.models import Extract

from .points import MeterPoint


def point_replay(*, of: MeterPoint, policy: Policy | None = None) -> Replay | None:
    """By a policy, or by that of the newest run; None where no extract of the run holds the point."""
    chosen = policy or of.policy
    if chosen is None or of.trace is None or of.run is None or not of.trace.in_registration:
        return None
    flags = [FlagStep(one.since, Flag(one.value) if one.value else None) for one in of.of_lane(Lane.FLAG) if one.since]
    shown = [one for one in of.trace.shown if of.is_meter(one.device_id)]
    return replay(chosen, flags, meter_steps(shown, _inventories(of)), of.run.as_of)


def _inventories(of: MeterPoint) -> set[date]:
    """The days of full inventories: a meter that one of them does not show has gone."""
    files = (one.extract for one in of.sources)
    return {one.as_of for one in files if one.table == Table.DEVICES and one.coverage == Extract.Coverage.FULL}
