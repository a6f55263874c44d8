"""Disk use and retention."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from reconcile import tasks
from reconcile.ledger import operations, queries
from reconcile.ledger.actors import Right
from reconcile.ledger.operations import OperationError
from reconcile.web.access import MemberRequest, button, having

HOURS = {"tidy": tasks.TIDY_HOUR, "verify": tasks.VERIFY_HOUR}


@having(Right.SEE_STORAGE)
def storage(request: MemberRequest) -> HttpResponse:
    """What the disks hold and what the rule of retention lets go next."""
    found = queries.storage(actor=request.actor, now=timezone.now())
    return render(request, "reconcile/storage.html", {"storage": found, "hours": HOURS})


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
        operations.bring_back(actor=request.actor, names=[request.POST.get("name", "")])
    except OperationError as problem:
        messages.error(request, str(problem))
    return redirect("storage")


@button
@having(Right.THIN)
def verify(request: MemberRequest) -> HttpResponse:
    """Check every snapshot now instead of a sample tonight."""
    return redirect("job", tasks.send(operations.start_verify(actor=request.actor, now=timezone.now())).pk)
