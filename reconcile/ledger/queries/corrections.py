"""What was sent to registration: the sendings, one of them, one file; and what would be sent now.

In: an actor, at whose party it is read. Out: dataclasses and querysets. Called by the pages, the API and the command.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Count, QuerySet

from reconcile.domain.corrections import Standing
from reconcile.models import Correction, CorrectionFile, CorrectionLine, Party

from .. import corrections, sent
from ..access import Scope
from ..actors import Actor, Right
from ..corrections import Plan
from .pages import Piece


@dataclass(frozen=True)
class Sending:
    """One sending with its files, in the order of their names."""

    correction: Correction
    files: list[CorrectionFile]


@dataclass(frozen=True)
class Foreseen:
    """What a selection would send, and to whom: network -> files and lines."""

    plan: Plan
    most: int
    networks: list[tuple[Party, str, int, int]]


def sendings(*, actor: Actor) -> QuerySet[Correction]:
    """The sendings of the actor's party, or all, the newest first; each with the number of its `file_count`."""
    return sent.corrections(actor.scope_of(Right.SEE)).annotate(file_count=Count("files")).order_by("-pk")


def sending(*, actor: Actor, correction_id: int) -> Sending | None:
    """One of them, or None."""
    found = sent.corrections(actor.scope_of(Right.SEE)).filter(pk=correction_id).first()
    return Sending(found, corrections.files_of(found)) if found else None


def correction_file(*, actor: Actor, file_id: int) -> CorrectionFile | None:
    """One file, or None."""
    seen = sent.corrections(actor.scope_of(Right.SEE))
    rows = CorrectionFile.objects.select_related("correction__run", "correction__party", "network")
    return rows.filter(pk=file_id, correction__in=seen).first()


def correction_lines(*, actor: Actor, file_id: int) -> QuerySet[CorrectionLine]:
    """The lines of a file that the actor may have, in their order."""
    seen = sent.corrections(actor.scope_of(Right.SEE))
    rows = CorrectionLine.objects.filter(file=file_id, file__correction__in=seen)
    return rows.select_related("supplier").order_by("pk")


def sending_lines(
    *, actor: Actor, correction_id: int, file_id: int | None = None, after: int = 0, size: int
) -> Piece[CorrectionLine]:
    """A page of the lines of a sending, or of one of its files; `after`: the id with which the page before ended."""
    seen = sent.corrections(actor.scope_of(Right.SEE)).filter(pk=correction_id)
    rows = CorrectionLine.objects.filter(file__correction__in=seen, **({"file": file_id} if file_id else {}))
    found = list(rows.filter(pk__gt=after).select_related("supplier", "file").order_by("pk")[: size + 1])
    return Piece(found[:size], len(found) > size, rows.count())


def foreseen_corrections(
    *, actor: Actor, query: str = "", ids: tuple[int, ...] = (), most: int | None = None, now: datetime
) -> Foreseen:
    """What would be sent now. Raises WorkError, NotAllowed."""
    most = most or settings.CORRECTION_LINES
    plan = corrections.planned(actor=actor, query=query, ids=ids, most=most, now=now)
    parties = Party.objects.in_bulk({one.network for one in plan.files})
    groups: dict[tuple[int, str], list[int]] = {}
    for one in plan.files:
        groups.setdefault((one.network, one.kind), []).append(one.rows)
    rows = [(parties[network], kind, len(files), sum(files)) for (network, kind), files in groups.items()]
    return Foreseen(plan, most, sorted(rows, key=lambda row: (row[1], row[0].code)))


@dataclass(frozen=True)
class Answers:
    """How many lines of a file stand how: every line is one of waiting, unanswered, accepted and rejected.

    `shown`: registration has them by now, whatever was answered.
    """

    sent: int
    accepted: int
    rejected: int
    waiting: int
    unanswered: int
    shown: int


def answers_of(*, actor: Actor, file_id: int, now: datetime) -> Answers:
    """What became of a file; nothing of one that the actor may not have."""
    rows = correction_lines(actor=actor, file_id=file_id).order_by()
    of = {one.value: Count("pk", filter=sent.stands(one, now)) for one in Standing if one not in {"yes", "no"}}
    return Answers(**rows.aggregate(sent=Count("pk"), shown=Count("shown_on"), **of))


def corrections_of(*, scope: Scope, mpxn: int) -> list[CorrectionLine]:
    """What was sent for a Meter Point, the oldest first; whoever asks has been shown that the point is theirs."""
    rows = sent.lines(scope).filter(mpxn=mpxn).select_related("file__correction")
    return list(rows.order_by("pk"))


def file_content(*, actor: Actor, file_id: int) -> Iterator[bytes]:
    """The bytes of a file, as they are sent; none of one that the actor may not have."""
    found = correction_file(actor=actor, file_id=file_id)
    return corrections.file_chunks(found) if found else iter(())


def table_content(*, actor: Actor, correction_id: int) -> Iterator[bytes]:
    """The bytes of the plain table of a sending; none of one that the actor may not have."""
    found = sending(actor=actor, correction_id=correction_id)
    return corrections.csv_chunks(found.correction) if found else iter(())


def manifest_of(*, actor: Actor, correction_id: int) -> str:
    """What proves a sending whole; empty for one that the actor may not have."""
    found = sending(actor=actor, correction_id=correction_id)
    return corrections.manifest(found.correction) if found else ""
