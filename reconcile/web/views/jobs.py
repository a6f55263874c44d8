"""Jobs: how they go, what they gave, and a person's word on those that are held."""

from collections.abc import Callable

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from reconcile import tasks
from reconcile.ledger import operations, queries
from reconcile.ledger.actors import Right
from reconcile.ledger.operations import OperationError
from reconcile.ledger.queries import JobPage
from reconcile.models import AuditEntry, Job
from reconcile.web.access import MemberRequest, button, having, member
from reconcile.web.forms.handed_in import ApprovalForm
from reconcile.web.middleware.sessions import refreshes_itself
from reconcile.web.parameters import takes
from reconcile.web.tables.columns import JOBS
from reconcile.web.tables.table import shown
from reconcile.web.taken_files import attached


@member
@takes("page")
def jobs(request: MemberRequest) -> HttpResponse:
    """One's own jobs, or everyone's."""
    found = queries.jobs(actor=request.actor)
    state = queries.health(now=timezone.now(), parts=queries.PARTS_OF_JOBS)
    return render(
        request, "reconcile/jobs/list.html", {"shown": shown(JOBS, found, request.GET), "faults": state.faults}
    )


@refreshes_itself
@member
def job(request: MemberRequest, job_id: int) -> HttpResponse:
    """One job; while it waits or runs, htmx asks for its state every second."""
    page = page_of(request, job_id)
    moving = page.job.state in {Job.State.QUEUED, Job.State.RUNNING}
    template = "state" if request.htmx else "job"
    context = {"page": page, "job": page.job, "moving": moving}
    response = render(request, f"reconcile/jobs/{template}.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def page_of(request: MemberRequest, job_id: int) -> JobPage:
    """A job that the person may see, or 404."""
    found = queries.job(actor=request.actor, job_id=job_id)
    if found is None:
        raise Http404("There is no such job, or it is not yours.")
    return found


@button
@having(Right.DECIDE)
def approve(request: MemberRequest, job_id: int) -> HttpResponse:
    """Let a held job go on, up to the figures shown."""
    form = ApprovalForm(request.POST)
    attempt = form.cleaned_data["attempt"] if form.is_valid() else 0
    word = {"attempt": attempt, "reason": form.cleaned_data.get("reason", "")}
    return _moved(
        request,
        job_id,
        lambda: tasks.send(operations.approve(actor=request.actor, job_id=job_id, **word, now=timezone.now())),
    )


@button
@having(Right.DECIDE)
def refuse(request: MemberRequest, job_id: int) -> HttpResponse:
    """End a held job."""
    form = ApprovalForm(request.POST)
    reason = form.cleaned_data.get("reason", "") if form.is_valid() else ""
    return _moved(
        request,
        job_id,
        lambda: operations.refuse(actor=request.actor, job_id=job_id, reason=reason, now=timezone.now()),
    )


@button
@member
def cancel(request: MemberRequest, job_id: int) -> HttpResponse:
    """End a job before it is done."""
    return _moved(request, job_id, lambda: operations.cancel(actor=request.actor, job_id=job_id, now=timezone.now()))


@button
@member
def again(request: MemberRequest, job_id: int) -> HttpResponse:
    """Run a failed or lost job once more."""
    return _moved(
        request,
        job_id,
        lambda: tasks.send(operations.run_again(actor=request.actor, job_id=job_id, now=timezone.now())),
    )


def _moved(request: MemberRequest, job_id: int, move: Callable[[], Job]) -> HttpResponse:
    """Make the move, and show the job as it stands then; what cannot be done is said there."""
    try:
        move()
    except OperationError as problem:
        messages.error(request, str(problem))
    return redirect("job", job_id)


@member
def download(request: MemberRequest, job_id: int) -> FileResponse:
    """The CSV that an export made, whole and with its length."""
    page = page_of(request, job_id)
    answer = attached(page.file, "text/csv")
    operations.note_download(actor=request.actor, job=page.job, now=timezone.now())
    return answer


@member
def manifest(request: MemberRequest, job_id: int) -> FileResponse:
    """What proves the CSV complete."""
    return attached(page_of(request, job_id).manifest, "application/json")


@having(Right.READ_REJECTS)
def rejects(request: MemberRequest, job_id: int) -> FileResponse:
    """The lines that a held load would leave out."""
    answer = attached(page_of(request, job_id).rejects, "text/csv")
    operations.note(
        actor=request.actor, what=AuditEntry.What.READ_REJECTS, now=timezone.now(), job=job_id, about=answer.filename
    )
    return answer
