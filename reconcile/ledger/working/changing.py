"""One change of many rows: chosen, written as versions, copied to where they stand, all by statements about sets.

In: a Change, a Selection, a desk. Out: the entry of the record. All within one transaction, which locks the party, so
that what it finds stays so and the same request is done once.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import QuerySet
from django.http import QueryDict

from reconcile.domain.work import AFTER_ACT, CLOSED, TO_DO, Act
from reconcile.feeds.sql import literal
from reconcile.models import AuditEntry, Discrepancy, Party, Run

from ..actors import Actor, Desk, NotAllowed
from ..audit import What, note, on_record
from ..inputs import latest_run
from ..work_filter import WorkFilter, colleagues, within
from . import gravity, mentions, raising, reasons
from .asked import Change, Selection, WorkError

WHAT = {
    Act.ASSIGN: What.ASSIGNED,
    Act.RAISE: What.RAISED,
    Act.EXPLAIN: What.EXPLAINED,
    Act.NOTE: What.NOTED,
    Act.TAKE_UP: What.TAKEN_UP,
    Act.ANSWER: What.ANSWERED,
    Act.UNDO: What.UNDID,
}
UNDOABLE = (*WHAT.values(), What.FROM_FILE)
BLANK: Mapping[str, str] = {
    "state": literal(TO_DO),
    "assignee_id": "NULL",
    "due": "NULL",
    "raised_id": "NULL",
    "answer": "''",
    "reason": "''",
    "basis": "''",
    "gravity": "NULL",
    "why": "''",
    "noted_id": "NULL",
    "said": "''",
}
"""The values of a discrepancy that nobody has touched, as SQL; the columns of models.WorkValues."""
Choose = Callable[[str, tuple[Any, ...]], int]
"""Fills the table `chosen` with the ids of a query, and says how many there are."""
Values = dict[str, tuple[str, tuple[Any, ...]]]
"""Column -> SQL over `item`, `d` and `chosen`, and its parameters."""


@dataclass(frozen=True)
class Wanted:
    """Who wants what done, with which rows. `request`: the same twice is done once. `job`: its number, if it is one."""

    actor: Actor
    desk: Desk
    asked: Change
    of: Selection
    request: str
    now: datetime
    job: int | None = None


def change(wanted: Wanted, last_word: Callable[[], None] = lambda: None) -> AuditEntry:
    """Do it, once for each request. Raises WorkError, and NotAllowed where a row is not theirs."""
    with transaction.atomic():
        lock([wanted.desk.party])
        if done := entry_of(wanted.actor, wanted.request):
            return done
        entry = _made(wanted)
        last_word()
    return entry


def entry_of(actor: Actor, request: str) -> AuditEntry | None:
    """What became of a request that was sent before."""
    if not request or actor.person is None:
        return None
    return on_record().filter(person=actor.person.pk, request=request).first()


def lock(parties: list[int]) -> None:
    """Whoever changes a party's work waits for whoever does already."""
    list(Party.objects.select_for_update(no_key=True).filter(pk__in=parties).order_by("pk").values_list("pk"))


def must_stand(wanted: Wanted) -> None:
    """Raises WorkError where it cannot be done, or not with these rows any more, before a job is made of it."""
    if wanted.asked.act == Act.EXPLAIN:
        reasons.must_be_one(wanted.desk, wanted.asked.reason)
    _compare(wanted.of, _rows(wanted).count())


def must_see(desk: Desk, of: Selection) -> None:
    """Raises WorkError for too many named rows, NotAllowed where one of them is not the desk's."""
    _compare(of, within(desk, of.checked().ids).count())


def _compare(of: Selection, found: int) -> None:
    if of.is_whole:
        if found != of.count:
            raise WorkError(
                f"The filter finds {found:,} rows now, not the {of.count:,} that you saw. Nothing was changed: "
                "look at the rows again."
            )
    elif found != len(set(of.ids)):
        raise NotAllowed("Some of these rows are not there, or not yours.")


def _rows(wanted: Wanted) -> QuerySet[Discrepancy]:
    of = wanted.of
    if not of.is_whole:
        return within(wanted.desk, of.ids)
    run = latest_run()
    if run is None or run.pk != of.run:
        raise WorkError("Another run has been published since. Nothing was changed: look at the rows again.")
    return filtered(wanted.actor, wanted.desk, of.query, run)


def filtered(actor: Actor, desk: Desk, query: str, run: Run | None) -> QuerySet[Discrepancy]:
    """What a query string finds. Raises WorkError where it cannot be read."""
    found = _filter(actor, desk, query, run)
    if problem := found.problems_in_words():
        raise WorkError(f"The filter is not understood. {problem}")
    return found.narrowed(desk.sight.narrow(Discrepancy.objects.all()))


def _made(wanted: Wanted) -> AuditEntry:
    desk, asked = wanted.desk, wanted.asked
    undone = _undone(desk, asked)
    with chosen() as choose:
        count = _undo_rows(choose, desk, undone) if undone else _choose_rows(choose, wanted)
        entry = note(
            actor=wanted.actor, what=WHAT[asked.act], now=wanted.now, party=desk.party, rows=count, job=wanted.job,
            request=wanted.request, words=asked.words.strip(), about=_about(asked), undoes=asked.undoes,
            filters=_filter_in_words(wanted),
        )  # fmt: skip
        mentions.name_people(entry, desk)
        write(
            entry, desk.party, BEFORE if undone else _values(desk, asked, entry, wanted.now), EARLIER if undone else ""
        )
    return entry


def _undo_rows(choose: Choose, desk: Desk, undone: AuditEntry) -> int:
    count = choose(*_still_so(desk, undone))
    if not count:
        raise WorkError("There is nothing to undo: all of it has been changed since.")
    return count


def _choose_rows(choose: Choose, wanted: Wanted) -> int:
    count = choose(*ids_of(_rows(wanted)))
    _compare(wanted.of, count)
    if AFTER_ACT[wanted.asked.act][CLOSED] is None:
        _refuse_resolved()
    return count


def _filter_in_words(wanted: Wanted) -> str:
    if not wanted.of.is_whole:
        return ""
    return _filter(wanted.actor, wanted.desk, wanted.of.query, latest_run()).in_words()


def _filter(actor: Actor, desk: Desk, query: str, run: Run | None) -> WorkFilter:
    found = WorkFilter(QueryDict(query), desk=desk, person=actor.person.pk if actor.person else None, run=run)
    found.full_clean()
    return found


@contextmanager
def chosen() -> Iterator[Choose]:
    """A table of ids for the time of the block; gives what fills it by SQL and says how many there are."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE chosen (id bigint PRIMARY KEY, who text, target bigint, raising bigint)")

        def choose(sql: str, values: tuple[Any, ...]) -> int:
            cursor.execute(f"INSERT INTO chosen (id) {sql}", values)
            if connection.vendor == "postgresql":
                cursor.execute("ANALYZE chosen")
            cursor.execute("SELECT count(*) FROM chosen")
            return int(cursor.fetchone()[0])

        yield choose
        cursor.execute("DROP TABLE chosen")


def ids_of(rows: QuerySet[Discrepancy]) -> tuple[str, tuple[Any, ...]]:
    """The ids of a queryset as SQL."""
    try:
        sql, values = rows.order_by().values_list("pk").query.sql_with_params()
    except EmptyResultSet:
        return "SELECT 0 WHERE 1 = 0", ()
    return sql, tuple(values)


def _undone(desk: Desk, asked: Change) -> AuditEntry | None:
    if asked.act != Act.UNDO:
        return None
    entry = on_record().filter(pk=asked.undoes or 0, party=desk.party, what__in=UNDOABLE).first()
    if entry is None:
        raise NotAllowed(f"There is no entry {asked.undoes} that could be undone here.")
    return entry


def _still_so(desk: Desk, entry: AuditEntry) -> tuple[str, tuple[Any, ...]]:
    """The rows that still stand as the entry left them. What has been changed since stays as it is."""
    return (
        "SELECT v.discrepancy_id FROM reconcile_workversion v JOIN reconcile_workitem item "
        "ON item.party_id = v.party_id AND item.discrepancy_id = v.discrepancy_id AND item.version_id = v.id "
        "WHERE v.entry_id = %s AND v.party_id = %s",
        (entry.pk, desk.party),
    )


def _refuse_resolved() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM chosen JOIN reconcile_discrepancy d ON d.id = chosen.id WHERE {RESOLVED}")
        mended = int(cursor.fetchone()[0])
    if mended:
        raise WorkError(f"{mended:,} of these are resolved already, so there is nothing to do about them.")


def _values(desk: Desk, asked: Change, entry: AuditEntry, now: datetime) -> Values:
    """What an act changes; everything else stays."""
    state = AFTER_ACT[asked.act][TO_DO]
    due: Values = {"due": ("%s", (asked.due.isoformat() if asked.due else None,))}
    if asked.act == Act.NOTE:
        return _noted(entry)
    noted = _noted(entry) if entry.words else {}
    if asked.act == Act.ASSIGN:
        return {"assignee_id": ("%s", (_colleague(desk, asked.assignee),)), **(due if asked.due else {}), **noted}
    moved: Values = {**{name: (BLANK[name], ()) for name in OF_STATE}, "state": ("%s", (state,)), **due, **noted}
    if asked.act == Act.RAISE:
        raising.raise_(desk, asked, entry, now)
        moved["raised_id"] = ("chosen.raising", ())
    elif asked.act == Act.EXPLAIN:
        reasons.must_be_one(desk, asked.reason)
        moved |= {"reason": ("%s", (asked.reason,)), "gravity": (gravity.SQL, ())}
        if asked.until_changed:
            moved["basis"] = (gravity.BASIS, ())
    return moved


def _noted(entry: AuditEntry) -> Values:
    return {"noted_id": ("%s", (entry.pk,)), "said": ("''", ())}


OF_STATE = ("due", "raised_id", "answer", "reason", "basis", "gravity", "why")
"""What belongs to a state of work, and ends with it."""
RESOLVED = "d.resolved_on IS NOT NULL"
BEFORE: Values = {
    **{name: (f"CASE WHEN before.id IS NULL THEN {blank} ELSE before.{name} END", ()) for name, blank in BLANK.items()},
    "state": (
        f"CASE WHEN {RESOLVED} THEN {literal(CLOSED)} WHEN before.id IS NULL OR before.state = {literal(CLOSED)} "
        f"THEN {literal(TO_DO)} ELSE before.state END",
        (),
    ),
}
"""What an undo gives back (domain.work.after_undo)."""


def write(entry: AuditEntry, party: int, values: Values, beside: str = "") -> None:
    """A version of each chosen row with these values, and the rows as they stand then. `beside`: a join they need."""
    given = {**KEPT, **values}
    columns = ", ".join(BLANK)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO reconcile_workversion (entry_id, party_id, discrepancy_id, previous_id, {columns}) "
            f"SELECT %s, %s, chosen.id, item.version_id, {', '.join(given[name][0] for name in BLANK)} "
            "FROM chosen JOIN reconcile_discrepancy d ON d.id = chosen.id "
            f"LEFT JOIN reconcile_workitem item ON item.party_id = %s AND item.discrepancy_id = chosen.id {beside}",
            (entry.pk, party, *(one for name in BLANK for one in given[name][1]), party),
        )
        sets = ", ".join(f"{name} = excluded.{name}" for name in ("version_id", *BLANK))
        cursor.execute(
            f"INSERT INTO reconcile_workitem (party_id, discrepancy_id, version_id, {columns}) "
            f"SELECT party_id, discrepancy_id, id, {columns} FROM reconcile_workversion "
            f"WHERE entry_id = %s AND party_id = %s ON CONFLICT (party_id, discrepancy_id) DO UPDATE SET {sets}",
            (entry.pk, party),
        )


EARLIER = (
    "LEFT JOIN reconcile_workversion before ON before.id = "
    "(SELECT v.previous_id FROM reconcile_workversion v WHERE v.id = item.version_id)"
)
KEPT: Values = {
    **{name: (f"CASE WHEN item.id IS NULL THEN {blank} ELSE item.{name} END", ()) for name, blank in BLANK.items()},
    "state": (f"CASE WHEN {RESOLVED} THEN {literal(CLOSED)} ELSE coalesce(item.state, {literal(TO_DO)}) END", ()),
}
"""The row as it stands."""


def _colleague(desk: Desk, name: str) -> int | None:
    if not name:
        return None
    found = {username: number for number, username in colleagues(desk)}.get(name)
    if found is None:
        raise WorkError(f"Nobody called {name[:100]} works for {desk.name}.")
    return found


def _about(asked: Change) -> str:
    """What was done, in words."""
    day = f"{asked.due:%-d %b %Y}" if asked.due else ""
    until = " or ".join(filter(None, (day, "flag or meters change" if asked.until_changed else "")))
    said = {
        Act.ASSIGN: f"to {asked.assignee or 'nobody'}" + (f", due {day}" if day else ""),
        Act.RAISE: f"with {'whoever acts' if asked.to == 'acts' else asked.to}"
        + (f", reference {asked.reference}" if asked.reference else "")
        + (f", to chase on {day}" if day else ""),
        Act.EXPLAIN: f"{asked.reason}, until {until}",
        Act.UNDO: f"entry {asked.undoes}",
    }
    return said.get(asked.act, "")
