"""Long work and how it goes, for pages and commands alike."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Job(models.Model):
    """A load, a run or an export, done by a worker or in the foreground.

    queued -> running -> done | failed | held;  held -> queued (approved) | failed (refused);
    running -> lost -> queued (its worker died and it is run again); failed -> queued (run again).
    A worker takes a job by changing queued to running in one statement, so no job is done twice at once.
    `options` are the operation's arguments, `result` what it gave, `guards` what holds it and up to which figure.
    """

    class Kind(models.TextChoices):
        LOAD = "load", "Load"
        RECONCILE = "reconcile", "Reconciliation"
        EXPORT = "export", "Export"
        TIDY = "tidy", "Tidying"

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        HELD = "held", "Held for a person's word"
        LOST = "lost", "Lost: its worker died"

    kind = models.CharField(max_length=10, choices=Kind)
    title = models.CharField(max_length=300)
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    stage = models.CharField(max_length=100, blank=True)
    percent = models.PositiveSmallIntegerField(default=0)
    message = models.TextField(blank=True)
    options = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    guards = models.JSONField(default=list)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    attempt = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["state", "-id"], name="job_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind"], condition=Q(kind="reconcile", state="running"), name="one_reconciliation_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}: {self.title}"
