"""Disk use and retention."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from reconcile import tasks
from reconcile.ledger import queries
from reconcile.web.access import MemberRequest, member, operator


@member
def storage(request: MemberRequest) -> HttpResponse:
    """What the disks hold and what the rule of retention lets go next."""
    found = queries.storage(scope=request.scope)
    if found is None:
        raise Http404
    return render(request, "reconcile/storage.html", {"storage": found, "hour": tasks.TIDY_HOUR})


@require_POST
@operator
def tidy(request: MemberRequest) -> HttpResponse:
    """Thin now instead of tonight."""
    return redirect("job", tasks.queue_tidy(by=request.user, now=timezone.now()).pk)
