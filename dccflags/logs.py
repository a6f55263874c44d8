"""The log: a line each, as text or as JSON, with the request it belongs to and no number of a Meter Point.

In: log records, requests. Out: lines; answers with X-Request-ID. Formatters and a middleware, named in settings.
"""

import json
import logging
import re
import time
import traceback
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime

from django.http import HttpRequest
from django.http.response import HttpResponseBase

LONG_NUMBER = re.compile(r"\d{6,}")
"""An MPAN has 13 digits, an MPRN up to 10."""
VALUE = re.compile(r"""'(?!/)[^'\n]*'|"(?!/)[^"\n]*"|\d+""")
"""What a text that is not ours may hold of a file: anything quoted but paths, any number; a short MPRN is one."""
DATE, NUMBER = re.compile(r"(?<!\d)(\d{4}-\d\d-\d\d)(?!\d)"), re.compile(r"\d+")
OURS = ("reconcile", "dccflags")
"""Who writes no value of a file into a log."""
request_id: ContextVar[str] = ContextVar("request_id", default="")
access = logging.getLogger("dccflags.access")


def masked(text: str) -> str:
    """A text of ours, without long numbers."""
    return LONG_NUMBER.sub("#", text)


def veiled(text: str) -> str:
    """A text that others wrote (an error's, an address), without any value that it may hold."""
    return VALUE.sub("#", text)


def file_name(name: str) -> str:
    """A file's name without its numbers, one of which may be that of a Meter Point; dates with hyphens stay."""
    return "".join(part if DATE.fullmatch(part) else NUMBER.sub("#", part) for part in DATE.split(name))


def _message(record: logging.LogRecord) -> str:
    """What a record says. Others' name the address that was asked for (Django), or an error's words (Celery)."""
    said = record.getMessage()
    return masked(said) if record.name.split(".")[0] in OURS else veiled(said)


def _error(error: BaseException) -> str:
    """A traceback and those of its causes, the first one first: where and of what kind each was."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    frames = masked("".join(traceback.format_tb(error.__traceback__)))
    words = f"{type(error).__qualname__}: {veiled(str(error))}"
    return (f"{_error(cause)}\n\n" if cause else "") + f"Traceback (most recent call last):\n{frames}{words}"


class AsText(logging.Formatter):
    """A line for people; a traceback follows."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, with the request's id at its end."""
        asked, error = request_id.get(), record.exc_info[1] if record.exc_info else None
        record.message, record.asctime = _message(record), self.formatTime(record, self.datefmt)
        line = self.formatMessage(record) + (f"\n{_error(error)}" if error else "")
        return line + (f" [{asked}]" if asked else "")


class AsJson(logging.Formatter):
    """One JSON object a line: at, level, logger, request, message, and error where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        facts = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "request": request_id.get(),
            "message": _message(record),
        }
        if record.exc_info and record.exc_info[1]:
            facts["error"] = _error(record.exc_info[1])
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
