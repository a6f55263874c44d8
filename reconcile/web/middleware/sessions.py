"""How long a log-in lasts while nobody does anything, and what it says of itself to its person.

In: a request. Out: its answer, with the reason on the page where a log-in has ended. A middleware, and its marks.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from reconcile.ledger import operations
from reconcile.ledger.actors import actor_for, somebody_at
from reconcile.ledger.sessions import idle_since
from reconcile.models import Session
from reconcile.models.sessions import ADDRESS, BEGAN, BROWSER

from .log_ins import address_of

View = TypeVar("View", bound=Callable[..., object])
BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrom", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
"""What a browser says of itself, the most telling first: each names those that it is like, too."""
IDLE = "You were logged out, because nothing was done here for {}. Log in to go on."
GONE = (
    "Your session has ended: from another browser, by a change of the password, or because it had lasted {} hours. "
    "Log in to go on."
)


def refreshes_itself(view: View) -> View:
    """Marks a view that its own page asks for again and again: that is nobody doing anything."""
    vars(view)["refreshes_itself"] = True
    return view


def remember(request: HttpRequest) -> None:
    """Keep of a log-in that has just succeeded since when it is, with what, and from where."""
    now = timezone.now()
    told = {BEGAN: now.isoformat(), BROWSER: browser_of(request), ADDRESS: address_of(request)}
    request.session.update(told)
    operations.session_began(actor=actor_for(request.user), now=now)


def browser_of(request: HttpRequest) -> str:
    """Which kind of browser asks, as its person would call it."""
    told = request.headers.get("User-Agent", "")
    browser = next((name for mark, name in BROWSERS if mark in told), "")
    system = next((name for mark, name in SYSTEMS if mark in told), "")
    return " on ".join(part for part in (browser, system) if part) or "something else"


class Sessions:
    """Ends a session that was idle, before anybody asks whose it is; notes that its person is there."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer."""
        vars(request)["ended"] = _ended(request)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> None:
        """Say why a session has ended; of one that goes on, that it is used."""
        if ended := vars(request)["ended"]:
            messages.warning(request, ended)
        row = row_of(request.session)
        by_itself = getattr(view, "refreshes_itself", False) and "HX-Request" in request.headers
        if row and row.person_id and not by_itself:
            operations.session_seen(actor=somebody_at(address_of(request)), session=row, now=timezone.now())


def row_of(session: SessionBase) -> Session | None:
    """The row of a session, where it has been read."""
    return getattr(session, "row", None)


def _ended(request: HttpRequest) -> str:
    """End a session that was idle, and say why there is none where there was one."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return ""
    logged_in, row = SESSION_KEY in request.session, row_of(request.session)
    if row is None:
        return GONE.format(settings.SESSION_HOURS)
    since = idle_since(timezone.now())
    if not logged_in or since is None or row.seen_at > since:
        return ""
    request.session.flush()
    return IDLE.format(_minutes(settings.IDLE_MINUTES))


def _minutes(number: int) -> str:
    if number % 60 == 0:
        return f"{number // 60} hours" if number > 60 else "an hour"
    return f"{number} minute{'' if number == 1 else 's'}"
