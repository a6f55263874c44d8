"""Who gets in: pages are for members, each change for those with its right. For anyone else it is not there (404).

In: a request. Out: the view's answer. Wraps every view.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect, HttpResponseClientRefresh
from django_htmx.middleware import HtmxDetails

from reconcile.ledger.access import Scope
from reconcile.ledger.actors import Actor, NotAllowed, Right, actor_for
from reconcile.ledger.integrity import Damaged

from .middleware.log_ins import address_of, challenge

NOTHING_DONE = "Your session had ended, so nothing was done. Log in, and do it again."


class MemberRequest(HttpRequest):
    """A request of a person who is logged in, with who they are here and what they may see."""

    user: User
    actor: Actor
    scope: Scope
    htmx: HtmxDetails


View = Callable[..., HttpResponseBase]


def logged_in(view: View) -> View:
    """For pages that show no rows: anyone with a log-in."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        asked = cast("MemberRequest", request)
        if not asked.user.is_authenticated:
            return _to_log_in(asked)
        asked.actor = actor_for(asked.user, address_of(asked))
        asked.scope = asked.actor.scope
        try:
            return view(asked, *args, **kwargs)
        except NotAllowed as problem:
            raise Http404(str(problem)) from problem
        except Damaged as problem:
            return render(request, "reconcile/unavailable.html", {"problem": problem}, status=503)

    return wrapped


def _to_log_in(request: MemberRequest) -> HttpResponseBase:
    wanted = request.headers.get("Accept", "text/html")
    if "text/html" not in wanted and not request.htmx:
        return challenge(request, "Log in with a name and a password.")
    if request.method in {"GET", "HEAD"}:
        logging_in = redirect_to_login(request.get_full_path())
        if not request.htmx:
            return logging_in
        # A part of a page is no place for the log-in form. One that its own address gives, with another filter, is gone
        # on with; of any other the page itself is asked for again.
        is_own = urlsplit(request.htmx.current_url_abs_path or "").path == request.path
        return HttpResponseClientRedirect(logging_in.url) if is_own else HttpResponseClientRefresh()
    messages.warning(request, NOTHING_DONE)
    return redirect_to_login(_page_of_button(request))


def _page_of_button(request: HttpRequest) -> str:
    """Where the button was: the page that sent the form, or else the nearest address above that is a page."""
    sent_from = urlsplit(request.headers.get("Referer", ""))
    if sent_from.netloc == request.get_host():
        return sent_from._replace(scheme="", netloc="", fragment="").geturl()
    address = request.path
    while not _is_page(address):
        address = address.rstrip("/").rpartition("/")[0] + "/"
    return address


def _is_page(address: str) -> bool:
    try:
        return not hasattr(resolve(address).func, "is_button")
    except Resolver404:
        return False


def button(view: View) -> View:
    """For what a button does: by POST only. Who comes otherwise is told so by the middleware of troubles."""
    wrapped: View = require_POST(view)
    vars(wrapped)["is_button"] = True
    return wrapped


def member(view: View) -> View:
    """For pages of rows. Without a membership there are none, and a page says why."""

    @logged_in
    @wraps(view)
    def wrapped(request: MemberRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.actor.may(Right.SEE):
            home = request.resolver_match is not None and request.resolver_match.url_name == "overview"
            return render(request, "reconcile/no_membership.html", status=200 if home else 404)
        return view(request, *args, **kwargs)

    return wrapped


def having(right: Right) -> Callable[[View], View]:
    """For those who have a right. For anyone else there is no such page."""

    def decorate(view: View) -> View:
        @logged_in
        @wraps(view)
        def wrapped(request: MemberRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            request.actor.must(right)
            return view(request, *args, **kwargs)

        return wrapped

    return decorate
