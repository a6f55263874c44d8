"""What another policy would change: sums with their chart, the Meter Points behind each figure, a job for their CSV."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from reconcile import tasks
from reconcile.domain.policies import UnknownPolicy, choices
from reconcile.domain.policy import Policy
from reconcile.ledger import operations, queries
from reconcile.ledger.access import Scope
from reconcile.ledger.actors import Right
from reconcile.ledger.operations import ChangesWanted, TooManyJobs
from reconcile.ledger.queries import ChangesAsked, NotThere, WhatIf
from reconcile.web import links
from reconcile.web.access import MemberRequest, button, having, member
from reconcile.web.parameters import takes
from reconcile.web.pictures.still import Bar, length_bars
from reconcile.web.policy_page import FIRST_OTHER
from reconcile.web.tables.table import changed

PER_PAGE = 50
RUNS = 60
"""So many of the newest runs are offered."""
MOST_PER_FILE = 10**9
MOST_DAYS = 10
"""So many are drawn."""
CHANGES = ("now", "then", "network", "supplier", "rule")


class WhatIfForm(forms.Form):
    """What is asked: two policies, a run, the updates that go into one file."""

    policy = forms.CharField(required=False)
    against = forms.CharField(required=False)
    run = forms.IntegerField(required=False, min_value=1, max_value=2**31)
    limit = forms.IntegerField(label="Updates in one file", required=False, min_value=1, max_value=MOST_PER_FILE)

    def clean_policy(self) -> str:
        """Without one, the first that is not in force."""
        return self.cleaned_data["policy"] or FIRST_OTHER.name


ASKED = tuple(WhatIfForm.base_fields)


@member
@takes(*ASKED)
def what_if(request: MemberRequest) -> HttpResponse:
    """What a policy would change, of all that a run counted."""
    form = WhatIfForm(request.GET)
    found, problem = _found(request, form, request.scope)
    context = {
        "form": form,
        "found": found,
        "problem": problem,
        "limit": form.cleaned_data.get("limit") or queries.FILE_LIMIT,
        "runs": [row.run for row in queries.runs(scope=request.scope)[:RUNS]],
        "policies": _choices(found),
        "chosen": form.cleaned_data.get("policy"),
        "pictures": _pictures(found) if found else {},
        "csv": links.what_if("what-if-csv", found) if found else "",
    }
    return render(request, "reconcile/policy/what_if.html", context)


@member
@takes(*ASKED, *CHANGES, "after")
def points(request: MemberRequest) -> HttpResponse:
    """The Meter Points behind a figure."""
    found, problem = _found(request, WhatIfForm(request.GET), request.scope)
    if found is None:
        raise Http404(problem or "There is no run.")
    only, after = _only(request), request.GET.get("after", "")
    page = None
    try:
        page = queries.changing_page(
            scope=request.scope, of=found, only=only, after=int(after) if _is_number(after) else 0, size=PER_PAGE
        )
    except NotThere as gone:
        problem = str(gone)
    context = {
        "found": found,
        "page": page,
        "problem": problem,
        "only": only,
        "after": after,
        "narrowed": only.in_words(found),
        "first": changed(request.GET, {"after": None}),
        "next": changed(request.GET, {"after": page.after}) if page and page.after else "",
        "csv": links.what_if("what-if-csv", found, **vars(only)),
        "sums": links.what_if("what-if", found),
    }
    return render(request, "reconcile/policy/changing.html", context)


@button
@having(Right.EXPORT)
@takes(*ASKED, *CHANGES)
def points_csv(request: MemberRequest) -> HttpResponse:
    """Queue a CSV of them, of what the person may export."""
    scope = request.actor.scope_of(Right.EXPORT)
    found, problem = _found(request, WhatIfForm(request.GET), scope)
    if found is None:
        raise Http404(problem or "There is no run.")
    wanted = ChangesWanted(found.policy.name, found.against.name, found.run.pk, _only(request))
    try:
        asked = operations.start_what_if(actor=request.actor, wanted=wanted, now=timezone.now())
    except TooManyJobs as many:
        messages.error(request, str(many))
        return redirect(links.what_if("what-if", found))
    return redirect("job", tasks.send(asked).pk)


def _found(request: MemberRequest, form: WhatIfForm, scope: Scope) -> tuple[WhatIf | None, str]:
    """What was found, or why nothing was. A policy or a run that there is not has no page."""
    if not form.is_valid():
        return None, " ".join(f"{name}: {error}" for name, errors in form.errors.items() for error in errors)
    asked = form.cleaned_data
    try:
        found = queries.what_if(
            scope=scope,
            policy=asked["policy"],
            against=asked["against"],
            run_id=asked["run"],
            limit=asked["limit"] or queries.FILE_LIMIT,
        )
    except UnknownPolicy as problem:
        raise Http404(str(problem)) from problem
    except NotThere as gone:
        return None, str(gone)
    if found is None and asked["run"]:
        raise Http404("There is no such run.")
    return found, ""


def _choices(found: WhatIf | None) -> list[Policy]:
    """All that is offered, and those that the address names beside it."""
    named = [found.policy, found.against] if found else []
    return list({policy.name: policy for policy in (*choices(), *named)}.values())


def _only(request: MemberRequest) -> ChangesAsked:
    return ChangesAsked(**{name: request.GET.get(name, "").replace("\0", "") for name in CHANGES})


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 16


def _pictures(found: WhatIf) -> dict[str, Any]:
    """Bars of the moves; of each Network Party, supplier and rule with their bars."""
    moves = [
        (f"{now} to {then}", count, links.what_if("what-if-points", found, now=now, then=then))
        for now, then, count in found.moves
    ]
    days = [(f"Day {number}", count, "") for number, count in enumerate(found.updates(MOST_DAYS), 1)]
    parties = {name: _bars(found, name) for name in ("network", "supplier", "rule")}
    return {"moves": length_bars(moves), "days": length_bars(days), "left": max(0, found.days - MOST_DAYS), **parties}


def _bars(found: WhatIf, kind: str) -> list[tuple[queries.ChangesGroup, Bar]]:
    groups = {"network": found.networks, "supplier": found.suppliers, "rule": found.rules}[kind]
    bars = length_bars(
        [(one.name, one.changed, links.what_if("what-if-points", found, **{kind: one.code})) for one in groups]
    )
    return list(zip(groups, bars, strict=True))
