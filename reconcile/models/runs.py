"""Runs: what was compared, and the counts it found, kept for ever."""

from django.db import models
from django.db.models import Q

from reconcile.domain.days import today

from .extracts import Extract
from .parties import Party
from .snapshots import Checked


class Run(Checked):
    """One reconciliation, published whole. A row exists only once it is published.

    `inputs_key` is a checksum of policy, date and extracts: the same inputs are the same run. A `lookback` is dated
    before the newest run of its time, or after the day on which it was made; it is kept and readable and moved no
    state. `report` holds totals and timings.
    Once `thinned_at`, the list of what it found is gone; its totals and counts stay.
    """

    as_of = models.DateField()
    policy = models.CharField(max_length=20)
    policy_version = models.CharField(max_length=20)
    inputs_key = models.CharField(max_length=64, unique=True)
    lookback = models.BooleanField(default=False)
    started_at = models.DateTimeField()
    published_at = models.DateTimeField()
    snapshot = models.CharField(max_length=100)
    points = models.BigIntegerField()
    meters = models.BigIntegerField()
    mismatches = models.BigIntegerField()
    in_flight = models.BigIntegerField()
    watch = models.BigIntegerField()
    new = models.BigIntegerField()
    ongoing = models.BigIntegerField()
    resolved = models.BigIntegerField()
    regressed = models.BigIntegerField()
    absent = models.BigIntegerField()
    withdrawn = models.BigIntegerField(default=0, db_default=0)
    report = models.JSONField(default=dict)
    thinned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["lookback", "-as_of", "-id"], name="run_latest")]

    def __str__(self) -> str:
        return f"Run {self.pk} of {self.as_of}"

    @property
    def kind(self) -> str:
        """In a word, how it stands to the runs of its time."""
        if not self.lookback:
            return "published"
        return "look-ahead" if self.as_of > today(self.started_at) else "look-back"


class RunInput(models.Model):
    """An extract that a run used: for one network, or for every network (inventory, responses)."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="inputs")
    extract = models.ForeignKey(Extract, on_delete=models.PROTECT)
    network = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "extract", "network"], name="one_input_per_network")]

    def __str__(self) -> str:
        return f"{self.extract} in {self.run}"


class PointCount(models.Model):
    """Meter Points of a run by flag and what the inventory shows, for each network and supplier.

    `flag` is empty for no flag; `shows` a domain.vocabulary.Shows.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="point_counts")
    network = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+", db_index=False)
    supplier = models.ForeignKey(
        Party, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    flag = models.CharField(max_length=1, blank=True)
    shows = models.CharField(max_length=13)
    points = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["network", "run"], name="points_network"),
            models.Index(fields=["supplier", "run"], name="points_supplier"),
        ]

    def __str__(self) -> str:
        return f"{self.points} x {self.flag or 'none'}/{self.shows}"


class MismatchCount(models.Model):
    """A run's mismatches (domain.figures) for each network, supplier and rule, by how long they have been wrong.

    `wrong_for` is a code of domain.ages; `days` the sum of the days for which they have been wrong, as far as known.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="mismatch_counts")
    network = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+", db_index=False)
    supplier = models.ForeignKey(
        Party, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    rule = models.CharField(max_length=20)
    undetermined = models.BooleanField()
    wrong_for = models.CharField(max_length=9)
    discrepancies = models.BigIntegerField()
    days = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["network", "run"], name="mismatches_network"),
            models.Index(fields=["supplier", "run"], name="mismatches_supplier"),
        ]

    def __str__(self) -> str:
        return f"{self.discrepancies} x {self.rule} {self.wrong_for}"


class MoveCount(models.Model):
    """Why a run's mismatches are other than those of the run before: domain.moves, by the parties after and before.

    The first run has none, and neither has a look-back.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="move_counts")
    network = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+", db_index=False)
    supplier = models.ForeignKey(
        Party, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    from_network = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+", db_index=False)
    from_supplier = models.ForeignKey(
        Party, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    rule = models.CharField(max_length=20)
    move = models.CharField(max_length=13)
    discrepancies = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.discrepancies} x {self.rule} {self.move}"


class DiscrepancyCount(models.Model):
    """Discrepancies as a run left them, for each network, supplier, rule and state.

    `state`: new, ongoing, regressed; resolved counts those that this run resolved, withdrawn those of them whose
    evidence was withdrawn, which are not among the resolved. `absent` marks open ones
    that the run held no evidence about.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="discrepancy_counts")
    network = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+", db_index=False)
    supplier = models.ForeignKey(
        Party, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    rule = models.CharField(max_length=20)
    flag = models.CharField(max_length=1, blank=True)
    shows = models.CharField(max_length=13)
    state = models.CharField(max_length=9)
    in_flight = models.BooleanField()
    absent = models.BooleanField()
    discrepancies = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(discrepancies__gt=0), name="counts_something")]
        indexes = [
            models.Index(fields=["network", "run"], name="counts_network"),
            models.Index(fields=["supplier", "run"], name="counts_supplier"),
        ]

    def __str__(self) -> str:
        return f"{self.discrepancies} x {self.rule} {self.state}"
