"""One Meter Point for a machine: what its page shows, with dates as text.

In: a scope and a number. Out: a dictionary that JSON can be made of, or None. Called by `explain`.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from reconcile.domain.timeline import Shown
from reconcile.lake.trace import Trace

from ..access import Scope
from .points import Finding, meter_point


def explained(*, scope: Scope, mpxn: int) -> dict[str, Any] | None:
    """All of a Meter Point within the scope; None where there is none, or the newest run does not know it."""
    point = meter_point(scope=scope, mpxn=mpxn)
    if point is None or point.trace is None:
        return None
    found = _plain(
        {
            "mpxn": point.mpxn,
            "fuel": point.fuel,
            **_evidence(point.trace, point.kept.shown),
            "run": point.run.pk if point.run else None,
            "findings": [_in_short(one) for one in point.findings],
            "timeline": [asdict(one) for one in point.timeline],
            "sent": [one.facts() for one in point.sent],
            "sources": [one.facts() for one in point.sources],
            "warnings": point.warnings,
        }
    )
    return dict(found)


def _evidence(found: Trace, shown: Sequence[Shown]) -> dict[str, Any]:
    """What decides the verdict; what each file tells of the flag is said of the files."""
    facts = asdict(found) | {"shown": [asdict(one) for one in shown]}
    return {name: value for name, value in facts.items() if name != "told"}


def _in_short(one: Finding) -> dict[str, Any]:
    row = one.discrepancy
    events = [{"on": event.on, "before": event.before, "after": event.after} for event in row.events.all()]
    return {
        "rule": row.rule,
        "state": row.state,
        "first_seen": row.first_seen,
        "last_seen": row.seen,
        "events": events,
        "contradicted_on": row.contradicted_on,
    }


def _plain(value: Any) -> Any:
    """Anything with its dates as text."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value
