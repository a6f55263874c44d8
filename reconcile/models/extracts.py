"""Files that were loaded: one row for each distinct content."""

from django.conf import settings
from django.db import models

from .parties import Party
from .snapshots import Checked


class Extract(Checked):
    """One loaded file. Its rows are a Parquet snapshot in the lake; the same bytes of the same day are one extract.

    (A quiet network's extract can be the same, byte for byte, a week later: that is news, and another extract.)

    `table` is a domain.tables.Table; `as_of` the day whose state the file shows; `snapshot` the folder in the lake;
    `report` the load report (warnings, counts of rejects by reason, guard answers). Once `thinned_at`, the snapshot has
    no rows any more. `withdrawn_at`: since when no run reads it (see Withdrawal); empty while runs do.
    """

    class Coverage(models.TextChoices):
        FULL = "full", "full"
        DELTA = "delta", "delta"

    sha256 = models.CharField(max_length=64)
    name = models.CharField(max_length=255)
    kind = models.CharField(max_length=20)
    table = models.CharField(max_length=20)
    coverage = models.CharField(max_length=5, choices=Coverage)
    as_of = models.DateField()
    size = models.BigIntegerField()
    rows = models.BigIntegerField()
    rejects = models.BigIntegerField()
    snapshot = models.CharField(max_length=100)
    report = models.JSONField(default=dict)
    loaded_at = models.DateTimeField()
    loaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    thinned_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sha256", "as_of"], name="one_extract_per_content")]
        indexes = [models.Index(fields=["table", "coverage", "-as_of"], name="extract_choice")]

    def __str__(self) -> str:
        return f"{self.name} ({self.kind}, {self.as_of})"


class ExtractNetwork(models.Model):
    """How many Meter Points of one network an extract holds, and how many are flagged A."""

    extract = models.ForeignKey(Extract, on_delete=models.CASCADE, related_name="networks")
    network = models.ForeignKey(Party, on_delete=models.PROTECT)
    points = models.BigIntegerField()
    active = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["extract", "network"], name="one_row_per_network")]

    def __str__(self) -> str:
        return f"{self.network} in {self.extract}"


class Withdrawal(models.Model):
    """A person's word that an extract is not to be read any more: who, when and why. Never deleted.

    It may be taken back, likewise with who, when and why; then the extract counts again. `name` and `taken_back_name`
    stay when the person goes.
    """

    extract = models.ForeignKey(Extract, on_delete=models.PROTECT, related_name="withdrawals")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=150)
    reason = models.CharField(max_length=500)
    taken_back_at = models.DateTimeField(null=True, blank=True)
    taken_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    taken_back_name = models.CharField(max_length=150, blank=True)
    taken_back_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["extract"], condition=models.Q(taken_back_at=None), name="withdrawn_once_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.extract} withdrawn by {self.name}"
