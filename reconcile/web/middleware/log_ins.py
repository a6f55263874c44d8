"""Every way in with a name and a password: the log-in page and basic authentication, with a limit to guesses.

In: a request with a name and a password. Out: its person, or TooManyTries. An authentication backend and a middleware.
"""

import base64
import binascii
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from reconcile.ledger import operations
from reconcile.ledger.actors import actor_for, somebody_at

from ..refusals import refusal
from .bodies import said_of
from .troubles import too_many_tries

CHALLENGE = 'Basic realm="DCC Service Flags", charset="UTF-8"'
NOTED_EVERY = timedelta(hours=1)
"""A program sends its password with each request: that it came in is put on record so often at most."""


def address_of(request: HttpRequest) -> str:
    """Where a request comes from: the address that the outermost of our own proxies (PROXIES) saw."""
    passed_on = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    seen = passed_on[-settings.PROXIES :] if settings.PROXIES else []
    direct: str = request.META.get("REMOTE_ADDR", "")
    return (seen[0] if seen and len(seen) == settings.PROXIES else direct)[:45]


class Passwords(ModelBackend):
    """Django's own check of a password, for those who have not guessed too often."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """The person, or None. Raises TooManyTries."""
        if username is None or password is None:
            return None
        now, stranger = timezone.now(), somebody_at(address_of(request) if request else "")
        operations.may_try(actor=stranger, name=username, now=now)
        person = super().authenticate(request, username, password)
        if person is None:
            known = User.objects.filter(username=username).exists()
            operations.log_in_failed(actor=stranger, name=username, known=known, now=now)
            return None
        every = NOTED_EVERY if request and "HTTP_AUTHORIZATION" in request.META else timedelta()
        operations.logged_in(actor=actor_for(person, stranger.address), now=now, again_after=every)
        return person


class BasicAuthentication:
    """Lets a program in on any page, downloads above all, by the name and password that it sends with the request.

    Addresses of the API see to that themselves, but where they take files: those are read before. No session begins.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer to the person; 401 to those who are not who they say."""
        scheme, _, sent = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "basic" and not _sees_to_it_itself(request.path):
            name, password = _name_and_password(sent)
            try:
                person = authenticate(request, username=name, password=password)
            except operations.TooManyTries as error:
                return too_many_tries(request, error)
            if person is None:
                return challenge(request, "The name and the password do not match.")
            request.user = person
        return self.get_response(request)


def challenge(request: HttpRequest, words: str) -> HttpResponse:
    """Asks a program for its name and password."""
    answer = refusal(request, 401, "Log in", words)
    answer["WWW-Authenticate"] = CHALLENGE
    return answer


def _sees_to_it_itself(path: str) -> bool:
    return path.startswith("/api/") and not path.startswith("/api/docs/") and not said_of(path, "takes_file")


def _name_and_password(sent: str) -> tuple[str, str]:
    try:
        name, _, password = base64.b64decode(sent, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return name, password
