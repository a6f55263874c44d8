"""The alert desk's queue: its lines, one of them, what is done with them, the CSV, and what codes mean."""

import csv
from collections.abc import Iterator
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from reconcile.domain.alert_work import CLOSED, OPEN, OUTCOMES, STATE_WORDS, TAKEN, LineState, possible
from reconcile.domain.alerts import CHANGES, MEANINGS
from reconcile.domain.triage import CLASS_WORDS, GENERATIONS, KIND_NAMES, Class, Kind
from reconcile.ledger import operations, queries
from reconcile.ledger.actors import Right
from reconcile.ledger.alerting import LineChange
from reconcile.ledger.operations import WorkError
from reconcile.models import AuditEntry
from reconcile.web.access import MemberRequest, button, having, member
from reconcile.web.forms.alerts import AlertFilterForm, LineForm, asked_of, meanings_of
from reconcile.web.forms.work import ids_of
from reconcile.web.parameters import takes
from reconcile.web.tables.alerts import ALERT_LINES, ALERTS
from reconcile.web.tables.table import changed, shown

FILTERS = tuple(AlertFilterForm.base_fields)
STATES = {"open": (OPEN, TAKEN), "closed": (CLOSED,), "all": (OPEN, TAKEN, CLOSED)}
"""In which states lines may be that a filter finds."""


@member
@takes("page", *FILTERS)
def alerts(request: MemberRequest) -> HttpResponse:
    """The queue of whoever sees alerts."""
    _must_see(request)
    form = AlertFilterForm(request.GET, label_suffix="")
    found = queries.alert_queue(actor=request.actor, asked=asked_of(form))
    context = {
        "form": form,
        "problems": form.errors,
        "found": found,
        "classes": [(one.value, count, _narrowed(request, triaged=one.value)) for one, count in found.classes],
        "generations": [
            (GENERATIONS[one], count, _narrowed(request, generation=one)) for one, count in found.generations.items()
        ],
        "shown": shown(ALERT_LINES, found.lines, request.GET, found.total),
        "query": request.GET.urlencode(),
        "acts": possible(STATES[found.asked.state]),
        "in_force": sum(bool(request.GET.get(name)) for name in FILTERS),
        "key": uuid4().hex,
    }
    return render(request, "reconcile/alerts/list.html", context)


def _narrowed(request: MemberRequest, **more: str) -> str:
    """The address of the same lines, narrowed further, from the first page."""
    return changed(request.GET, {**more, "page": None})


def _must_see(request: MemberRequest) -> None:
    if not queries.sees_alerts(actor=request.actor):
        raise Http404("Alerts are those of networks.")


@member
@takes("page")
def line(request: MemberRequest, line_id: int) -> HttpResponse:
    """One line with its alerts."""
    found = queries.alert_line(actor=request.actor, line_id=line_id)
    if found is None:
        raise Http404("There is no such line, or it is not yours.")
    context = {
        "found": found,
        "shown": shown(ALERTS, found.members, request.GET, found.line.alerts),
        "people": queries.alert_queue(actor=request.actor, asked=queries.AlertsAsked()).people,
        "outcomes": OUTCOMES,
        "acts": possible((LineState(found.line.state),)),
        "key": uuid4().hex,
        "kind": KIND_NAMES[Kind(found.line.kind)],
        "class_words": CLASS_WORDS[Class(found.line.triaged)],
        "state": STATE_WORDS[LineState(found.line.state)],
    }
    return render(request, "reconcile/alerts/line.html", context)


@button
@having(Right.WORK)
def change(request: MemberRequest) -> HttpResponseBase:
    """Do something with the lines that are ticked."""
    form = LineForm(request.POST)
    try:
        entry = operations.work_on_alerts(
            actor=request.actor,
            asked=_change(form),
            ids=tuple(dict.fromkeys(ids_of(request.POST))),
            request=request.POST.get("request", ""),
            now=timezone.now(),
        )
    except WorkError as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, f"{entry.get_what_display()}: {entry.rows or 0:,}.")
    back = request.POST.get("back", "")
    safe_back = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return redirect(back if safe_back else "alerts")


def _change(form: LineForm) -> LineChange:
    """Raises WorkError."""
    if not form.is_valid():
        raise WorkError("The page sent something that cannot be read. Nothing was changed: load it again.")
    return form.change()


@having(Right.EXPORT)
@takes(*FILTERS)
def as_csv(request: MemberRequest) -> StreamingHttpResponse:
    """The alerts of the lines that the filter finds, as `export_alerts` writes them."""
    _must_see(request)
    form = AlertFilterForm(request.GET)
    if not form.is_valid():
        raise Http404("The filter cannot be read.")
    asked = asked_of(form)
    found = queries.alert_rows(actor=request.actor, asked=asked)
    operations.note(
        actor=request.actor, what=AuditEntry.What.DOWNLOADED, now=timezone.now(), about="Alerts",
        filters=request.GET.urlencode(), rows=queries.alert_count(actor=request.actor, asked=asked),
    )  # fmt: skip
    answer = StreamingHttpResponse(_lines(found), content_type="text/csv")
    answer["Content-Disposition"] = 'attachment; filename="alerts.csv"'
    return answer


class _Line:
    """What csv writes to: it gives each line back."""

    def write(self, text: str) -> str:
        return text


def _lines(rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    lines = csv.writer(_Line(), lineterminator="\n")
    return (lines.writerow(row) for row in rows)


@member
def meanings(request: MemberRequest) -> HttpResponse:
    """What codes mean: what is public, and what the person's party filled in."""
    _must_see(request)
    own = queries.alert_meanings(actor=request.actor) if request.actor.desk else []
    may_set = request.actor.desk is not None and request.actor.desk.may(Right.MANAGE_WORK)
    context = {"known": MEANINGS, "changes": CHANGES, "own": own, "may_set": may_set}
    return render(request, "reconcile/alerts/meanings.html", context)


@button
@having(Right.MANAGE_WORK)
def set_meanings(request: MemberRequest) -> HttpResponseBase:
    """Fill in what codes mean."""
    try:
        kept = operations.set_meanings(actor=request.actor, meanings=meanings_of(request.POST), now=timezone.now())
    except WorkError as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, f"Codes with a meaning: {len(kept):,}.")
    return redirect("alert-meanings")
