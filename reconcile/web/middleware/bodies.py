"""What a request brings along: only what its address takes, from those who may. All else is refused unread.

In: a request whose body nobody has read. Out: its answer, or a refusal with nothing written to a disk. A middleware.
"""

import shutil
from collections.abc import Callable
from typing import Any, TypeVar, cast

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve

from reconcile.ledger.actors import Right, actor_for

from ..refusals import refusal

View = TypeVar("View", bound=Callable[..., object])


def takes_file(right: Right) -> Callable[[View], View]:
    """Marks what takes files, a page or an address of the API, up to MAX_UPLOAD_BYTES and of those with the right."""

    def decorate(view: View) -> View:
        vars(view)["takes_file"] = right
        return view

    return decorate


def takes_body(most: int) -> Callable[[View], View]:
    """Marks an address of the API that takes a body of up to `most` bytes; who sends it is asked before it is read."""

    def decorate(view: View) -> View:
        vars(view)["takes_body"] = most
        return view

    return decorate


class NoFiles(FileUploadHandler):
    """Passes over files that are sent to where none is asked for: they touch no disk."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Drop it."""
        return None

    def file_complete(self, file_size: int) -> None:
        """There is none."""


class Bodies:
    """Stands before all that reads a body: forms, the check against forged ones, and pages that say what is wrong."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer, or a refusal."""
        length = int(request.META.get("CONTENT_LENGTH") or 0)
        return (self._refused(request, length) if length else None) or self.get_response(request)

    def _refused(self, request: HttpRequest, length: int) -> HttpResponse | None:
        """Refuse a body by what it says of its length; read in a file, which may still be cut off or too long."""
        right = said_of(request.path_info, "takes_file")
        may = right is not None and actor_for(cast("User", request.user)).may(right)
        if not may:
            request.upload_handlers = [NoFiles(request)]
        most = said_of(request.path_info, "takes_body") or settings.MAX_FORM_BYTES
        if length > (settings.MAX_BODY_BYTES if may else most):
            return _too_large(request) if may or right is None else _not_yours(request)
        return (_no_room(request, length) or _read(request)) if may else None


def said_of(path: str, mark: str) -> Any:
    """What a view is marked with; one of the API's by what answers a POST."""
    try:
        view = resolve(path).func
    except Resolver404:
        return None
    name = getattr(view, "actions", {}).get("post", "")
    return getattr(getattr(view, "cls", None), name, view).__dict__.get(mark)


def _no_room(request: HttpRequest, length: int) -> HttpResponse | None:
    """Say at once that an upload will not fit. One that comes in chunks has no length yet."""
    if "HTTP_TRANSFER_ENCODING" in request.META or shutil.disk_usage(settings.VAR_DIR).free > length:
        return None
    return refusal(request, 503, "There is no room for it", "The disk has not enough room for the file.")


def _read(request: HttpRequest) -> HttpResponse | None:
    """Read the form here, where what is wrong with it can be answered; of a file that is not whole nothing is kept."""
    try:
        _ = request.POST
    except RequestDataTooBig:
        _forget(request)
        return _too_large(request)
    except UnreadablePostError:
        _forget(request)
        return refusal(request, 400, "The upload was cut off", "The upload ended before its end. Nothing was kept.")
    except OSError:
        _forget(request)
        raise
    return None


def _forget(request: HttpRequest) -> None:
    for handler in request.upload_handlers:
        if getattr(handler, "file", None):
            handler.upload_interrupted()


def _too_large(request: HttpRequest) -> HttpResponse:
    most = f"{settings.MAX_UPLOAD_BYTES / 1000**3:,.1f} GB"
    words = f"Files of up to {most} are taken, and only where files are uploaded. Nothing was kept."
    return refusal(request, 413, "This is too large", words)


def _not_yours(request: HttpRequest) -> HttpResponse:
    return refusal(
        request, 403, "This is not taken", "Only those who may load files can send one. Log in. Nothing was kept."
    )
