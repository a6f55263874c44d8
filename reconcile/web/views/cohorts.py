"""Cohorts: frozen from the queue, looked at run by run, as a chart, a table and a CSV; renamed and removed."""

import csv
import hashlib
from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone

from reconcile import tasks
from reconcile.domain.cohorts import FATE_WORDS, Fate
from reconcile.ledger import operations, queries
from reconcile.ledger.actors import Right
from reconcile.ledger.operations import TooManyJobs, WorkError
from reconcile.ledger.queries import CohortFound
from reconcile.models import Job
from reconcile.web.access import MemberRequest, button, having, member
from reconcile.web.forms.work import frozen
from reconcile.web.parameters import takes
from reconcile.web.pictures.cohort import lines, picture
from reconcile.web.recorded import took_along
from reconcile.web.views.work import back_to


@member
@takes()
def cohorts(request: MemberRequest) -> HttpResponse:
    """All of the party's, with what the newest run made of them."""
    if request.actor.desk is None:
        raise Http404("There are no cohorts without a party.")
    context = {"cohorts": queries.cohorts(actor=request.actor), "fates": FATE_WORDS.values()}
    return render(request, "reconcile/work/cohorts.html", context)


@member
@takes()
def cohort(request: MemberRequest, cohort_id: int) -> HttpResponse:
    """One of them: which of its rows moved, run by run."""
    found = _found(request, cohort_id)
    context = {"found": found, "picture": picture(found), "lines": lines(found), "fates": FATE_WORDS.values()}
    return render(request, "reconcile/work/cohort.html", context)


@having(Right.EXPORT)
@takes()
def as_csv(request: MemberRequest, cohort_id: int) -> HttpResponse:
    """Its figures as a file, the oldest run first."""
    found = _found(request, cohort_id)
    answer = HttpResponse(content_type="text/csv")
    answer["Content-Disposition"] = f'attachment; filename="cohort-{cohort_id}.csv"'
    writer = csv.writer(answer)
    writer.writerow(("run", "as_of", *Fate))
    writer.writerows((one.run.pk, one.run.as_of.isoformat(), *one.counts.values()) for one in found.runs)
    cohort = found.row.cohort
    sha256 = hashlib.sha256(answer.content).hexdigest()
    took_along(request, f"Cohort “{cohort.name}”", rows=len(found.runs), sha256=sha256, party=cohort.party_id)
    return answer


def _found(request: MemberRequest, cohort_id: int) -> CohortFound:
    found = queries.cohort(actor=request.actor, cohort_id=cohort_id)
    if found is None:
        raise Http404("There is no such cohort, or it is not yours.")
    return found


@button
@having(Right.WORK)
def freeze(request: MemberRequest) -> HttpResponseBase:
    """Freeze the rows that are ticked, the first of the list, or all that match, many of them as a job."""
    try:
        made = operations.freeze(
            actor=request.actor,
            name=request.POST.get("cohort_name", ""),
            rows=frozen(request.POST),
            request=request.POST.get("request", ""),
            now=timezone.now(),
        )
    except (WorkError, TooManyJobs) as problem:
        messages.error(request, str(problem))
        return back_to(request, "work")
    if isinstance(made, Job):
        return redirect("job", tasks.send(made).pk)
    messages.success(request, f"Frozen: {made.size:,} rows as “{made.name}”.")
    return redirect("work-cohort", made.pk)


@button
@having(Right.WORK)
def rename(request: MemberRequest, cohort_id: int) -> HttpResponseBase:
    """Give it another name."""
    name = request.POST.get("name", "")
    rename = lambda: operations.rename_cohort(  # noqa: E731
        actor=request.actor, cohort_id=cohort_id, name=name, now=timezone.now()
    )
    return _done(request, rename)


@button
@having(Right.WORK)
def remove(request: MemberRequest, cohort_id: int) -> HttpResponseBase:
    """Follow its rows no more; they stay as they are."""
    return _done(
        request, lambda: operations.remove_cohort(actor=request.actor, cohort_id=cohort_id, now=timezone.now())
    )


def _done(request: MemberRequest, do: Callable[[], object]) -> HttpResponseBase:
    try:
        do()
    except WorkError as problem:
        messages.error(request, str(problem))
    return redirect("work-cohorts")
