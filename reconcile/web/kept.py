"""Pages, and parts of them, that are kept for everybody who sees the same, for as long as what they say stands.

In: what a page hangs on, and what makes it. Out: the page. Called by views of what runs found.
"""

import fcntl
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from reconcile.ledger import queries

from .access import MemberRequest

SECONDS = 300
PARTS = ("title", "scripts", "content")
SEPARATOR = "<!--part-->"
"""Between the blocks of a page in `_parts.html`. What people write is escaped, so it stands nowhere else."""
LOCKS = 64
"""So many files, which every web process locks: what waits for another of the same number waits for nothing worse."""


def kept_page(
    request: MemberRequest, template: str, make: Callable[[], dict[str, Any]], of: tuple[Any, ...] = ()
) -> HttpResponse:
    """A page made of what `make` gives, or the same as it was kept; what `make` raises is never kept.

    `of`: what tells it from other pages of the template beside its parameters.
    """
    stamp = queries.page_stamp(scope=request.scope)
    if not stamp:
        return render(request, template, make())
    hangs_on = (stamp, of, request.GET.urlencode())
    page = kept_part(template, lambda: {**make(), "layout": "reconcile/_parts.html"}, hangs_on)
    parts = [part.strip() for part in page.split(SEPARATOR)]
    kept = {name: SafeString(part) for name, part in zip(PARTS, parts, strict=True)}  # nosec B703
    return render(request, "reconcile/_kept.html", {"kept": kept})


def kept_part(template: str, make: Callable[[], dict[str, Any]], hangs_on: tuple[Any, ...]) -> SafeString:
    """A template written with what `make` gives, or the same as it was kept under all that it hangs on.

    Where that is not known (it is empty) nothing is kept. It is made without a request, so that nothing of a person, of
    their session or of their rights can be on it. Of many who ask for it at once one makes it, and the others wait.
    """
    of = (template, hangs_on) if hangs_on else ()
    # A template's output.
    return SafeString(kept("part", lambda: render_to_string(template, make()), of))  # nosec B703


def kept(kind: str, make: Callable[[], Any], hangs_on: tuple[Any, ...]) -> Any:
    """What `make` gives, or the same as it was kept, as JSON. Of what nobody knows what it hangs on nothing is kept."""
    if not hangs_on:
        return make()
    digest = hashlib.sha256(repr(hangs_on).encode()).hexdigest()
    key = f"{kind}-{digest}"
    found = cache.get(key)
    if found is None:
        with _one_at_a_time(f"{kind}-{int(digest, 16) % LOCKS}"):
            found = cache.get(key)
            if found is None:
                found = make()
                cache.set(key, found, SECONDS)
    return found


@contextmanager
def _one_at_a_time(name: str) -> Iterator[None]:
    """For one thread of all web processes; its end, however it ends, lets the next one in."""
    try:
        file = (settings.VAR_DIR / f"kept-{name}.lock").open("w")
    except OSError:
        # Where nothing can be written, each makes it for themselves.
        yield
        return
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
