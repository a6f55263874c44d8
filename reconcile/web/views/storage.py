"""Disk use and retention."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from reconcile import tasks
from reconcile.ledger import operations, queries
from reconcile.ledger.actors import MACHINE, Actor, Right
from reconcile.ledger.operations import OperationError
from reconcile.web.access import MemberRequest, button, having

HOURS = {"tidy": tasks.TIDY_HOUR, "verify": tasks.VERIFY_HOUR}


def metrics(request: HttpRequest) -> HttpResponseBase:
    """The product's own figures: for a program with METRICS_TOKEN, and for people who see what the disks hold."""
    given, _, token = request.headers.get("Authorization", "").partition(" ")
    if given == "Bearer" and settings.METRICS_TOKEN and constant_time_compare(token, settings.METRICS_TOKEN):
        return _metrics(MACHINE)
    return _own_metrics(request)


@having(Right.SEE_STORAGE)
def _own_metrics(request: MemberRequest) -> HttpResponse:
    return _metrics(request.actor)


def _metrics(actor: Actor) -> HttpResponse:
    return HttpResponse(queries.metrics(actor=actor, now=timezone.now()), content_type="text/plain; version=0.0.4")


@having(Right.SEE_STORAGE)
def storage(request: MemberRequest) -> HttpResponse:
    """What the disks hold and what the rule of retention lets go next."""
    found = queries.storage(actor=request.actor, now=timezone.now())
    return render(
        request,
        "reconcile/storage.html",
        {"storage": found, "hours": HOURS, "feeds": queries.feeds(scope=request.scope, now=timezone.now())},
    )


@button
@having(Right.THIN)
def tidy(request: MemberRequest) -> HttpResponse:
    """Thin now instead of tonight."""
    return redirect("job", tasks.send(operations.start_tidy(actor=request.actor, now=timezone.now())).pk)


@button
@having(Right.THIN)
def bring_back(request: MemberRequest) -> HttpResponse:
    """Bring a thinned snapshot back out of the trash."""
    try:
        operations.bring_back(actor=request.actor, names=[request.POST.get("name", "")], now=timezone.now())
    except OperationError as problem:
        messages.error(request, str(problem))
    return redirect("storage")


@button
@having(Right.THIN)
def verify(request: MemberRequest) -> HttpResponse:
    """Check every snapshot now instead of a sample tonight."""
    return redirect("job", tasks.send(operations.start_verify(actor=request.actor, now=timezone.now())).pk)
