"""Who each chosen row is raised with, and one Raising for each of them.

In: the table `chosen`. Out: its columns who, target and raising. Called by ledger.working.changing.
"""

from datetime import datetime

from django.db import connection

from reconcile.domain.rules import RULES_OF_ACTOR
from reconcile.domain.work import ACTS
from reconcile.feeds.sql import literal
from reconcile.models import AuditEntry, Party, Raising

from ..actors import Desk
from .asked import Change, WorkError

BY_RULE = (
    "CASE "
    + " ".join(
        f"WHEN d.rule IN ({', '.join(literal(rule) for rule in rules)}) THEN {literal(who)}"
        for who, rules in RULES_OF_ACTOR.items()
    )
    + " END"
)
OF_ROW = (
    "CASE {who} WHEN 'supplier' THEN d.supplier_id WHEN 'network' THEN d.network_id "
    "WHEN 'registration' THEN d.network_id ELSE {operator} END"
)


def raise_(desk: Desk, asked: Change, entry: AuditEntry, now: datetime) -> None:
    """Fill `raising`. Raises WorkError where a row would be raised with the party itself."""
    who = BY_RULE if asked.to == ACTS else literal(asked.to)
    operator = Party.objects.filter(kind=Party.Kind.OPERATOR).order_by("pk").values_list("pk", flat=True).first()
    target = OF_ROW.format(who=who, operator=operator or "NULL")
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE chosen SET who = {who}, target = {target} FROM reconcile_discrepancy d WHERE d.id = chosen.id"
        )
        cursor.execute("SELECT who, target, count(*) FROM chosen GROUP BY who, target ORDER BY who, target")
        found = cursor.fetchall()
        own = sum(count for _, party, count in found if party == desk.party)
        if own:
            raise WorkError(f"{own:,} of these are for {desk.name} to act on, and nobody raises with themselves.")
        for code, party, _ in found:
            row = Raising.objects.create(
                entry=entry, party_id=desk.party, who=code, target_id=party, at=now,
                reference=asked.reference.strip(), chase=asked.due, words=asked.words.strip(),
            )  # fmt: skip
            cursor.execute(
                "UPDATE chosen SET raising = %s WHERE who = %s AND coalesce(target, 0) = %s", (row.pk, code, party or 0)
            )
