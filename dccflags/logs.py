"""The log: a line each, as text or as JSON, with the request it belongs to and no number of a Meter Point.

In: log records, requests. Out: lines; answers with X-Request-ID. Formatters and a middleware, named in settings.
"""

import json
import logging
import re
import time
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime

from django.http import HttpRequest
from django.http.response import HttpResponseBase

LONG_NUMBER = re.compile(r"\d{6,}")
"""An MPAN has 13 digits, an MPRN up to 10; addresses of pages hold them."""
request_id: ContextVar[str] = ContextVar("request_id", default="")
access = logging.getLogger("dccflags.access")


def masked(text: str) -> str:
    """Without long numbers."""
    return LONG_NUMBER.sub("#", text)


class AsText(logging.Formatter):
    """A line for people; a traceback follows."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, with the request's id at its end."""
        asked = request_id.get()
        return masked(super().format(record)) + (f" [{asked}]" if asked else "")


class AsJson(logging.Formatter):
    """One JSON object a line: at, level, logger, request, message, and error where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        facts = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "request": request_id.get(),
            "message": masked(record.getMessage()),
        }
        if record.exc_info:
            facts["error"] = masked(self.formatException(record.exc_info))
        return json.dumps(facts, ensure_ascii=False)


class AccessLog:
    """A line for each request: its route, not its address; who asked, by their number."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer, with the id under which the log speaks of it."""
        # It stays until the next request of the thread: Django writes a line of its own after this.
        request_id.set(uuid.uuid4().hex)
        began = time.monotonic()
        answer = self.get_response(request)
        match = request.resolver_match
        access.info(
            "%s /%s %s in %d ms by %s",
            request.method,
            match.route if match else "(no such page)",
            answer.status_code,
            (time.monotonic() - began) * 1000,
            getattr(vars(request).get("_cached_user"), "pk", None) or "nobody",
        )
        answer.headers["X-Request-ID"] = request_id.get()
        return answer
