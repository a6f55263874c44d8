"""Pages and answers go out compressed, to who can read that: a list of 67 kB is 7 kB, which a slow line feels.

In: a response. Out: the same, shorter. A middleware, Django's own: it pads at random what it sends, so that the length
of a page tells little of what is on it.
"""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class Compressed(GZipMiddleware):
    """Leaves files alone: a download says how long it is, and comes as it lies on the disk."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """The response, compressed if it is a page or an answer."""
        return response if response.streaming else super().process_response(request, response)
