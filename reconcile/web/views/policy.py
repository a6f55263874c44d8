"""The policies as tables, two of them beside each other, one combination judged, and the catalogue of rules."""

import csv
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from reconcile.domain.differing import differing, moved
from reconcile.domain.policies import DEFAULT_POLICY, choices
from reconcile.domain.rules import RULES
from reconcile.domain.vocabulary import FLAGS
from reconcile.web import policy_page
from reconcile.web.access import MemberRequest, logged_in
from reconcile.web.forms.handed_in import TryForm
from reconcile.web.parameters import takes
from reconcile.web.policy_page import in_words, named, status_classes
from reconcile.web.tables.table import changed

PER_PAGE = 50


@logged_in
@takes("policy", "judge", *TryForm.base_fields)
def policy(request: MemberRequest) -> HttpResponse:
    """The truth table of a policy, and a form that asks it."""
    form = TryForm(request.GET if request.GET.keys() & {"judge", *TryForm.base_fields} else None)
    shown = named(request, "policy")
    result = None
    if form.is_valid():
        flag, statuses, ever = form.combination()
        result = in_words(flag, shown.judge(flag, statuses, ever))
    context = {
        "form": form,
        "result": result,
        "classes": status_classes(shown),
        "flags": [flag or "" for flag in FLAGS],
        "policy": shown,
        "policies": choices(),
        "in_force": DEFAULT_POLICY,
        "left_open": policy_page.left_open(shown),
    }
    template = "result" if request.htmx else "policy"
    response = render(request, f"reconcile/policy/{template}.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@logged_in
@takes("policy")
def cells_csv(request: MemberRequest) -> HttpResponse:
    """Every cell of a policy's truth table."""
    shown = named(request, "policy")
    return _csv(f"truth-table-{shown.name}", policy_page.CELL_COLUMNS, policy_page.cell_rows(shown))


@logged_in
@takes("policy", "against", "flag", "now", "then", "page")
def differences(request: MemberRequest) -> HttpResponse:
    """The cells in which two policies differ."""
    then, now = named(request, "policy", policy_page.FIRST_OTHER), named(request, "against")
    cells = differing(now, then)
    only = policy_page.NarrowedCells.of(request.GET)
    rows = only.among(cells)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    beside = {"previous": page.has_previous() and page.number - 1, "next": page.has_next() and page.number + 1}
    context = {
        "policy": then,
        "against": now,
        "policies": choices(),
        "total": len(cells),
        "moves": [(one or "none", other or "none", count) for (one, other), count in moved(cells).items()],
        "only": only,
        "rows": [policy_page.DifferingRow.of(cell) for cell in page],
        "narrowed_to": len(rows),
        "pages": {name: changed(request.GET, {"page": number}) for name, number in beside.items() if number},
        "query": request.GET.urlencode(),
    }
    return render(request, "reconcile/policy/differences.html", context)


@logged_in
@takes("policy", "against", "flag", "now", "then")
def differences_csv(request: MemberRequest) -> HttpResponse:
    """The cells in which two policies differ, as a file."""
    then, now = named(request, "policy", policy_page.FIRST_OTHER), named(request, "against")
    cells = policy_page.NarrowedCells.of(request.GET).among(differing(now, then))
    rows = (policy_page.DifferingRow.of(cell).values for cell in cells)
    return _csv(f"{now.name}-and-{then.name}", policy_page.DIFFERING_COLUMNS, rows)


def _csv(name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name.replace(":", "-")}.csv"'
    writer = csv.writer(response)
    writer.writerow(columns)
    writer.writerows(rows)
    return response


@logged_in
def rules(request: MemberRequest) -> HttpResponse:
    """Every rule in words."""
    return render(request, "reconcile/policy/rules.html", {"rules": RULES.values()})
