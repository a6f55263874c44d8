"""What each kind of job does, within the rights that whoever asked for it has at that moment.

In: a job that was claimed. Out: how it ended, recorded. Called by ledger.operations.
"""

import logging
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from reconcile.domain.policies import DEFAULT_POLICY, UnknownPolicy, policy_named
from reconcile.feeds import BadFile
from reconcile.lake.contract import EngineError
from reconcile.lake.objects import StoreError
from reconcile.models import Job, Run

from . import (
    alerting,
    cohorts,
    columns,
    corrections,
    export,
    export_changes,
    integrity,
    jobs,
    kept_files,
    loading,
    record,
    remarks,
    replays,
    retention,
    teamwork,
    trying_out,
    uploads,
    waiting,
)
from .actors import MACHINE, Actor, NotAllowed, Right
from .coverages import LoadError
from .filters import BadFilter
from .guards import Approval, Held
from .heartbeat import Report
from .inputs import NothingToReconcile
from .jobs import Kind
from .stopping import Stop, Stopped
from .working import WorkError

logger = logging.getLogger(__name__)
FAILED = Job.State.FAILED


class FileGone(Exception):
    """The file to load is not there any more."""


FINAL = (NotAllowed, FileGone, BadFile, BadFilter, UnknownPolicy, LoadError, WorkError, export.ExportError)
"""Failures by what was asked: their text is the job's message, and the same again would fail the same way."""
TROUBLE = (OperationalError, InterfaceError, OSError, duckdb.Error, MemoryError)
"""Failures of the machine."""
NO_THREAD = "can't start new thread"
"""How Python says that there is no memory for one."""
TOO_LITTLE_MEMORY = (
    "The work needed more memory than ENGINE_MEMORY and WORKER_MEMORY allow. Nothing was changed. "
    "Unless its file is odd, raise both and run it again."
)
UNASKED = "It was asked for with an answer to every guard (--yes)."
UNFORESEEN = "Something unforeseen went wrong; the server's log has the details. Run it again."


def perform(job: Job, report: Report, stop: Stop) -> None:
    """Do a claimed job and record how it ended. What nobody foresaw is recorded and raised."""
    try:
        ending = _ending(job, report)
    except KeyboardInterrupt:
        jobs.cancel(job, actor=MACHINE, now=timezone.now(), reason="Interrupted at the keyboard.")
        _finish(job, jobs.Ending(FAILED, jobs.CANCELLED_WORDS))
        raise
    except Exception:
        # Whatever becomes of work that was told to stop is no surprise.
        _finish(job, jobs.Ending(FAILED, stop.why or UNFORESEEN))
        if not stop.why:
            raise
    else:
        _finish(job, jobs.Ending(FAILED, stop.why) if stop.why and ending.state != Job.State.DONE else ending)


def _finish(job: Job, ending: jobs.Ending) -> None:
    state = jobs.finish(job, ending, timezone.now())
    if state in {Job.State.DONE, Job.State.CANCELLED} or (state and ending.final):
        uploads.forget(job)


def _ending(job: Job, report: Report) -> jobs.Ending:
    sight: dict[str, Any] = {}
    try:
        asker = jobs.asker(job)
        sight = asker.scope_of(jobs.RIGHT_FOR[job.kind]).as_json()
        result = WORK[job.kind](job, asker, report)
    except Held as held:
        return jobs.Ending(Job.State.HELD, str(held), result=held.found, guards=held.as_json(), sight=sight)
    except Stopped as stopped:
        return jobs.Ending(FAILED, str(stopped), sight=sight)
    except FINAL as error:
        return jobs.Ending(FAILED, str(error), sight=sight, final=True)
    except (NothingToReconcile, integrity.Damaged, EngineError) as error:
        return jobs.Ending(FAILED, str(error), sight=sight)
    except (*TROUBLE, RuntimeError) as error:
        if isinstance(error, RuntimeError) and NO_THREAD not in str(error):
            raise
        logger.exception("Job %s failed", job.pk)
        # What is to be said needs a connection that lives. With the database still away nobody can be told: the job
        # stays without a sign of life and is taken up again as lost.
        if isinstance(error, (OperationalError, InterfaceError)):
            connection.close()
        return jobs.Ending(FAILED, in_words(error), sight=sight)
    return jobs.Ending(Job.State.DONE, result=result, sight=sight)


def _load(job: Job, asker: Actor, report: Report) -> dict[str, Any]:
    with kept_files.at_hand(job.options["path"]) as path:
        loaded = _loaded(job, path, asker, report)
    if loaded["kind"] in OF_ANSWERS:
        found = corrections.brought_up_to_date(now=timezone.now(), answers=loaded["extract"])
        return {**loaded, "corrections": found}
    if loaded["kind"] in OF_ALERTS:
        return {**loaded, "queue": alerting.bring_up_to_date(now=timezone.now())}
    if loaded["kind"] == OF_COVERAGE:
        waiting.bring_up_to_date()
    if loaded["kind"] in OF_VERDICTS:
        alerting.bring_up_to_date(now=timezone.now())
    return loaded


def _loaded(job: Job, path: Path, asker: Actor, report: Report) -> dict[str, Any]:
    options = job.options
    request = loading.Request(
        path=path,
        name=options["name"],
        kind=options["kind"],
        as_of=date.fromisoformat(options["as_of"]) if options["as_of"] else None,
        coverage=options["coverage"],
        columns=columns.of_json(options.get("columns")),
    )
    if not request.path.is_file():
        raise FileGone(f"The file {request.name} is not here any more. Upload it again.")
    return loading.load(request=request, by=asker, now=timezone.now(), approval=_approval(job, asker), report=report)


OF_ANSWERS = ("e46", "d0351", "d0172")
OF_ALERTS = ("alerts", "firmware_updates")
OF_COVERAGE = "coverage"
OF_VERDICTS = (OF_COVERAGE, "reads")
"""What the verdict of an alert by what is known now rests on too."""


def _reconcile(job: Job, asker: Actor, report: Report) -> dict[str, Any]:
    run = record.reconcile(
        as_of=date.fromisoformat(job.options["as_of"]),
        policy=policy_named(job.options.get("policy", DEFAULT_POLICY.name)),
        now=timezone.now(),
        approval=_approval(job, asker),
        report=report,
    )
    waiting.bring_up_to_date()
    alerting.bring_up_to_date(now=timezone.now())
    corrections.brought_up_to_date(now=timezone.now())
    return run_report(run)


def _export(job: Job, asker: Actor, report: Report) -> dict[str, Any]:
    if "what_if" in job.options:
        return _export_changes(job, asker, report)
    name = f"discrepancies-{timezone.now():%Y-%m-%d}-{job.pk}.csv"
    desk = export.desk_of(asker, job.options["run"])
    if job.party != (desk.party if desk else None):
        raise NotAllowed(f"{asker.name} works for another party now. Ask for it anew.")
    target = job.options["target"] or kept_files.in_full(kept_files.new_name("exports", name))
    return export.export(
        target=Path(target),
        query=job.options["query"],
        run=job.options["run"],
        ids=job.options.get("ids", ()),
        scope=asker.scope_of(Right.EXPORT),
        now=timezone.now(),
        report=report,
        desk=desk,
        person=asker.person.pk if asker.person else None,
    )


def _export_changes(job: Job, asker: Actor, report: Report) -> dict[str, Any]:
    wanted = export_changes.ChangesWanted.kept(job.options["what_if"])
    name = export_changes.name_of(wanted, job.pk)
    target = job.options["target"] or kept_files.in_full(kept_files.new_name("exports", name))
    return export_changes.export_changes(
        target=Path(target), wanted=wanted, scope=asker.scope_of(Right.EXPORT), now=timezone.now(), report=report
    )


def _tidy(job: Job, asker: Actor, report: Report) -> dict[str, Any]:
    report("Thinning old snapshots", 0.1)
    return retention.thin(now=timezone.now())


def _verify(job: Job, asker: Actor, report: Report) -> dict[str, Any]:
    return integrity.verify(sample=job.options["sample"], now=timezone.now(), report=report)


def _work(job: Job, asker: Actor, report: Report) -> dict[str, Any]:
    do_job = cohorts.do_job if "cohort" in job.options else teamwork.do_job
    return do_job(job, asker, timezone.now(), report)


def _correct(job: Job, asker: Actor, report: Report) -> dict[str, Any]:
    return corrections.do_job(job, asker, timezone.now(), report)


def _alerts(job: Job, asker: Actor, report: Report) -> dict[str, Any]:
    report("Working out anew what waits for WAN coverage", 0.1)
    waiting.bring_up_to_date()
    report("Bringing the queue of alerts up to date", 0.3)
    return dict(alerting.refresh(now=timezone.now()))


def _sample(job: Job, asker: Actor, report: Report) -> dict[str, Any]:
    run = trying_out.take(by=asker, asked_at=job.created_at, now=timezone.now(), report=report)
    waiting.bring_up_to_date()
    alerting.bring_up_to_date(now=timezone.now())
    return run_report(run)


WORK: dict[str, Callable[[Job, Actor, Report], dict[str, Any]]] = {
    Kind.LOAD: _load,
    Kind.RECONCILE: _reconcile,
    Kind.EXPORT: _export,
    Kind.TIDY: _tidy,
    Kind.VERIFY: _verify,
    Kind.WORK: _work,
    Kind.SAMPLE: _sample,
    Kind.CORRECT: _correct,
    Kind.ALERTS: _alerts,
    Kind.REPLAY: replays.do_job,
}
"""What each kind of job does; gives the job's result."""


def run_report(run: Run) -> dict[str, Any]:
    """What a run found, as a job's result and the command's JSON."""
    counts = [
        "points",
        "mismatches",
        "in_flight",
        "watch",
        "new",
        "ongoing",
        "resolved",
        "regressed",
        "absent",
        "withdrawn",
    ]
    return {
        "run": run.pk,
        "as_of": run.as_of.isoformat(),
        **{name: getattr(run, name) for name in counts},
        "state": run.kind,
        "warnings": remarks.said_about(run, None),
    }


def _approval(job: Job, asker: Actor) -> Approval:
    """A person's word on this job; or that of whoever asked for it and for no question to be asked."""
    if job.options.get("every_guard") and asker.may(Right.DECIDE):
        return Approval(every=True, by=asker.name, at=job.created_at.isoformat(), reason=UNASKED)
    return jobs.approval(job) or Approval()


def in_words(error: BaseException) -> str:
    """What failed of the machine, in one sentence that says what to do."""
    if isinstance(error, StoreError):
        return f"{error} Nothing was changed."
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    if re.search(r"no space left|disk (is )?full|write error|file too large", text, re.IGNORECASE):
        return "The disk is full. Nothing was changed. Make room and run it again."
    if "No files found" in text:
        return f"A snapshot is missing from the lake ({text}). Restore the lake's folder from the backup."
    if isinstance(error, MemoryError | RuntimeError | duckdb.OutOfMemoryException):
        return TOO_LITTLE_MEMORY
    return f"The machine could not do it: {text}. Nothing was changed; run it again."
