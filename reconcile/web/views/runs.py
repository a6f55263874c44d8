"""Runs: the list, one run, and asking for another."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from reconcile import tasks
from reconcile.ledger import operations, queries
from reconcile.ledger.actors import Right
from reconcile.ledger.operations import OperationError
from reconcile.web.access import MemberRequest, button, having, member
from reconcile.web.kept import kept_page
from reconcile.web.parameters import takes
from reconcile.web.pictures.still import bridge_bars
from reconcile.web.tables.columns import RUNS
from reconcile.web.tables.table import shown


@member
@takes("page")
def runs(request: MemberRequest) -> HttpResponse:
    """Every run within the scope."""
    found = queries.runs(scope=request.scope)
    return render(request, "reconcile/runs/list.html", {"shown": shown(RUNS, found, request.GET)})


@member
def run(request: MemberRequest, run_id: int) -> HttpResponse:
    """One run: what it compared and what it found."""
    return kept_page(request, "reconcile/runs/run.html", lambda: _run(request, run_id), of=(run_id,))


def _run(request: MemberRequest, run_id: int) -> dict[str, Any]:
    """Raises Http404 where there is none."""
    page = queries.run(scope=request.scope, run_id=run_id)
    if page is None:
        raise Http404("There is no such run.")
    bars = bridge_bars(page.bridge, linked=page.is_newest) if page.bridge else []
    return {"page": page, "run": page.found.run, "bridge": bars}


@button
@having(Right.RECONCILE)
def reconcile(request: MemberRequest) -> HttpResponse:
    """Ask for a run as of the newest extract."""
    try:
        job = tasks.send(operations.start_reconcile(actor=request.actor, now=timezone.now()))
    except OperationError as problem:
        messages.error(request, str(problem))
        return redirect("runs")
    return redirect("job", job.pk)
