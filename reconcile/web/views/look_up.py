"""Look up: can they answer? Numbers and devices that somebody pastes, as a page and as a CSV."""

import csv
import hashlib

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from reconcile.domain.days import today
from reconcile.domain.pasted import read_pasted
from reconcile.ledger import queries
from reconcile.ledger.actors import Right
from reconcile.ledger.safe_csv import safe
from reconcile.web import looked_up
from reconcile.web.access import MemberRequest, button, having, member
from reconcile.web.parameters import takes
from reconcile.web.recorded import took_along


@member
@takes("q")
def look_up(request: MemberRequest) -> HttpResponse:
    """What was pasted, answered in its order; one number has a big answer."""
    asked = request.POST.get("numbers", request.GET.get("q", ""))
    found = queries.look_up(scope=request.scope, pasted=read_pasted(asked)) if asked.strip() else None
    context = {
        "asked": asked,
        "most": queries.MOST_LOOKED_UP,
        "found": found,
        "run": queries.runs(scope=request.scope)[:1],
    }
    if found and found.rows:
        as_of = found.inventory_as_of
        context |= {
            "counted": looked_up.counted(found),
            "summary": looked_up.summary(found),
            "age": looked_up.age(as_of, today(timezone.now())) if as_of else "",
            "one": found.rows[0] if len(found.rows) == 1 else None,
            "flag": looked_up.trust(found.rows[0]),
            "mark": looked_up.MARKS[found.rows[0].answer],
            "tone": looked_up.TONES[found.rows[0].answer],
            "smets": looked_up.smets(found.rows[0]),
            "generations": looked_up.of_generations(found),
            "cells": looked_up.cells(found) if len(found.rows) > 1 else "",
        }
    return render(request, "reconcile/points/look_up.html", context)


@button
@having(Right.EXPORT)
@takes("q")
def as_csv(request: MemberRequest) -> HttpResponse:
    """The same answers as a file, of what the person may export."""
    pasted = read_pasted(request.POST.get("numbers", ""))
    if not pasted.items:
        return redirect("look-up")
    found = queries.look_up(scope=request.actor.scope_of(Right.EXPORT), pasted=pasted)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="look-up.csv"'
    writer = csv.DictWriter(response, looked_up.COLUMNS)
    writer.writeheader()
    writer.writerows({name: safe(value) for name, value in line.items()} for line in looked_up.lines(found))
    sha256 = hashlib.sha256(response.content).hexdigest()
    took_along(request, "Look up", rows=len(found.rows), sha256=sha256)
    return response
