"""Discrepancies and the events of their lives."""

from django.db import models
from django.db.models import Q

from reconcile.domain.lifecycle import WHY, WHY_WITHDRAWN, State

from .meters import MeterKind
from .parties import Party
from .runs import Run
from .worst import WORST


class Discrepancy(models.Model):
    """One Meter Point breaking one rule: identity (mpxn, rule), stable across runs and for ever.

    The id is made of both (`domain.rules.discrepancy_id`). The state is not stored but follows from dates, so that a
    run writes only what changed: resolved once `resolved_on` is set; else new or regressed (`opened_as`) while
    the last run that saw it is the one that opened it (`opened_on`), ongoing after that. `last_seen` is empty while
    the newest run sees it. It has been wrong since a day from `wrong_since_earliest` to `wrong_since_latest`, either of
    which may be unknown. `kind` and `commissioned` are its meter's, of several the live one's or the newest; it is
    `registered` if registration held the point. `unfounded`: it was resolved because its evidence was withdrawn, not
    because it was mended. `move` is what the run `moved_by` (its id) made of it (domain.moves), if that was the last to
    change it. `mask` is the set of meter statuses; `fingerprint` a checksum of the evidence.

    Here and in Event the database does not check that what a row refers to exists: PostgreSQL would do so a row at a
    time, for longer than all else that recording a run takes. A run takes both from one join, in one transaction.
    """

    id = models.BigIntegerField(primary_key=True)
    mpxn = models.BigIntegerField()
    rule = models.CharField(max_length=20)
    severity = models.CharField(max_length=6)
    network = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    supplier = models.ForeignKey(
        Party,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    flag = models.CharField(max_length=1, blank=True)
    flag_from = models.DateField(null=True, blank=True)
    expected = models.CharField(max_length=1, blank=True)
    mask = models.PositiveSmallIntegerField()
    meters = models.PositiveIntegerField()
    latest_status_from = models.DateField(null=True, blank=True)
    wrong_since_earliest = models.DateField(null=True, blank=True)
    wrong_since_latest = models.DateField(null=True, blank=True)
    in_flight = models.BooleanField()
    undetermined = models.BooleanField(default=False, db_default=False)
    point_status = models.CharField(max_length=12, blank=True, default="", db_default="")
    kind = models.ForeignKey(
        MeterKind,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    commissioned = models.DateField(null=True, blank=True)
    postcode_area = models.CharField(max_length=2, blank=True, default="", db_default="")
    registered = models.BooleanField(default=True, db_default=True)
    fingerprint = models.BigIntegerField()
    first_seen = models.DateField()
    opened_on = models.DateField()
    opened_as = models.CharField(max_length=9)
    last_seen = models.DateField(null=True, blank=True)
    resolved_on = models.DateField(null=True, blank=True)
    unfounded = models.BooleanField(default=False, db_default=False)
    move = models.CharField(max_length=13, blank=True, default="", db_default="")
    moved_by = models.BigIntegerField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "discrepancies"
        indexes = [
            models.Index(WORST, "id", name="discrepancy_worst"),
            models.Index("network", WORST, "id", name="discrepancy_network"),
            models.Index("supplier", WORST, "id", name="discrepancy_supplier"),
            models.Index("rule", WORST, "id", name="discrepancy_rule"),
            models.Index(fields=["wrong_since_latest", "id"], name="discrepancy_wrong_since"),
            models.Index(fields=["first_seen", "id"], name="discrepancy_first_seen"),
            models.Index(WORST, "id", name="discrepancy_in_flight", condition=Q(in_flight=True)),
            models.Index(fields=["moved_by", "move"], name="discrepancy_moved", condition=Q(moved_by__isnull=False)),
            models.Index(fields=["id"], name="discrepancy_absent", condition=Q(last_seen__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.rule} at {self.mpxn}"


class Event(models.Model):
    """A change of state: who (the run), when (the run's date), before and after. Never changed, never deleted.

    `withdrawn`: not for what the market shows, but because the evidence of what was found before was withdrawn.

    new -> ongoing and regressed -> ongoing have no row: they follow from the next run's date.
    """

    discrepancy = models.ForeignKey(Discrepancy, on_delete=models.CASCADE, related_name="events", db_constraint=False)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    on = models.DateField()
    before = models.CharField(max_length=9, blank=True)
    after = models.CharField(max_length=9)
    withdrawn = models.BooleanField(default=False, db_default=False)

    def __str__(self) -> str:
        return f"{self.before or 'nothing'} -> {self.after} on {self.on}"

    @property
    def reason(self) -> str:
        """Why the run moved it, in words."""
        return WHY_WITHDRAWN[State(self.after)] if self.withdrawn else WHY[State(self.after)]
