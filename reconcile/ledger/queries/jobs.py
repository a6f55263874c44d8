"""Jobs and how they go. People see their own; who may see all jobs sees all.

In: an actor. Out: Job rows, and all that one job's page shows. Called by the job pages and by `load`.
"""

import csv
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from itertools import islice
from typing import Any

from django.db.models import QuerySet

from reconcile.lake.objects import StoreError
from reconcile.models import Job, JobEvent

from .. import jobs as machine
from .. import kept_files
from ..actors import Actor, NotAllowed, Right
from ..rejected import by_fault
from .pages import Piece

BAD_LINES_SHOWN = 20


@dataclass(frozen=True)
class BadLine:
    """A rejected line: its number in the file, why, and its text."""

    line: int
    reason: str
    raw: str


@dataclass(frozen=True)
class BesideFigure:
    """A figure of what is held, and what it was in the file or run before."""

    title: str
    before: int | None
    now: int

    @property
    def change(self) -> int | None:
        """By how much it would move."""
        return None if self.before is None else self.now - self.before


@dataclass(frozen=True)
class Beside:
    """What is held beside the last file of the same network and kind, or beside the last run.

    `extract`, `run`: the number of what came before, if there is one; `name`, `as_of` (ISO) say what it was.
    """

    title: str
    figures: list[BesideFigure]
    extract: int | None = None
    run: int | None = None
    name: str = ""
    as_of: str = ""


@dataclass(frozen=True)
class JobPage:
    """One job, what happened to it, and what the actor may read of it and do with it.

    `readable`: what it made lies within what they see today. `obstacle`: why nobody can run it again. `reasons`,
    `bad_lines` (the first twenty) and `rejects`: the lines that a held load would leave out. `rejects`, `file` and
    `manifest` are names of kept files. `beside` and `would`: what
    is held beside what came before, and what approving would do. `may_replace`: its file is bad, and they may load one.
    """

    job: Job
    history: list[JobEvent]
    readable: bool
    obstacle: str
    may_run_again: bool
    may_decide: bool
    may_cancel: bool
    reasons: list[tuple[str, int, int | None]]
    bad_lines: list[BadLine]
    rejects: str | None
    beside: list[Beside]
    would: list[str]
    may_replace: bool
    file: str | None
    manifest: str | None


def jobs(*, actor: Actor) -> QuerySet[Job]:
    """Jobs, newest first."""
    return machine.visible_to(actor).order_by("-id")


def held_jobs(*, actor: Actor) -> int:
    """How many jobs wait for a person's word."""
    return machine.visible_to(actor).filter(state=Job.State.HELD).count()


def job(*, actor: Actor, job_id: int) -> JobPage | None:
    """One job, or None."""
    try:
        return _page(actor, machine.find(actor=actor, job_id=job_id))
    except NotAllowed:
        return None


def job_page(*, actor: Actor, state: str | None = None, size: int, after: int | None = None) -> Piece[JobPage]:
    """A page of jobs, newest first, of one state or of all; `after`: the id with which the page before ended.

    It does not look for files that they made.
    """
    every = jobs(actor=actor).filter(**({"state": state} if state else {}))
    found = list(every.filter(**({} if after is None else {"pk__lt": after}))[: size + 1])
    return Piece([_page(actor, one, with_files=False) for one in found[:size]], len(found) > size, every.count())


def _page(actor: Actor, found: Job, *, with_files: bool = True) -> JobPage:
    made, problem = found.result, machine.obstacle(found)
    held = found.state == Job.State.HELD
    rejects = _file(made.get("rejects_file"), allowed=with_files and held and actor.may(Right.READ_REJECTS))
    exported = with_files and found.state == Job.State.DONE and machine.may_read(actor, found, Right.EXPORT)
    return JobPage(
        job=found,
        history=list(found.events.order_by("pk")),
        readable=machine.may_read(actor, found),
        obstacle=problem,
        may_run_again=not problem and actor.may(machine.RIGHT_FOR[found.kind]),
        may_decide=held and actor.may(Right.DECIDE),
        may_cancel=machine.may_cancel(actor, found),
        reasons=by_fault(made) if rejects else [],
        bad_lines=_bad_lines(rejects) if rejects else [],
        rejects=rejects,
        beside=[_beside(entry) for entry in made.get("beside", [])] if held else [],
        would=made.get("would", []) if held else [],
        may_replace=found.state == Job.State.FAILED and found.kind == machine.Kind.LOAD and actor.may(Right.LOAD),
        file=_file(made.get("file"), allowed=exported),
        manifest=_file(made.get("manifest"), allowed=exported),
    )


def _beside(entry: dict[str, Any]) -> Beside:
    figures = [BesideFigure(**figure) for figure in entry["figures"]]
    return Beside(entry["title"], figures, **(entry["last"] or {}))


def _file(name: str | None, *, allowed: bool) -> str | None:
    """A file that a job made, if it is still there."""
    return name if name and allowed and kept_files.is_there_or_unknown(name) else None


def _bad_lines(name: str) -> list[BadLine]:
    with suppress(StoreError), kept_files.opened(name) or BytesIO() as file:
        rows = islice(csv.DictReader(TextIOWrapper(file, "utf-8", newline="")), BAD_LINES_SHOWN)
        return [BadLine(int(row["line"]), row["reason"], row["raw"]) for row in rows]
    return []
