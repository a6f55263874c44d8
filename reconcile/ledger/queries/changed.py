"""What alerts of changes of status say of one Meter Point, for its timeline.

In: a number. Out: Alerts. Called by points.
"""

from reconcile.domain.alerts import meaning_of
from reconcile.models import Alert


def status_changes(mpxn: int) -> list[Alert]:
    """The alerts that say something of the status of a device there, the oldest first; of files that count."""
    told = Alert.objects.filter(mpxn=mpxn, sort="status", extract__withdrawn_at=None).order_by("sent_at", "id")
    return [one for one in told if meaning_of(one.code, one.change)]
