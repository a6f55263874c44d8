"""Long work and how it goes, for pages and commands alike; who decided what; and the timer's sign of life."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Job(models.Model):
    """A load, a run or an export, done by a worker or in the foreground.

    queued -> running -> done | failed | held;  held -> queued (approved) | failed (refused);
    running -> lost -> queued (its worker died and it is run again); failed -> queued (run again, unless `final`);
    queued, running, held, lost -> cancelled.
    A worker takes a job by changing queued to running in one statement, so no job is done twice at once.

    `kind` is one of `ledger.jobs.Kind`; `options` are the operation's arguments, `result` what it gave (of a held
    load: what was found), `guards` what holds it and up to which figure. `message` is what it said last.
    `requested_name` stays when the person goes; `by_machine` says that no person asked. `sight` is the scope that the
    work was done within (`ledger.access.Scope` as JSON): its result is given only to those who see all of that; empty
    until it was done. `final`: it failed because of what was asked, and would again. `limit_seconds`: how long an
    attempt may take. `cancel_asked_at`: since when a running one is to stop. `party`: the number of the party whose
    work is in what was asked for or made: for its people alone. `request`: what the browser or program called it, so
    that the same sent twice makes one job.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        HELD = "held", "Held for a person's word"
        LOST = "lost", "Lost: its worker died"
        CANCELLED = "cancelled", "Cancelled"

    kind = models.CharField(max_length=10)
    title = models.CharField(max_length=300)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    stage = models.CharField(max_length=100, blank=True)
    percent = models.PositiveSmallIntegerField(default=0)
    message = models.TextField(blank=True)
    options = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    guards = models.JSONField(default=list)
    sight = models.JSONField(default=dict, blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    requested_name = models.CharField(max_length=150, blank=True)
    by_machine = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    final = models.BooleanField(default=False)
    limit_seconds = models.PositiveIntegerField(null=True, blank=True)
    cancel_asked_at = models.DateTimeField(null=True, blank=True)
    party = models.BigIntegerField(null=True, blank=True)
    request = models.CharField(max_length=64, blank=True, default="", db_default="")

    class Meta:
        indexes = [models.Index(fields=["state", "-id"], name="job_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind"], condition=Q(kind="reconcile", state="running"), name="one_reconciliation_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(by_machine=False) | Q(requested_by__isnull=True), name="asked_by_person_or_machine"
            ),
            models.UniqueConstraint(
                fields=["requested_by", "request"], condition=~Q(request=""), name="one_job_per_request"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}: {self.title}"


class JobEvent(models.Model):
    """One move of a job that is remembered: a person's word, or an end that was no success. Never changed.

    `by` and `name` (which stays when the person goes): who; a machine's move has only the name. `words`: what was
    told, or why a person decided so. `figures`: of an approval, the guards (as Job.guards) it allows, each up to
    its figure.
    """

    class What(models.TextChoices):
        HELD = "held", "Held"
        APPROVED = "approved", "Approved"
        REFUSED = "refused", "Refused"
        TOLD = "told", "Headings told"
        FAILED = "failed", "Failed"
        LOST = "lost", "Lost"
        AGAIN = "again", "Run again"
        CANCELLED = "cancelled", "Cancelled"

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="events")
    what = models.CharField(max_length=10, choices=What)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    name = models.CharField(max_length=150)
    at = models.DateTimeField()
    words = models.TextField(blank=True)
    figures = models.JSONField(default=list, blank=True)

    def __str__(self) -> str:
        return f"{self.job}: {self.what} by {self.name}"


class SignOfLife(models.Model):
    """When a part last showed that it works: the timer's program (`clock`), each worker (`worker NAME`).

    `timer`: a worker did what the timer asks for every half minute.
    """

    part = models.CharField(max_length=100, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.part} at {self.at}"
