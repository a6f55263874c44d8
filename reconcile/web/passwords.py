"""A password is not what fingers find by themselves: rows of a keyboard, the alphabet, one thing again and again.

In: a password. Out: ValidationError, or nothing. One of AUTH_PASSWORD_VALIDATORS, and the form that changes one's own.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils import timezone

from reconcile.ledger import operations

if TYPE_CHECKING:
    from .access import MemberRequest

ROWS = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "azertyuiop", "abcdefghijklmnopqrstuvwxyz")
RUN = 4
"""Neighbours in a row of which a password is made up."""
FEWEST = 5
"""Different characters that a password has at least."""
RUNS = {way[start : start + RUN] for row in ROWS for way in (row * 2, (row * 2)[::-1]) for start in range(len(row))}


class KeyboardRows:
    """Refuses what is mostly rows of a keyboard, and what is few characters."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raises ValidationError."""
        text = password.casefold()
        in_runs = {
            place
            for start in range(len(text))
            if text[start : start + RUN] in RUNS
            for place in range(start, start + RUN)
        }
        if len(in_runs) * 2 > len(text) or len(set(text)) < FEWEST:
            raise ValidationError(self.get_help_text(), code="keyboard_row")

    def get_help_text(self) -> str:
        """What is asked for."""
        return "Your password must not be a row of keys, the alphabet, or the same few characters again and again."


class ChangePassword(PasswordChangeForm):
    """The current password, and the new one twice. Guesses of it count as those at the log-in page do."""

    def __init__(self, request: "MemberRequest", data: Mapping[str, Any] | None = None) -> None:
        super().__init__(request.user, data, label_suffix="")
        self.actor = request.actor
        self.fields["old_password"].label = "Current password"
        # The page begins with something else than this form.
        del self.fields["old_password"].widget.attrs["autofocus"]

    def clean_old_password(self) -> str:
        """Raises ValidationError, and TooManyTries."""
        name, now = self.user.get_username(), timezone.now()
        operations.may_try(actor=self.actor, name=name, now=now)
        try:
            return super().clean_old_password()
        except ValidationError:
            operations.log_in_failed(actor=self.actor, name=name, known=True, now=now)
            raise
