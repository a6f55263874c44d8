"""What every snapshot in the lake has beside its name: what its files must be, and when that was last seen to be so."""

from django.db import models


class Checked(models.Model):
    """`checksums`: file name -> SHA-256, as they were written; empty where the snapshot is older than checksums.

    `checked_at`: when the files were last compared with them; empty until somebody reads them for the first time.
    `damage`: what was wrong then, in words; empty where nothing was.
    """

    checksums = models.JSONField(default=dict, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    damage = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        abstract = True
