"""What a file of assignments asks for is done: a version of each row, in a few statements, under one entry.

In: wishes, an entry. Called by ledger.work_file, within the transaction that locks the party.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import connection

from reconcile.domain.work import EXPLAINED
from reconcile.feeds.sql import literal
from reconcile.models import AuditEntry, Raising

from ..actors import Desk
from ..working import gravity, mentions
from ..working.changing import BLANK, KEPT, OF_STATE, Values, chosen, write
from .planning import Wish, With

COLUMNS = ("id", "assigns", "assignee", "state", "raising", "reason", "notes", "said")
TABLE = (
    "CREATE TEMPORARY TABLE told (id bigint PRIMARY KEY, assigns integer, assignee bigint, state text, raising bigint, "
    "reason text, notes integer, said text)"
)
MOVES = "told.state <> ''"


def write_wishes(entry: AuditEntry, desk: Desk, wishes: list[Wish], now: datetime) -> None:
    """Do what is wished for."""
    raisings = _raise(entry, desk, {wish.raised for wish in wishes if wish.raised}, now)
    with connection.cursor() as cursor, chosen() as choose:
        cursor.execute(TABLE)
        _fill(cursor, (_row(wish, raisings) for wish in wishes))
        choose("SELECT id FROM told", ())
        mentions.name_people(entry, desk, (wish.note for wish in wishes if wish.note))
        write(entry, desk.party, _values(entry), "JOIN told ON told.id = chosen.id")
        cursor.execute("DROP TABLE told")


def _raise(entry: AuditEntry, desk: Desk, asked: set[With], now: datetime) -> dict[With, int]:
    """One raising for each party, reference and words."""
    in_order = sorted(asked, key=lambda one: (one.who, one.target or 0, one.reference, one.words))
    rows = [
        Raising(
            entry=entry, party_id=desk.party, who=one.who, target_id=one.target, at=now, reference=one.reference,
            words=one.words,
        )
        for one in in_order
    ]  # fmt: skip
    made = Raising.objects.bulk_create(rows, batch_size=5000)
    return {one: row.pk for one, row in zip(in_order, made, strict=True)}


def _row(wish: Wish, raisings: dict[With, int]) -> tuple[Any, ...]:
    return (
        wish.row, int(wish.assignee is not None), wish.assignee or None, str(wish.state or ""),
        raisings[wish.raised] if wish.raised else None, wish.reason, int(wish.note is not None), wish.note or "",
    )  # fmt: skip


def _fill(cursor: Any, rows: Iterator[tuple[Any, ...]]) -> None:
    names = ", ".join(COLUMNS)
    if connection.vendor == "postgresql":
        with cursor.copy(f"COPY told ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute("ANALYZE told")
        return
    marks = ", ".join("?" * len(COLUMNS))
    # The driver's own: Django's would scan each statement's text for %s.
    cursor.cursor.connection.executemany(f"INSERT INTO told ({names}) VALUES ({marks})", rows)


def _values(entry: AuditEntry) -> Values:
    """What a row asks for; what it says nothing of stays."""
    of_state = {name: _where(MOVES, BLANK[name], KEPT[name][0]) for name in OF_STATE}
    given = {
        **of_state,
        "state": _where(MOVES, "told.state", KEPT["state"][0]),
        "raised_id": _where(MOVES, "told.raising", KEPT["raised_id"][0]),
        "reason": _where(MOVES, "told.reason", KEPT["reason"][0]),
        "gravity": _of_explained(gravity.SQL, "gravity"),
        "basis": _of_explained(gravity.BASIS, "basis"),
        "assignee_id": _where("told.assigns = 1", "told.assignee", KEPT["assignee_id"][0]),
        "noted_id": _where("told.notes = 1", str(entry.pk), KEPT["noted_id"][0]),
        "said": _where("told.notes = 1", "told.said", KEPT["said"][0]),
    }
    return {name: (sql, ()) for name, sql in given.items()}


def _of_explained(sql: str, name: str) -> str:
    """Explained by a file, it is so until flag or meters change: the file has no column for a day."""
    return _where(f"told.state = {literal(EXPLAINED)}", sql, _where(MOVES, BLANK[name], KEPT[name][0]))


def _where(test: str, then: str, otherwise: str) -> str:
    return f"CASE WHEN {test} THEN {then} ELSE {otherwise} END"
