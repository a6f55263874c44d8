"""Discrepancies that an alert since the inventory contradicts, kept as rows so that every list counts the same.

In: the time. Out: Contradictions, changed where something is so no more. Called by taking_in.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from django.db import transaction

from reconcile.domain.days import today
from reconcile.domain.policies import policy_named
from reconcile.domain.policy import Policy, truth_table
from reconcile.domain.rules import RULES, discrepancy_id
from reconcile.feeds.values.devices import eui_64_text
from reconcile.lake import contradicting, store
from reconcile.models import Contradiction, Discrepancy

from ..inputs import alerts_now, latest_run, of_run

AT_ONCE = 500
"""Keys that one statement asks for."""
Told = tuple[datetime, str, str]
"""When the alert was sent, its code, and its device."""


def refresh(*, now: datetime) -> int:
    """Bring them up to date with the newest run and every alert that is loaded; gives how many there are."""
    found = dict(_found(today(now)))
    with transaction.atomic():
        standing = {one.discrepancy_id: one for one in Contradiction.objects.all()}
        gone = [one.pk for key, one in standing.items() if found.get(key) != (one.sent_at, one.code, one.device_id)]
        Contradiction.objects.filter(pk__in=gone).delete()
        kept = {key for key, one in standing.items() if one.pk not in set(gone)}
        Contradiction.objects.bulk_create(
            Contradiction(discrepancy_id=key, sent_at=sent_at, code=code, device_id=device)
            for key, (sent_at, code, device) in sorted(found.items())
            if key not in kept
        )
    return len(found)


def _found(day: date) -> Iterator[tuple[int, Told]]:
    """The discrepancies that the newest run found and an alert contradicts."""
    run = latest_run()
    alerts = alerts_now(run) if run else ()
    if run is None or not alerts:
        return
    inputs, policy = replace(of_run(run).inputs, alerts=alerts, changes_until=day), policy_named(run.policy)
    with store.scratch() as folder:
        points = contradicting.contradicted(inputs, policy, workdir=folder).to_pylist()
    by_it: dict[int, dict[str, Any]] = {}
    for point in points:
        by_it |= {discrepancy_id(point["mpxn"], rule): point for rule in _rules(policy) if rule != point["rule"]}
    keys = sorted(by_it)
    for first in range(0, len(keys), AT_ONCE):
        asked = keys[first : first + AT_ONCE]
        rows = Discrepancy.objects.filter(pk__in=asked, resolved_on=None, last_seen=None)
        for key in rows.values_list("pk", flat=True):
            point = by_it[key]
            yield key, (point["sent_at"].replace(tzinfo=UTC), point["code"], eui_64_text(point["device_id"]))


def _rules(policy: Policy) -> list[str]:
    """The rules of the truth table: others do not rest on statuses alone."""
    broken = {row.verdict.rule for row in truth_table(policy)}
    return [rule for rule in RULES if rule in broken]
