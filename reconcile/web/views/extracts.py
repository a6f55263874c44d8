"""Loaded files: the list, the upload, the load report."""

from collections.abc import Callable

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods

from reconcile import tasks
from reconcile.ledger import operations, queries
from reconcile.ledger.actors import Right
from reconcile.ledger.operations import Marked, OperationError
from reconcile.models import AuditEntry, Job
from reconcile.web import links
from reconcile.web.access import MemberRequest, button, having, member
from reconcile.web.forms.handed_in import MOST_FILES, ReasonForm, UploadForm
from reconcile.web.incoming import begin_load
from reconcile.web.middleware.bodies import takes_file
from reconcile.web.middleware.sessions import refreshes_itself
from reconcile.web.parameters import takes
from reconcile.web.tables.columns import EXTRACTS
from reconcile.web.tables.table import shown
from reconcile.web.taken_files import attached

LONGEST_KEY = 18
"""Digits of a number that any database keeps."""


@member
@takes("page", "sort")
def extracts(request: MemberRequest) -> HttpResponse:
    """Every file within the scope."""
    rows = queries.extracts(scope=request.scope, sort=request.GET.get("sort", ""))
    return render(request, "reconcile/extracts/list.html", {"shown": shown(EXTRACTS, rows, request.GET)})


@require_http_methods(["GET", "POST"])
@takes_file(Right.LOAD)
@having(Right.LOAD)
@takes("replaces", "jobs")
def upload(request: MemberRequest) -> HttpResponse:
    """Hand in files, which a worker loads; one in place of a bad one is asked for what that was asked for."""
    bad = _replaced(request)
    form = UploadForm(request.POST or None, request.FILES or None, initial=bad.options if bad else None)
    if not form.is_valid():
        context = {"form": form, "bad": bad}
        return render(request, "reconcile/extracts/upload.html", context, status=400 if form.is_bound else 200)
    begun = [tasks.send(begin_load(request.actor, file, form.cleaned_data)).pk for file in form.cleaned_data["file"]]
    beside = numbers(request)
    if len(begun) == 1 and not beside:
        return redirect("job", begun[0])
    kept = [number for number in beside if not bad or number != bad.pk]
    return redirect(links.loads([*kept, *begun]))


def numbers(request: MemberRequest) -> list[int]:
    """The jobs that an address names, `?jobs=3,4,5`; what is no number names none."""
    texts = request.GET.get("jobs", "").split(",")[:MOST_FILES]
    return [int(text) for text in texts if text.isdecimal() and len(text) < 19]


@button
@having(Right.LOAD)
def sample(request: MemberRequest) -> HttpResponse:
    """Take a sample market, where nothing is loaded yet."""
    try:
        return redirect("job", tasks.send(operations.start_sample(actor=request.actor, now=timezone.now())).pk)
    except OperationError as problem:
        messages.error(request, str(problem))
        return redirect("overview")


@refreshes_itself
@having(Right.LOAD)
@takes("jobs")
def loads(request: MemberRequest) -> HttpResponse:
    """Several loads, a line each; while one waits or runs, htmx asks for them every second."""
    found = queries.loads(actor=request.actor, job_ids=numbers(request), now=timezone.now())
    template = "_loads" if request.htmx else "loads"
    context = {"loads": found, "address": links.loads(one.job.pk for one in found.lines)}
    response = render(request, f"reconcile/extracts/{template}.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _replaced(request: MemberRequest) -> Job | None:
    """The job whose bad file is to be replaced, if the address names one of theirs."""
    number = request.GET.get("replaces", "")
    is_key = number.isdecimal() and len(number) <= LONGEST_KEY
    page = queries.job(actor=request.actor, job_id=int(number)) if is_key else None
    return page.job if page and page.may_replace else None


@member
def extract(request: MemberRequest, extract_id: int) -> HttpResponse:
    """The load report of one file."""
    found = queries.extract(actor=request.actor, extract_id=extract_id)
    if found is None:
        raise Http404("There is no such file, or it holds no Meter Points of yours.")
    return render(request, "reconcile/extracts/extract.html", {"found": found, "extract": found.extract})


@having(Right.READ_REJECTS)
def rejects(request: MemberRequest, extract_id: int) -> FileResponse:
    """The rejected lines as CSV."""
    found = queries.extract(actor=request.actor, extract_id=extract_id)
    answer = attached(found.rejects_file if found else "", "text/csv")
    what, now = AuditEntry.What.READ_REJECTS, timezone.now()
    operations.note(actor=request.actor, what=what, now=now, extract=extract_id, about=answer.filename)
    return answer


@require_http_methods(["GET", "POST"])
@having(Right.DECIDE)
def withdraw(request: MemberRequest, extract_id: int) -> HttpResponse:
    """What withdrawing a file would change; and doing it, with a reason."""
    found = queries.withdrawing(actor=request.actor, extract_id=extract_id, now=timezone.now())
    if found is None:
        raise Http404("There is no such file.")
    form = ReasonForm(request.POST or None)
    if not form.is_valid():
        context = {"found": found, "extract": found.extract, "form": form}
        return render(request, "reconcile/extracts/withdraw.html", context, status=400 if form.is_bound else 200)
    return _marked(request, extract_id, operations.withdraw, form.cleaned_data["reason"])


@button
@having(Right.DECIDE)
def take_back(request: MemberRequest, extract_id: int) -> HttpResponse:
    """Take a withdrawal back, with a reason."""
    form = ReasonForm(request.POST)
    return _marked(request, extract_id, operations.take_back, form.cleaned_data["reason"] if form.is_valid() else "")


def _marked(request: MemberRequest, extract_id: int, mark: Callable[..., Marked], reason: str) -> HttpResponse:
    try:
        done = mark(actor=request.actor, extract_id=extract_id, reason=reason, now=timezone.now())
        if done.job:
            tasks.send(done.job)
    except OperationError as problem:
        messages.error(request, str(problem))
    return redirect("extract", extract_id)
