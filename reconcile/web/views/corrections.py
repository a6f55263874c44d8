"""Correction files: what would be sent, approved by its number; what was sent, a sending and a file at a time."""

from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from reconcile import tasks
from reconcile.ledger import operations, queries
from reconcile.ledger.actors import Right
from reconcile.ledger.operations import TooManyJobs, WorkError
from reconcile.ledger.queries import Sending
from reconcile.ledger.work_filter import WorkFilter
from reconcile.ledger.working import Selection
from reconcile.models import CorrectionFile
from reconcile.web.access import MemberRequest, button, having, member
from reconcile.web.forms.work import ids_of, number_of, selection
from reconcile.web.parameters import takes
from reconcile.web.tables.corrections import LINES, SENDINGS, bars_of
from reconcile.web.tables.table import PAGING, shown
from reconcile.web.taken_files import file_taken, manifest_taken, table_taken
from reconcile.web.views.discrepancies import filters_of


@member
@takes("page")
def corrections(request: MemberRequest) -> HttpResponse:
    """What the person's party sent, or everybody."""
    context = {"shown": shown(SENDINGS, queries.sendings(actor=request.actor), request.GET)}
    return render(request, "reconcile/corrections/list.html", context)


@require_http_methods(["GET", "POST"])
@having(Right.CORRECT)
@takes(*PAGING, "view", "most", *WorkFilter.base_fields)
def new(request: MemberRequest) -> HttpResponseBase:
    """What a filter, or the rows that were ticked, would send: nothing is sent yet."""
    filters = filters_of(request.GET)
    filters.pop("view", None)
    most = "".join(filters.pop("most", []))
    try:
        of = selection(request.POST) if request.method == "POST" else Selection(query=filters.urlencode())
        found = queries.foreseen_corrections(
            actor=request.actor, query=of.query, ids=of.ids, most=number_of(most) if most else None, now=timezone.now()
        )
    except WorkError as problem:
        messages.error(request, str(problem))
        return redirect("work")
    context = {"found": found, "plan": found.plan, "query": of.query, "ids": of.ids, "key": uuid4().hex}
    return render(request, "reconcile/corrections/new.html", context)


@button
@having(Right.CORRECT)
def make(request: MemberRequest) -> HttpResponseBase:
    """Approve so many corrections, and have their files made."""
    asked = request.POST
    try:
        job = operations.start_correction(
            actor=request.actor,
            query=asked.get("query", ""),
            ids=tuple(ids_of(asked)),
            count=number_of(asked.get("count")),
            most=number_of(asked.get("most")),
            request=asked.get("request", ""),
            now=timezone.now(),
        )
    except (WorkError, TooManyJobs) as problem:
        messages.error(request, str(problem))
        return redirect("corrections")
    return redirect("job", tasks.send(job).pk)


@member
@takes()
def correction(request: MemberRequest, correction_id: int) -> HttpResponse:
    """One sending: who approved it, of what, its files."""
    return render(request, "reconcile/corrections/sending.html", {"found": _sending(request, correction_id)})


@member
@takes("page")
def file(request: MemberRequest, file_id: int) -> HttpResponse:
    """One file: where it goes, and each of its lines."""
    found = _file(request, file_id)
    lines = queries.correction_lines(actor=request.actor, file_id=found.pk)
    answers = queries.answers_of(actor=request.actor, file_id=found.pk, now=timezone.now())
    context = {"file": found, "shown": shown(LINES, lines, request.GET), "bars": bars_of(answers)}
    return render(request, "reconcile/corrections/file.html", context)


@having(Right.EXPORT)
@takes()
def download(request: MemberRequest, file_id: int) -> StreamingHttpResponse:
    """The file as it is sent."""
    return file_taken(request.actor, _file(request, file_id))


@having(Right.EXPORT)
@takes()
def table(request: MemberRequest, correction_id: int) -> StreamingHttpResponse:
    """Every line of a sending as one plain table."""
    return table_taken(request.actor, _sending(request, correction_id).correction)


@having(Right.EXPORT)
@takes()
def manifest(request: MemberRequest, correction_id: int) -> HttpResponse:
    """What proves a sending whole."""
    return manifest_taken(request.actor, _sending(request, correction_id).correction)


def _sending(request: MemberRequest, correction_id: int) -> Sending:
    found = queries.sending(actor=request.actor, correction_id=correction_id)
    if found is None:
        raise Http404("There is no such sending, or it is not yours.")
    return found


def _file(request: MemberRequest, file_id: int) -> CorrectionFile:
    found = queries.correction_file(actor=request.actor, file_id=file_id)
    if found is None:
        raise Http404("There is no such file, or it is not yours.")
    return found
