"""What alerts of changes of status say of one Meter Point, and whether they contradict what the newest run found.

In: a number, its evidence and a policy. Out: Alerts; the one that contradicts a rule. Called by points.
"""

from datetime import date

from reconcile.domain.alerts import meaning_of, status_after
from reconcile.domain.policy import Policy
from reconcile.domain.vocabulary import Flag, Status
from reconcile.lake.trace import Trace
from reconcile.models import Alert


def status_changes(mpxn: int) -> list[Alert]:
    """The alerts that say something of the status of a device there, the oldest first; of files that count."""
    told = Alert.objects.filter(mpxn=mpxn, sort="status", extract__withdrawn_at=None).order_by("sent_at", "id")
    return [one for one in told if meaning_of(one.code, one.change)]


def contradicting(changes: list[Alert], trace: Trace, policy: Policy, inventory_on: date) -> Alert | None:
    """The newest alert since the inventory by which the point would not break the rule that it does; None for none."""
    statuses = {one.device_id: Status(one.status) for one in trace.devices if one.counts and one.status}
    fresh = [one for one in changes if one.sent_at.date() >= inventory_on and status_after(one.code, one.change)]
    for one in fresh:
        if (after := status_after(one.code, one.change)) and one.device_id in statuses:
            statuses[one.device_id] = after
    rule = trace.verdict.rule
    if not fresh or rule is None:
        return None
    judged = policy.judge(Flag(trace.flag) if trace.flag else None, frozenset(statuses.values()), trace.ever)
    return fresh[-1] if judged.rule != rule else None
