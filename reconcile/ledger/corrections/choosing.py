"""Which corrections there are to send of a selection, and what is left out and why.

In: an actor, a query string or ids. Out: Plan; a DuckDB with the table `lines`. Raises WorkError, NotAllowed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import duckdb
from django.conf import settings
from django.db.models import QuerySet
from django.http import QueryDict

from reconcile.domain.corrections import D0350, DXI, REJECTED, SENDABLE, LeftOut
from reconcile.domain.vocabulary import FIRST_MPAN, PointStatus
from reconcile.feeds.sql import literal
from reconcile.lake import store
from reconcile.models import CorrectionLine, Discrepancy, Party, Run

from .. import bulk
from ..access import Scope
from ..actors import Actor, Desk, NotAllowed, Right
from ..filters import DiscrepancyFilter
from ..inputs import latest_run
from ..work_filter import WorkFilter
from ..working import MOST_CHOSEN, WorkError

MOST_LINES = 900_000
"""Lines of a file: its instructions are numbered within a million of their own."""
READ = {
    "id": "BIGINT",
    "mpxn": "BIGINT",
    "network_id": "BIGINT",
    "supplier_id": "BIGINT",
    "rule": "VARCHAR",
    "flag": "VARCHAR",
    "expected": "VARCHAR",
    "undetermined": "BOOLEAN",
    "in_flight": "BOOLEAN",
    "registered": "BOOLEAN",
    "point_status": "VARCHAR",
    "last_seen": "DATE",
    "resolved_on": "DATE",
    "wrong_since_earliest": "DATE",
    "wrong_since_latest": "DATE",
}


@dataclass(frozen=True)
class Sender:
    """In whose name: the `party` whose people see the files (None: the operator's), and the rows that it sees.

    `desk`: at which work waits for the answers, None for the machine.
    """

    party: int | None
    scope: Scope
    desk: Desk | None


@dataclass(frozen=True)
class FilePlan:
    """A file to be: its kind, for which network, its place among those, its lines."""

    kind: str
    network: int
    part: int
    rows: int


@dataclass(frozen=True)
class Plan:
    """What would be sent: `count` corrections in `files`; `left_out`: why -> Meter Points. `filters`: in words."""

    run: Run
    count: int
    files: list[FilePlan]
    left_out: dict[str, int]
    filters: str
    query: str = ""
    ids: tuple[int, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {"corrections": self.count, "files": len(self.files), "left_out": self.left_out, "filters": self.filters}


def sender_of(actor: Actor) -> Sender:
    """Raises NotAllowed for who may not send corrections."""
    actor.must(Right.CORRECT)
    if actor.scope_of(Right.CORRECT).everything:
        desk = actor.desk if actor.desk and actor.desk.may(Right.CORRECT) else None
        return Sender(None, actor.scope_of(Right.CORRECT), desk)
    desk = actor.desk_with(Right.CORRECT)
    return Sender(desk.party, desk.sight, desk)


def planned(*, actor: Actor, query: str, ids: tuple[int, ...], most: int, now: datetime) -> Plan:
    """What a selection would send now. Raises WorkError, NotAllowed."""
    with chosen(actor=actor, query=query, ids=ids, most=most, now=now) as (_, plan):
        return plan


@contextmanager
def chosen(
    *, actor: Actor, query: str, ids: tuple[int, ...], most: int, now: datetime
) -> Iterator[tuple[duckdb.DuckDBPyConnection, Plan]]:
    """The plan, and a DuckDB whose table `lines` has its corrections. Raises WorkError, NotAllowed."""
    sender, run = sender_of(actor), latest_run()
    if run is None:
        raise WorkError("No run has been published yet, so nothing is known to be wrong.")
    if not 1 <= most <= MOST_LINES:
        raise WorkError(f"A file has between 1 and {MOST_LINES:,} lines.")
    rows, words = _rows(actor, sender, query, ids, run)
    with store.scratch() as folder, store.connected(folder) as con:
        bulk.read_rows(con, rows, READ, "found")
        bulk.read_rows(con, _standing(sender, now), {"mpxn": "BIGINT", "flag": "VARCHAR"}, "sent")
        con.execute(_judged(run))
        con.execute(_lines(run, most))
        yield con, _plan(con, run, words, query, ids)


def _rows(
    actor: Actor, sender: Sender, query: str, ids: tuple[int, ...], run: Run
) -> tuple[QuerySet[Discrepancy], str]:
    within = sender.scope.narrow(Discrepancy.objects.all())
    if not ids:
        asked = _filter(actor, sender, query, run)
        if problem := asked.problems_in_words():
            raise WorkError(f"The filter is not understood. {problem}")
        return asked.narrowed(within), asked.in_words()
    if len(ids) > MOST_CHOSEN:
        raise WorkError(f"At most {MOST_CHOSEN:,} rows can be chosen one by one; choose all that match instead.")
    rows = within.filter(pk__in=ids)
    if rows.count() != len(set(ids)):
        raise NotAllowed("Some of these rows are not there, or not yours.")
    return rows, f"{len(set(ids)):,} discrepancies that were ticked"


def _filter(actor: Actor, sender: Sender, query: str, run: Run) -> DiscrepancyFilter:
    """Of somebody at a desk the filter of their queue, in which work counts."""
    if actor.desk is None:
        return DiscrepancyFilter(QueryDict(query), scope=sender.scope, run=run)
    person = actor.person.pk if actor.person else None
    return WorkFilter(QueryDict(query), desk=actor.desk, person=person, run=run, scope=sender.scope)


def _standing(sender: Sender, now: datetime) -> QuerySet[CorrectionLine]:
    """What the same sender sent, was not rejected, and has not waited for long enough."""
    since = now - timedelta(days=settings.CORRECTION_DAYS)
    return CorrectionLine.objects.exclude(outcome=REJECTED).filter(
        file__correction__party=sender.party, file__correction__made_at__gt=since, file__correction__made_at__lte=now
    )


OUT_OF_USE = ", ".join(map(literal, (PointStatus.DISCONNECTED, PointStatus.TERMINATED)))
WHY: tuple[tuple[LeftOut, str], ...] = (
    (LeftOut.RESOLVED, "resolved_on IS NOT NULL"),
    (LeftOut.ABSENT, "last_seen IS NOT NULL"),
    (LeftOut.NOT_REGISTERED, "NOT registered"),
    (LeftOut.UNDETERMINED, "undetermined"),
    (LeftOut.RIGHT, "expected = flag"),
    (LeftOut.NO_FLAG, f"expected NOT IN ({', '.join(map(literal, SENDABLE))})"),
    (LeftOut.IN_FLIGHT, "in_flight"),
    (LeftOut.OUT_OF_USE, f"point_status IN ({OUT_OF_USE})"),
    (LeftOut.NO_SUPPLIER, f"supplier_id IS NULL AND mpxn >= {FIRST_MPAN}"),
    (LeftOut.SENT, "(mpxn, expected) IN (SELECT mpxn, flag FROM sent)"),
)
"""Why a discrepancy is not sent, as SQL over it, the first that holds."""


def _judged(run: Run) -> str:
    """Table `judged`: each Meter Point of the selection, with why it is left out, NULL where it is sent."""
    cases = " ".join(f"WHEN {test} THEN {place}" for place, (_, test) in enumerate(WHY))
    return f"""
        CREATE TABLE judged AS
        SELECT mpxn, any_value(network_id) AS network_id, any_value(supplier_id) AS supplier_id,
            nullif(max(place), {len(WHY)}) AS place,
            arg_max(flag, place) AS flag_before, arg_max(expected, place) AS flag,
            least(max(coalesce(wrong_since_latest, wrong_since_earliest, DATE '{run.as_of}')), DATE '{run.as_of}')
                AS flag_from,
            string_agg(rule, '+' ORDER BY id) AS rules
        FROM (SELECT *, CASE {cases} ELSE {len(WHY)} END AS place FROM found)
        GROUP BY mpxn
    """


def _lines(run: Run, most: int) -> str:
    """Table `lines`: what is sent, with its file among those to its network (`part`, from 0) and its place there."""
    return f"""
        CREATE TABLE lines AS
        SELECT *, (place_in_all - 1) // {most} AS part, (place_in_all - 1) % {most} AS place_in_file
        FROM (
            SELECT * EXCLUDE (place), if(mpxn >= {FIRST_MPAN}, {literal(D0350)}, {literal(DXI)}) AS kind,
                row_number() OVER (PARTITION BY network_id, mpxn >= {FIRST_MPAN} ORDER BY mpxn) AS place_in_all
            FROM judged WHERE place IS NULL
        )
    """


def _plan(con: duckdb.DuckDBPyConnection, run: Run, words: str, query: str, ids: tuple[int, ...]) -> Plan:
    files = con.execute(
        "SELECT kind, network_id, part, count(*) FROM lines GROUP BY ALL ORDER BY kind, network_id, part"
    ).fetchall()
    left = con.execute(
        "SELECT place, count(*) FROM judged WHERE place IS NOT NULL GROUP BY place ORDER BY place"
    ).fetchall()
    return Plan(
        run=run,
        count=sum(rows for *_, rows in files),
        files=[FilePlan(*row) for row in files],
        left_out={WHY[place][0].value: points for place, points in left},
        filters=words,
        query=query,
        ids=ids,
    )


def networks_of(plan: Plan) -> dict[int, Party]:
    """The networks that files go to, by their numbers."""
    return Party.objects.in_bulk({one.network for one in plan.files})
