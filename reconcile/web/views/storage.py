"""Disk use and retention."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from reconcile import tasks
from reconcile.ledger import operations, queries
from reconcile.ledger.actors import Right
from reconcile.web.access import MemberRequest, button, having


@having(Right.SEE_STORAGE)
def storage(request: MemberRequest) -> HttpResponse:
    """What the disks hold and what the rule of retention lets go next."""
    found = queries.storage(actor=request.actor, now=timezone.now())
    return render(request, "reconcile/storage.html", {"storage": found, "hour": tasks.TIDY_HOUR})


@button
@having(Right.THIN)
def tidy(request: MemberRequest) -> HttpResponse:
    """Thin now instead of tonight."""
    return redirect("job", tasks.send(operations.start_tidy(actor=request.actor, now=timezone.now())).pk)
