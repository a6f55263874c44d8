"""Gives a length to bodies that come in chunks and do not say one: the longest that is taken; and counts them.

In: a WSGI application. Out: the same, for which every body has a length. Wraps the web's entry point.
"""

from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.core.exceptions import RequestDataTooBig


class Counted:
    """A body that fails once more than `most` bytes of it have come."""

    def __init__(self, body: Any, most: int) -> None:
        self.body, self.left = body, most

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes, empty at the end."""
        return self._counted(self.body.read, size)

    def readline(self, size: int = -1) -> bytes:
        """The rest of a line, up to `size` bytes."""
        return self._counted(self.body.readline, size)

    def _counted(self, read: Callable[[int], bytes], size: int) -> bytes:
        data = read(size)
        self.left -= len(data)
        if self.left < 0:
            raise RequestDataTooBig("It is larger than MAX_UPLOAD_BYTES.")
        return data


def with_lengths(application: WSGIApplication, *, most: int, said: int) -> WSGIApplication:
    """The application, told that a body without a length has `said` bytes, which fails after `most` (fewer)."""

    def asked(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        # The server says with `input_terminated` that it knows where such a body ends.
        if environ.get("HTTP_TRANSFER_ENCODING") and environ.get("wsgi.input_terminated"):
            body = Counted(environ["wsgi.input"], most)
            environ = {**environ, "CONTENT_LENGTH": str(said), "wsgi.input": body}
        return application(environ, start_response)

    return asked
