"""What a network's people do with lines of the queue: take, hand over, close, note, open again; and what codes mean.

In: an act, ids of lines, an actor. Out: one entry of the record, with a version of each line. All in one transaction,
which locks the party. Re-exported by ledger.operations.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from reconcile.domain.alert_work import ACT_WORDS, AFTER, OUTCOMES, LineAct, LineState
from reconcile.models import AlertLine, AlertMeaning, AlertVersion, AuditEntry

from ..actors import Actor, Desk, NotAllowed, Right
from ..audit import What, note
from ..work_filter import colleagues
from ..working import WorkError, entry_of
from ..working.changing import lock

MOST_LINES = 1_000
MOST_MEANINGS = 200
LONGEST_MEANING = 200
LONGEST_WORDS = 2_000
LONGEST_REQUEST = 64
CARRIED = ("state", "assignee_id", "outcome", "noted_id")
WHAT = {
    LineAct.TAKE: What.TOOK_ALERTS,
    LineAct.HAND_OVER: What.HANDED_ALERTS,
    LineAct.CLOSE: What.CLOSED_ALERTS,
    LineAct.NOTE: What.NOTED_ALERTS,
    LineAct.REOPEN: What.REOPENED_ALERTS,
}


@dataclass(frozen=True)
class LineChange:
    """What is asked for. `to`: the colleague whom something is handed over to; `outcome`: one of OUTCOMES."""

    act: LineAct
    to: str = ""
    outcome: str = ""
    words: str = ""


def work_on_alerts(
    *, actor: Actor, asked: LineChange, ids: tuple[int, ...], request: str = "", now: datetime
) -> AuditEntry:
    """Do something with lines of the actor's network; the same `request` twice is done once.

    Raises NotAllowed where a line is not theirs, WorkError where it cannot be done.
    """
    desk = actor.desk_with(Right.WORK)
    _check(asked, ids, request)
    with transaction.atomic():
        lock([desk.party])
        if done := entry_of(actor, request):
            return done
        lines = _lines(desk, asked, ids)
        assignee = _assignee(actor, desk, asked)
        entry = note(
            actor=actor, what=WHAT[asked.act], now=now, party=desk.party, rows=len(lines), request=request,
            words=asked.words.strip(), about=asked.outcome or (f"to {asked.to}" if asked.to else ""),
        )  # fmt: skip
        for line in lines:
            _change(line, asked, entry, assignee)
        _write(lines, entry)
    return entry


def _check(asked: LineChange, ids: tuple[int, ...], request: str) -> None:
    if not ids or len(ids) > MOST_LINES:
        raise WorkError(f"Choose lines first, {MOST_LINES:,} at most.")
    if asked.act == LineAct.CLOSE and asked.outcome not in OUTCOMES:
        raise WorkError(f"Say with what outcome: {', '.join(OUTCOMES)}.")
    if asked.act == LineAct.NOTE and not asked.words.strip():
        raise WorkError("Say what is to be noted.")
    if len(asked.words) > LONGEST_WORDS or len(request) > LONGEST_REQUEST:
        raise WorkError(f"Words have at most {LONGEST_WORDS:,} characters, a request's key {LONGEST_REQUEST}.")


def _lines(desk: Desk, asked: LineChange, ids: tuple[int, ...]) -> list[AlertLine]:
    lines = list(AlertLine.objects.filter(pk__in=ids, network=desk.party).order_by("pk"))
    if len(lines) != len(set(ids)):
        raise NotAllowed("Some of these lines are not there, or not yours.")
    if refused := sum(AFTER[asked.act][LineState(line.state)] is None for line in lines):
        raise WorkError(f"{refused:,} of these lines cannot be: {ACT_WORDS[asked.act].lower()}. Nothing was changed.")
    return lines


def _change(line: AlertLine, asked: LineChange, entry: AuditEntry, assignee: int | None) -> None:
    """What an act makes of a line; everything else stays."""
    line.state = AFTER[asked.act][LineState(line.state)] or line.state
    if asked.act in (LineAct.TAKE, LineAct.HAND_OVER):
        line.assignee_id = assignee
    if asked.act in (LineAct.CLOSE, LineAct.REOPEN):
        line.outcome = asked.outcome if asked.act == LineAct.CLOSE else ""
    if entry.words:
        line.noted_id = entry.pk


def _assignee(actor: Actor, desk: Desk, asked: LineChange) -> int | None:
    if asked.act == LineAct.TAKE:
        return actor.person.pk if actor.person else None
    if asked.act != LineAct.HAND_OVER:
        return None
    found = {name: number for number, name in colleagues(desk)}.get(asked.to)
    if found is None:
        raise WorkError(f"Nobody called {asked.to[:100]} works for {desk.name}.")
    return found


def _write(lines: list[AlertLine], entry: AuditEntry) -> None:
    """A version of each line, and the line as it stands then."""
    made = AlertVersion.objects.bulk_create(
        AlertVersion(
            entry=entry, line=line, previous_id=line.version_id, **{name: getattr(line, name) for name in CARRIED}
        )
        for line in lines
    )
    for line, version in zip(lines, made, strict=True):
        line.version_id = version.pk
    AlertLine.objects.bulk_update(lines, ["state", "assignee", "outcome", "noted", "version"])


def set_meanings(*, actor: Actor, meanings: dict[str, str], now: datetime) -> dict[str, str]:
    """What a party's people say that codes mean, code -> words; one without words has none. Raises WorkError."""
    desk = actor.desk_with(Right.MANAGE_WORK)
    kept = {code.strip().upper(): words.strip() for code, words in meanings.items() if code.strip() and words.strip()}
    if len(kept) > MOST_MEANINGS or any(len(words) > LONGEST_MEANING for words in kept.values()):
        raise WorkError(f"At most {MOST_MEANINGS} codes, each with {LONGEST_MEANING} characters.")
    with transaction.atomic():
        AlertMeaning.objects.filter(party=desk.party).delete()
        AlertMeaning.objects.bulk_create(
            AlertMeaning(party_id=desk.party, code=code[:40], words=words) for code, words in kept.items()
        )
        told = "\n".join(f"{code}: {words}" for code, words in kept.items())
        note(actor=actor, what=What.MEANINGS, now=now, party=desk.party, rows=len(kept), words=told)
    return kept
