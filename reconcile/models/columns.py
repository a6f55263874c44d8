"""What people said that the headings of files mean, kept under a name."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class KeptColumns(models.Model):
    """What the headings of files of one shape mean (feeds.ColumnMap): used for the next file with such headings.

    `kept_name` stays when the person goes. A removed one is not used any more; its row and its history stay. What an
    extract was read by is written in its own report, and no change here reaches it.
    """

    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=20)
    columns = models.JSONField()
    words = models.JSONField(default=dict, blank=True)
    headings = models.JSONField(default=list, blank=True)
    kept_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    kept_name = models.CharField(max_length=150)
    kept_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "kept columns"
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=Q(removed_at__isnull=True), name="one_set_of_columns_a_name"
            )
        ]

    def __str__(self) -> str:
        return self.name


class KeptColumnsEvent(models.Model):
    """One change of kept columns: who, when, what. Never changed. `words`: what it was before."""

    class What(models.TextChoices):
        KEPT = "kept", "Kept"
        CHANGED = "changed", "Changed"
        RENAMED = "renamed", "Renamed"
        REMOVED = "removed", "Removed"

    kept = models.ForeignKey(KeptColumns, on_delete=models.CASCADE, related_name="events")
    what = models.CharField(max_length=8, choices=What)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    name = models.CharField(max_length=150)
    at = models.DateTimeField()
    words = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.kept}: {self.what} by {self.name}"
