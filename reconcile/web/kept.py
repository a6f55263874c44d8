"""Pages of which all but the bar is kept, for everybody who sees the same, for as long as what they say stands.

In: a request, and what makes the page. Out: the page. Called by views of what runs found.
"""

import hashlib
from collections.abc import Callable
from typing import Any

from django.core.cache import cache
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from reconcile.ledger import queries

from .access import MemberRequest

SECONDS = 300
PARTS = ("title", "scripts", "content")
SEPARATOR = "<!--part-->"
"""Between the blocks of a page in `_parts.html`. What people write is escaped, so it stands nowhere else."""


def kept_page(
    request: MemberRequest, template: str, make: Callable[[], dict[str, Any]], of: tuple[Any, ...] = ()
) -> HttpResponse:
    """A page made of what `make` gives, or the same as it was kept; what `make` raises is never kept.

    `of`: what tells it from other pages of the template beside its parameters. It is made without the request, so that
    nothing of a person, of their session or of their rights can be on it.
    """
    stamp = queries.page_stamp(scope=request.scope)
    if not stamp:
        return render(request, template, make())
    asked = repr((template, stamp, of, request.GET.urlencode()))
    key = f"page-{hashlib.sha256(asked.encode()).hexdigest()}"
    parts = cache.get(key)
    if parts is None:
        page = render_to_string(template, {**make(), "layout": "reconcile/_parts.html"})
        parts = [part.strip() for part in page.split(SEPARATOR)]
        cache.set(key, parts, SECONDS)
    # Each part is a template's output.
    kept = {name: mark_safe(part) for name, part in zip(PARTS, parts, strict=True)}  # noqa: S308 # nosec B308, B703
    return render(request, "reconcile/_kept.html", {"kept": kept})
