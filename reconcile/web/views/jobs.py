"""Jobs: how they go, what they gave, and a person's word on those that are held."""

from pathlib import Path

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_POST

from reconcile import tasks
from reconcile.ledger import operations, queries
from reconcile.ledger.operations import OperationError
from reconcile.models import Job
from reconcile.web.access import MemberRequest, job_of, member, operator
from reconcile.web.columns import JOBS
from reconcile.web.tables import shown


@member
def jobs(request: MemberRequest) -> HttpResponse:
    """One's own jobs; the market operator sees all."""
    found = queries.jobs(scope=request.scope, by=request.user)
    return render(request, "reconcile/jobs/list.html", {"shown": shown(JOBS, found, request.GET)})


@member
def job(request: MemberRequest, job_id: int) -> HttpResponse:
    """One job; while it waits or runs, htmx asks for its state every second."""
    found = job_of(request, job_id)
    context = {
        "job": found,
        "moving": found.state in {Job.State.QUEUED, Job.State.RUNNING},
        "may_decide": request.scope.everything,
        "again": found.state in {Job.State.FAILED, Job.State.LOST},
    }
    template = "state" if request.htmx and not request.htmx.history_restore_request else "job"
    response = render(request, f"reconcile/jobs/{template}.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_POST
@operator
def approve(request: MemberRequest, job_id: int) -> HttpResponse:
    """Let a held job go on, up to the figures shown."""
    try:
        tasks.approve(job_id=job_id, by=request.user, now=timezone.now())
    except OperationError as problem:
        messages.error(request, str(problem))
    return redirect("job", job_id)


@require_POST
@operator
def refuse(request: MemberRequest, job_id: int) -> HttpResponse:
    """End a held job."""
    try:
        operations.refuse(job_id=job_id, by=request.user, now=timezone.now())
    except OperationError as problem:
        messages.error(request, str(problem))
    return redirect("job", job_id)


@require_POST
@member
def again(request: MemberRequest, job_id: int) -> HttpResponse:
    """Run a failed or lost job once more."""
    job_of(request, job_id)
    try:
        tasks.run_again(job_id=job_id, by=request.user, now=timezone.now())
    except OperationError as problem:
        messages.error(request, str(problem))
    return redirect("job", job_id)


def _file_of(request: MemberRequest, job_id: int, key: str) -> Path:
    """A file that an export made, or 404."""
    path = Path(job_of(request, job_id).result.get(key) or "")
    if not path.is_file():
        raise Http404("This job has no such file, or the file has been removed.")
    return path


@member
def download(request: MemberRequest, job_id: int) -> FileResponse:
    """The CSV that an export made, whole and with its length."""
    path = _file_of(request, job_id, "file")
    return FileResponse(path.open("rb"), as_attachment=True, filename=path.name, content_type="text/csv")


@member
def manifest(request: MemberRequest, job_id: int) -> FileResponse:
    """What proves the CSV complete."""
    path = _file_of(request, job_id, "manifest")
    return FileResponse(path.open("rb"), as_attachment=True, filename=path.name, content_type="application/json")
