"""A request that is not answered as asked, said in one sentence: as a page for people, as JSON for programs.

In: a request and why. Out: the answer. Called by middlewares; the page needs no database, no log-in and no other page.
"""

from functools import cache

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.defaults import page_not_found

FOR_PROGRAMS = ("/api/", "/health/")


def refusal(request: HttpRequest, status: int, title: str, words: str) -> HttpResponse:
    """The answer that says why there is no other."""
    if request.path.startswith(FOR_PROGRAMS) or not request.accepts("text/html"):
        return JsonResponse({"detail": words}, status=status)
    return render(None, "refused.html", {"title": title, "words": words}, status=status)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page of what is not there; of the API, whose callers are programs, the same as JSON."""
    if request.path.startswith(FOR_PROGRAMS):
        return JsonResponse({"detail": "There is no such address, or what it shows is not yours."}, status=404)
    return page_not_found(request, exception)


@cache
def too_long() -> bytes:
    """The answer to a head without an end, as it goes out: it is refused before it is read as a request."""
    words = (
        "An address, with what a browser sends along, may have 64 KB. Nothing was done. "
        "A long list of numbers is pasted into the box of the page Look up, which takes 5,000."
    )
    page = render_to_string("refused.html", {"title": "This address is too long", "words": words}).encode()
    head = f"HTTP/1.1 414 URI Too Long\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(page)}\r\n"
    return f"{head}Cache-Control: no-store\r\nConnection: close\r\n\r\n".encode() + page
