"""What the browser may load on our pages: only what we serve ourselves, and no script written into a page.

In: a response. Out: the same with a Content-Security-Policy. A middleware.
"""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

# Plotly and htmx set styles from script, hence 'unsafe-inline' for styles alone; Plotly draws with data: images.
POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

FEATURES = ("camera", "display-capture", "geolocation", "microphone", "midi", "payment", "serial", "usb")
NOTHING_OF_THE_DEVICE = ", ".join(f"{feature}=()" for feature in FEATURES)


class ContentSecurityPolicy:
    """Adds the headers to every answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer with the header."""
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", NOTHING_OF_THE_DEVICE)
        # What may be kept says so itself: the files of pages do. Everything else may hold rows.
        response.headers.setdefault("Cache-Control", "no-store")
        return response
