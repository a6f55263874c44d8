"""Days of the kept history that were judged under a policy, for a replay: nothing of them is published."""

from django.db import models


class ReplayedDay(models.Model):
    """One day under one policy; whoever inserts its row works it out, and its answer is there once `snapshot` is.

    `key` is a checksum of the policy and of all that the day and the one before it read: the same is worked out once.
    `taken_by` names whoever works at it, who signs `beat_at`; after LOST_AFTER_SECONDS without, another may take it.
    `checksums`: file name -> SHA-256 of the snapshot's files.
    """

    key = models.CharField(max_length=64, unique=True)
    as_of = models.DateField()
    policy = models.CharField(max_length=200)
    taken_by = models.CharField(max_length=32)
    beat_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True, blank=True)
    snapshot = models.CharField(max_length=100, blank=True, default="")
    checksums = models.JSONField(default=dict, blank=True)

    def __str__(self) -> str:
        return f"{self.as_of} by {self.policy}"
