"""Who did what with the product: written once, never changed and never removed, by anybody."""

from typing import Any, NoReturn

from django.db import models
from django.db.models import Q


class AppendOnly(models.QuerySet["AuditEntry"]):
    """Rows that can be added and read."""

    def update(self, **changes: Any) -> NoReturn:
        """Never."""
        raise TypeError("What is on record is not changed.")

    def delete(self) -> NoReturn:
        """Never."""
        raise TypeError("What is on record is not removed.")


class AuditEntry(models.Model):
    """One thing that somebody did or tried. The database itself refuses to change or remove a row (migrations).

    `person` is the number of a user without a constraint, so that removing the user changes nothing here; `name` is
    what they were called, empty where no such user is known. `key` stands for the name as it was given, whatever it
    was (`ledger.audit.key_of`): failures by one name are counted by it, and a password typed in its place is not kept.
    `address`: of the machine that asked. `about`: of what, in words. `filters`, `rows`, `sha256`: of rows that were
    taken along. `job`, `extract`: the numbers of those. `party`: of work (domain.work), the number of the party whose
    it is: nobody else reads it. `words`: what was said with it. `request`: what the browser or program called it, so
    that the same sent twice is done once. `undoes`: the number of the entry that it took back.
    """

    class What(models.TextChoices):
        LOGGED_IN = "logged in", "Logged in"
        REFUSED_LOG_IN = "log-in refused", "Log-in refused"
        THROTTLED = "throttled", "Too many tries"
        LOGGED_OUT = "logged out", "Logged out"
        ENDED_SESSIONS = "sessions ended", "Other sessions ended"
        CHANGED_PASSWORD = "password changed", "Password changed"
        DOWNLOADED = "downloaded", "Downloaded"
        READ_REJECTS = "rejects read", "Rejected lines read"
        READ_API = "read by API", "Read by API"
        ASKED = "asked for", "Asked for"
        APPROVED = "approved", "Approved"
        REFUSED = "refused", "Refused"
        AGAIN = "run again", "Run again"
        CANCELLED = "cancelled", "Cancelled"
        HEADINGS = "headings", "Headings told or changed"
        BROUGHT_BACK = "brought back", "Thinned rows brought back"
        ADMINISTERED = "administered", "Changed in the administration"
        WITHDREW = "withdrew", "Withdrew"
        TOOK_BACK = "took back", "Took a withdrawal back"
        ASSIGNED = "assigned", "Assigned"
        RAISED = "raised", "Raised"
        EXPLAINED = "explained", "Explained"
        NOTED = "noted", "Noted"
        TAKEN_UP = "taken up", "To do again"
        ANSWERED = "answered", "Answered"
        FROM_FILE = "from a file", "Loaded from a file"
        UNDID = "undid", "Undone"
        REASONS = "reasons", "Reasons changed"
        CLOSED = "closed", "Closed by a run"
        CAME_BACK = "came back", "Came back by itself"
        TOOK_ALERTS = "alerts taken", "Alerts taken"
        HANDED_ALERTS = "alerts handed over", "Alerts handed over"
        CLOSED_ALERTS = "alerts closed", "Alerts closed"
        NOTED_ALERTS = "alerts noted", "Alerts noted"
        REOPENED_ALERTS = "alerts reopened", "Alerts opened again"
        MEANINGS = "meanings", "Meanings of codes changed"
        VIEW = "view", "View saved or changed"
        COHORT = "cohort", "Cohort frozen or changed"

    at = models.DateTimeField(db_index=True)
    what = models.CharField(max_length=20, choices=What)
    person = models.BigIntegerField(null=True, blank=True)
    name = models.CharField(max_length=150, blank=True)
    key = models.CharField(max_length=32, blank=True)
    address = models.CharField(max_length=45, blank=True)
    about = models.CharField(max_length=300, blank=True)
    filters = models.TextField(blank=True)
    rows = models.BigIntegerField(null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    job = models.BigIntegerField(null=True, blank=True)
    extract = models.BigIntegerField(null=True, blank=True)
    party = models.BigIntegerField(null=True, blank=True)
    words = models.TextField(blank=True, default="", db_default="")
    request = models.CharField(max_length=64, blank=True, default="", db_default="")
    undoes = models.BigIntegerField(null=True, blank=True)

    objects = AppendOnly.as_manager()

    class Meta:
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["what", "key", "at"], name="audit_name"),
            models.Index(fields=["what", "address", "at"], name="audit_address"),
            models.Index(fields=["party", "-id"], name="audit_party", condition=Q(party__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["person", "request"], condition=~Q(request=""), name="each_request_once"),
        ]

    def __str__(self) -> str:
        return f"{self.what} by {self.name or 'somebody unknown'}: {self.about}"
