"""The policy as a table, one combination judged, and the catalogue of rules."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from reconcile.domain.policies import DEFAULT_POLICY
from reconcile.domain.rules import RULES
from reconcile.domain.vocabulary import FLAGS
from reconcile.web.access import MemberRequest, logged_in
from reconcile.web.forms import TryForm
from reconcile.web.parameters import takes
from reconcile.web.policy_page import in_words, status_classes


@logged_in
@takes("judge", *TryForm.base_fields)
def policy(request: MemberRequest) -> HttpResponse:
    """The truth table, and a form that asks it."""
    form = TryForm(request.GET if request.GET.keys() & {"judge", *TryForm.base_fields} else None)
    result = None
    if form.is_valid():
        flag, statuses, ever = form.combination()
        result = in_words(flag, DEFAULT_POLICY.judge(flag, statuses, ever))
    context = {
        "form": form,
        "result": result,
        "classes": status_classes(DEFAULT_POLICY),
        "flags": [flag or "" for flag in FLAGS],
        "policy": DEFAULT_POLICY,
    }
    template = "result" if request.htmx else "policy"
    response = render(request, f"reconcile/policy/{template}.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@logged_in
def rules(request: MemberRequest) -> HttpResponse:
    """Every rule in words."""
    return render(request, "reconcile/policy/rules.html", {"rules": RULES.values()})
