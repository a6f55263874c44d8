"""Alerts of files that were withdrawn leave the queue, and come back should the withdrawal be taken back.

In: the time. Out: lines closed or opened again by the machine, with a version each. Nothing is deleted. Called by
taking_in, within its transaction.
"""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from django.db.models import Exists, Min, OuterRef

from reconcile.domain.alert_work import CLOSED, FILE_WITHDRAWN
from reconcile.domain.tables import Table
from reconcile.models import Alert, AlertLine, AlertVersion, AuditEntry, Extract

from ..actors import MACHINE
from ..audit import What, note
from ..inputs import readable

TAKEN_IN = "taken_in"
"""In the report of an extract of alerts: when its alerts came into the queue."""
COUNTED = Exists(Alert.objects.filter(line=OuterRef("pk"), extract__withdrawn_at=None))
"""A line with an alert of a file that counts."""


def forget_withdrawn() -> None:
    """Have files that may tell alerts of withdrawn ones read again: what they tell too stays in the queue."""
    gone = [one for one in Extract.objects.filter(table=Table.ALERTS).exclude(withdrawn_at=None) if _is_in(one)]
    since = Alert.objects.filter(extract__in=gone).aggregate(first=Min("sent_at"))["first"]
    others = readable().filter(table=Table.ALERTS, thinned_at=None, as_of__gte=since.date()) if since else []
    for extract in (*gone, *filter(_is_in, others)):
        report = {name: value for name, value in extract.report.items() if name != TAKEN_IN}
        Extract.objects.filter(pk=extract.pk).update(report=report)


def _is_in(extract: Extract) -> bool:
    return TAKEN_IN in extract.report


def reopen(*, now: datetime) -> None:
    """Open what was closed for its file, where that counts again: as it was before."""
    lines = AlertLine.objects.filter(COUNTED, state=CLOSED, outcome=FILE_WITHDRAWN).select_related("version__previous")
    for entry, line in _noted(lines, What.REOPENED_ALERTS, "the file counts again", now):
        before = line.version.previous if line.version else None
        line.state, line.outcome = (before.state, before.outcome) if before else ("open", "")
        _version(line, entry)
        if before is None:
            # Nobody has worked on it: it may become part of a storm again.
            AlertLine.objects.filter(pk=line.pk).update(version=None)


def close(*, now: datetime) -> None:
    """Close every line whose alerts are all of withdrawn files."""
    lines = AlertLine.objects.filter(~COUNTED).exclude(state=CLOSED)
    for entry, line in _noted(lines, What.CLOSED_ALERTS, FILE_WITHDRAWN, now):
        line.state, line.outcome, line.waiting = CLOSED, FILE_WITHDRAWN, False
        _version(line, entry)


def _noted(
    lines: Iterable[AlertLine], what: AuditEntry.What, about: str, now: datetime
) -> Iterable[tuple[AuditEntry, AlertLine]]:
    """The lines with an entry of the record for each network."""
    ordered = sorted(lines, key=lambda line: (line.network_id or 0, line.pk))
    for network, those in groupby(ordered, key=attrgetter("network_id")):
        some = list(those)
        entry = note(actor=MACHINE, what=what, now=now, party=network, rows=len(some), about=about)
        yield from ((entry, line) for line in some)


def _version(line: AlertLine, entry: AuditEntry) -> None:
    line.version = AlertVersion.objects.create(
        entry=entry, line=line, previous_id=line.version_id, state=line.state, assignee_id=line.assignee_id,
        outcome=line.outcome, noted_id=line.noted_id,
    )  # fmt: skip
    line.save(update_fields=["state", "outcome", "waiting", "version"])
