"""Which parameters a page takes. One that it does not take is said in a sentence, because it may have been meant.

In: a view; a request. Out: the view, knowing its parameters; the sentence, on every page. A context processor.
"""

from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from django.http import HttpRequest

from reconcile.ledger.filters import given, short

View = TypeVar("View", bound=Callable[..., object])
MOST_NAMED = 5
"""A sentence names so many at most."""


def takes(*names: str, refuses_others: bool = False) -> Callable[[View], View]:
    """Says which parameters a view takes; without, it takes none. `refuses_others`: it tells of them itself."""

    def decorate(view: View) -> View:
        vars(view).update(parameters=frozenset(names), refuses_others=refuses_others)
        return view

    return decorate


def version(request: HttpRequest) -> dict[str, str]:
    """Which version of the product answers, for the foot of every page."""
    return {"version": settings.VERSION}


def passed_over(request: HttpRequest) -> dict[str, str]:
    """The names that a page was given and does not take, in one sentence; empty where there are none."""
    view = request.resolver_match.func if request.resolver_match else None
    unknown = _unknown(request, getattr(view, "parameters", frozenset()))
    if view is None or not unknown or getattr(view, "refuses_others", False):
        return {"passed_over": ""}
    names = ", ".join(f"“{short(name)}”" for name in unknown[:MOST_NAMED])
    more = f" and {len(unknown) - MOST_NAMED} more" if len(unknown) > MOST_NAMED else ""
    what = f"a part called {names}, which" if len(unknown) == 1 else f"parts called {names}{more}, which"
    return {"passed_over": f"The address has {what} this page does not use: it shows the same without."}


def _unknown(request: HttpRequest, known: frozenset[str]) -> list[str]:
    try:
        return sorted(given(request.GET).keys() - known)
    except TooManyFieldsSent:
        # The page that says so is not to fail for the same reason.
        return []
