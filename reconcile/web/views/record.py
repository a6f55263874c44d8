"""The record of who did what."""

from django.http import HttpResponse
from django.shortcuts import render

from reconcile.ledger import queries
from reconcile.ledger.actors import Right
from reconcile.web.access import MemberRequest, having
from reconcile.web.forms.handed_in import RecordForm
from reconcile.web.parameters import takes
from reconcile.web.tables.columns import RECORD
from reconcile.web.tables.table import shown


@having(Right.SEE_RECORD)
@takes("page", *RecordForm.base_fields)
def record(request: MemberRequest) -> HttpResponse:
    """Everything on record, or what a filter leaves; what the filter cannot be is said, and nothing shown."""
    form = RecordForm(request.GET)
    if not queries.sees_work(actor=request.actor):
        form.without_work()
    found = queries.audit(actor=request.actor, **(form.cleaned_data if form.is_valid() else {}))
    rows = found if form.is_valid() else found.none()
    context = {"form": form, "shown": shown(RECORD, rows, request.GET)}
    return render(request, "reconcile/record.html", context)
