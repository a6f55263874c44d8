"""What goes wrong behind a page through no mistake in it, said in one sentence with the right status.

In: an exception. Out: its page, or JSON. A middleware for what views raise; the page of errors for what is left.
"""

import logging
import sys
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.views.defaults import server_error

from reconcile.ledger.operations import TooManyJobs, TooManyTries
from reconcile.ledger.troubles import trouble_in_words

from ..refusals import refusal

BY_BUTTON = "It is done by a button on a page, not by an address. Nothing was done. Go back and press the button there."
logger = logging.getLogger(__name__)


class Troubles:
    """Answers to what views raise."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer; of one that only says that this is not how it is asked for, a page that says what to do."""
        answer = self.get_response(request)
        if isinstance(answer, HttpResponseNotAllowed) and not answer.content:
            told = refusal(request, 405, "This is what a button does", BY_BUTTON)
            told["Allow"] = answer["Allow"]
            return told
        return answer

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The answer to what a view raised; None for what nobody foresaw."""
        return answer_to(request, error)


def error_page(request: HttpRequest) -> HttpResponse:
    """The answer to what a middleware raised, or to what nobody foresaw."""
    error = sys.exception()
    return (answer_to(request, error) if error else None) or server_error(request)


def answer_to(request: HttpRequest, error: BaseException) -> HttpResponse | None:
    """The answer to a trouble; None for what is none."""
    if isinstance(error, TooManyTries):
        return too_many_tries(request, error)
    if isinstance(error, TooManyJobs):
        return refusal(request, 429, "Too many at a time", str(error))
    words = trouble_in_words(error)
    return _not_now(request, words) if words else None


def _not_now(request: HttpRequest, words: str) -> HttpResponse:
    logger.error("Answered 503: %s", words)
    advice = "Try again in a few minutes. If it stays so, tell whoever runs this service."
    answer = refusal(request, 503, "This cannot be done now", f"{words} {advice}")
    answer["Retry-After"] = "60"
    return answer


def too_many_tries(request: HttpRequest, error: TooManyTries) -> HttpResponse:
    """The answer to somebody who guesses."""
    answer = refusal(request, 429, "Too many tries", str(error))
    answer["Retry-After"] = str(settings.LOG_IN_MINUTES * 60)
    return answer
