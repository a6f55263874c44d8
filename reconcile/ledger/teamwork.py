"""What people ask for in their party's work: changes of rows, of many as a job; answers, reasons, mentions.

In: keyword arguments, the actor first, whose desk and right are asked. Out: the entry of the record, or the Job.
Re-exported by ledger.operations, the one door for writes.
"""

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from reconcile.domain.work import ACT_WORDS, Act
from reconcile.models import AuditEntry, Job, Mention, Reason

from . import asking, jobs, kept_files, limits, work_file, working
from .actors import Actor, Desk, NotAllowed, Right
from .audit import What, note
from .heartbeat import Report
from .working import Change, Selection, Wanted, WorkError

LONGEST_REQUEST = 64
MOST_REASONS = 50


def work_on(*, actor: Actor, asked: Change, of: Selection, request: str = "", now: datetime) -> AuditEntry | Job:
    """Change rows: named ones at once, all that a filter finds as a job. The same `request` again gives the same.

    Raises NotAllowed, WorkError, TooManyJobs.
    """
    desk = actor.desk_with(Right.WORK)
    check_key(request)
    if asked.act != Act.UNDO:
        of.checked()
    wanted = Wanted(actor, desk, asked.checked(), of, request, now)
    if not of.is_whole:
        return working.change(wanted)
    if done := working.entry_of(actor, request):
        return done
    if waiting := asking.asked_before(actor, request):
        return waiting
    working.must_stand(wanted)
    return _ask(wanted)


def check_key(request: str) -> None:
    """Raises WorkError for a key that is too long to be kept."""
    if len(request) > LONGEST_REQUEST:
        raise WorkError(f"A request's key has at most {LONGEST_REQUEST} characters.")


def _ask(wanted: Wanted) -> Job:
    of = wanted.of
    options = {"asked": wanted.asked.as_json(), "query": of.query, "run": of.run, "count": of.count}
    title = f"{ACT_WORDS[wanted.asked.act]}: {of.count:,} discrepancies"
    return queue(wanted.actor, wanted.desk, title, options, request=wanted.request, now=wanted.now)


def queue(actor: Actor, desk: Desk, title: str, options: dict[str, Any], *, request: str, now: datetime) -> Job:
    """A job of a party's work, or the one that the request has made. Raises TooManyJobs."""
    return asking.ask(
        actor=actor, kind=jobs.Kind.WORK, title=title, options=options, party=desk.party, request=request, now=now,
        limit_seconds=limits.seconds_for(jobs.Kind.WORK, options),
    )  # fmt: skip


def load_assignments(
    *, actor: Actor, path: str | Path, name: str, count: int, request: str = "", now: datetime
) -> AuditEntry | Job:
    """Do what a file of assignments says, as a job; it was looked at, and `count` rows were to be changed then.

    The same `request` again gives the same. Raises NotAllowed, WorkError, TooManyJobs.
    """
    desk = actor.desk_with(Right.WORK)
    check_key(request)
    if done := working.entry_of(actor, request):
        return done
    if waiting := asking.asked_before(actor, request):
        return waiting
    with kept_files.at_hand(str(path)) as file:
        work_file.must_be(count, work_file.foreseen(desk, file))
    options = {"path": str(path), "name": name, "count": count}
    title = f"Assignments from {name[:100]}: {count:,} discrepancies"
    return queue(actor, desk, title, options, request=request, now=now)


def do_job(job: Job, asker: Actor, now: datetime, report: Report) -> dict[str, Any]:
    """What a job of this kind does; gives its result. Its own number is its request, where it was given none."""
    desk = asker.desk_with(Right.WORK)
    if desk.party != job.party:
        raise NotAllowed(f"{asker.name} works for another party now.")
    options = job.options
    request = job.request or f"job {job.pk}"
    report("Choosing the rows", 0.1)
    if "path" in options:
        with kept_files.at_hand(options["path"]) as path:
            told = (path, options["name"], options["count"])
            asked = work_file.FileChange(asker, desk, *told, request, now, job.pk)
            entry, plan = work_file.change(asked, lambda: report("Writing them", 1))
        return {**_said(entry), **(plan.as_json() if plan else {})}
    of = Selection(query=options["query"], run=options["run"], count=options["count"])
    wanted = Wanted(asker, desk, Change.kept(options["asked"]), of, request, now, job.pk)
    return _said(working.change(wanted, lambda: report("Writing them", 1)))


def _said(entry: AuditEntry) -> dict[str, Any]:
    return {"entry": entry.pk, "changed": entry.rows, "what": entry.get_what_display(), "about": entry.about}


def answer(
    *, actor: Actor, asked: Change, raising: int, ids: tuple[int, ...], request: str = "", now: datetime
) -> AuditEntry:
    """Answer what another party raised. Raises NotAllowed, WorkError."""
    desk = actor.desk_with(Right.WORK)
    if not ids:
        raise WorkError("Choose rows first.")
    return working.answer(
        actor=actor, desk=desk, asked=asked.checked(), raising=raising, ids=ids, request=request, now=now
    )


def return_due(*, actor: Actor, today: date, now: datetime) -> int:
    """Bring back what was explained until a day that has come."""
    actor.must(Right.RUN_JOBS)
    working.follow_sent(today=today, now=now)
    return working.return_due(today=today, now=now)


def set_reasons(*, actor: Actor, reasons: Iterable[str], now: datetime) -> list[str]:
    """What the people of a party explain with, in this order; without any, the usual ones. Raises WorkError."""
    desk = actor.desk_with(Right.MANAGE_WORK)
    kept = list(dict.fromkeys(one.strip() for one in reasons if one.strip()))
    if len(kept) > MOST_REASONS or any(len(one) > 100 for one in kept):
        raise WorkError(f"At most {MOST_REASONS} reasons, of 100 characters each.")
    with transaction.atomic():
        Reason.objects.filter(party=desk.party).delete()
        Reason.objects.bulk_create(Reason(party_id=desk.party, words=one) for one in kept)
        note(actor=actor, what=What.REASONS, now=now, party=desk.party, rows=len(kept), words="\n".join(kept))
    return kept


def read_mentions(*, actor: Actor, now: datetime) -> int:
    """The person has read where colleagues named them; gives how many that were."""
    desk = actor.desk_with(Right.SEE)
    return Mention.objects.filter(person=actor.person, party=desk.party, read_at=None).update(read_at=now)
