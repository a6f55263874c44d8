"""A request that is not answered as asked, said in one sentence: as a page for people, as JSON for programs.

In: a request and why. Out: the answer. Called by middlewares; the page needs no database, no log-in and no other page.
"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

FOR_PROGRAMS = ("/api/", "/health/")


def refusal(request: HttpRequest, status: int, title: str, words: str) -> HttpResponse:
    """The answer that says why there is no other."""
    if request.path.startswith(FOR_PROGRAMS) or not request.accepts("text/html"):
        return JsonResponse({"detail": words}, status=status)
    return render(None, "refused.html", {"title": title, "words": words}, status=status)
