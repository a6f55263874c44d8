"""Who gets in: pages are for members, changes for the market operator. What a person may not see is not there (404).

In: a request. Out: the view's answer. Wraps every view.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django_htmx.http import HttpResponseClientRefresh
from django_htmx.middleware import HtmxDetails

from reconcile.ledger.access import Scope, scope_for
from reconcile.ledger.queries import job as job_query
from reconcile.models import Job


class MemberRequest(HttpRequest):
    """A request of a person who is logged in, with what they may see."""

    user: User
    scope: Scope
    htmx: HtmxDetails


View = Callable[..., HttpResponseBase]


def logged_in(view: View) -> View:
    """For pages that show no rows: anyone with a log-in."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        asked = cast("MemberRequest", request)
        if not asked.user.is_authenticated:
            # A fragment of a page is no place for the log-in form: the page itself is asked for again.
            return HttpResponseClientRefresh() if asked.htmx else redirect_to_login(asked.get_full_path())
        asked.scope = scope_for(asked.user)
        return view(asked, *args, **kwargs)

    return wrapped


def sees_something(scope: Scope) -> bool:
    """Whether a scope can hold any row."""
    return bool(scope.everything or scope.networks or scope.suppliers)


def member(view: View) -> View:
    """For pages of rows. Without a membership there are none, and a page says why."""

    @logged_in
    @wraps(view)
    def wrapped(request: MemberRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not sees_something(request.scope):
            home = request.resolver_match is not None and request.resolver_match.url_name == "overview"
            return render(request, "reconcile/no_membership.html", status=200 if home else 404)
        return view(request, *args, **kwargs)

    return wrapped


def operator(view: View) -> View:
    """For changes: the market operator's people and superusers. For anyone else there is no such page."""

    @logged_in
    @wraps(view)
    def wrapped(request: MemberRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.scope.everything:
            raise Http404("There is no such page.")
        return view(request, *args, **kwargs)

    return wrapped


def job_of(request: MemberRequest, job_id: int) -> Job:
    """A job that the person may see, or 404."""
    found = job_query(scope=request.scope, by=request.user, job_id=job_id)
    if found is None:
        raise Http404("There is no such job, or it is not yours.")
    return found
