"""Alerts as people triage them: lines of the queue, the alerts behind each, and what a network's people did about it.

Written by ledger.alerting, and read through ledger.queries for one network at a time. No logic in save(), no signals.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q

from reconcile.domain.alert_work import OPEN
from reconcile.domain.smets import Generation
from reconcile.domain.triage import Kind

from .audit import AuditEntry
from .discrepancies import Discrepancy
from .extracts import Extract
from .parties import Party


class LineWork(models.Model):
    """How a network's people stand with a line. `outcome` once it is closed; `noted`: the last note's entry."""

    state = models.CharField(max_length=6, default=OPEN)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, null=True, blank=True, related_name="+",
        db_index=False, db_constraint=False,
    )  # fmt: skip
    outcome = models.CharField(max_length=100, blank=True)
    noted = models.ForeignKey(
        AuditEntry, on_delete=models.DO_NOTHING, null=True, blank=True, related_name="+",
        db_index=False, db_constraint=False,
    )  # fmt: skip

    class Meta:
        abstract = True


class AlertLine(LineWork):
    """One line of the queue: what one Meter Point says of one thing, or a storm (domain.triage.Kind).

    Its network is none where nobody knows it: then the operator alone sees it. `label`: what a storm has in common.
    `mpxn`: that of its alerts, if it is one. `triaged`: the domain.triage.Class of the whole, `answer` whether somebody
    can be talked to, `why` in words. `generation`: domain.triage.GENERATIONS, of its smart meters. `waiting`: an outage
    that nothing has restored, or explains. `version`: the newest of its work, None while nobody has touched it. The id
    is given by whoever writes it, and grows.
    """

    id = models.BigIntegerField(primary_key=True)
    network = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    kind = models.CharField(max_length=8)
    label = models.CharField(max_length=120, blank=True)
    mpxn = models.BigIntegerField(null=True, blank=True)
    sort = models.CharField(max_length=8)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    alerts = models.PositiveIntegerField()
    points = models.PositiveIntegerField()
    triaged = models.CharField(max_length=16)
    answer = models.CharField(max_length=8)
    why = models.CharField(max_length=300)
    waiting = models.BooleanField()
    generation = models.CharField(max_length=9, default=Generation.NOT_KNOWN.value)
    version = models.ForeignKey(
        "AlertVersion", on_delete=models.DO_NOTHING, null=True, blank=True, related_name="+", db_index=False,
        db_constraint=False,
    )  # fmt: skip

    class Meta:
        indexes = [
            models.Index("network", "state", models.F("waiting").desc(), "first_at", "id", name="alert_queue"),
            models.Index("state", models.F("waiting").desc(), "first_at", "id", name="alert_queue_all"),
            models.Index("last_at", name="alert_line_time"),
        ]

    def __str__(self) -> str:
        return f"{self.label or self.mpxn or 'alert'}, {self.alerts} alerts"

    @property
    def storm(self) -> str:
        """What a storm goes by: its kind, what it has in common, and when it began; empty for a line that is none."""
        if self.kind == Kind.SINGLE:
            return ""
        return f"{self.kind} {self.label} {self.first_at:%Y-%m-%dT%H:%M:%SZ}"


class AlertVersion(LineWork):
    """What one entry of the record made of one line, and the version before. Never changed, never removed."""

    entry = models.ForeignKey(AuditEntry, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False)
    line = models.ForeignKey(AlertLine, on_delete=models.DO_NOTHING, related_name="versions", db_constraint=False)
    previous = models.ForeignKey(
        "self", on_delete=models.DO_NOTHING, null=True, blank=True, related_name="+", db_index=False,
        db_constraint=False,
    )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.line}: {self.state}"


class Alert(models.Model):
    """One alert at one Meter Point, and what is behind it: by what was known then, and by what is known now.

    `then_on` and `now_on` are the days of the inventories that say so, None where none was loaded that says anything.
    `restored_at`: when the same Meter Point said that an outage is over. `device_id` and `hub_id` as people write them.
    """

    id = models.BigIntegerField(primary_key=True)
    line = models.ForeignKey(AlertLine, on_delete=models.PROTECT, related_name="members", db_constraint=False)
    extract = models.ForeignKey(Extract, on_delete=models.PROTECT, related_name="+", db_index=False)
    network = models.ForeignKey(
        Party, on_delete=models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    supplier = models.ForeignKey(
        Party, on_delete=models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    sent_at = models.DateTimeField()
    code = models.CharField(max_length=40)
    change = models.CharField(max_length=60, blank=True)
    sort = models.CharField(max_length=8)
    mpxn = models.BigIntegerField(null=True, blank=True)
    device_id = models.CharField(max_length=23, blank=True)
    hub_id = models.CharField(max_length=23, blank=True)
    device_at = models.BigIntegerField(null=True, blank=True)
    triaged = models.CharField(max_length=16)
    answer = models.CharField(max_length=8)
    why = models.CharField(max_length=300)
    answer_then = models.CharField(max_length=8)
    why_then = models.CharField(max_length=300)
    now_on = models.DateField(null=True, blank=True)
    then_on = models.DateField(null=True, blank=True)
    postcode_area = models.CharField(max_length=2, blank=True)
    restored_at = models.DateTimeField(null=True, blank=True)
    generation = models.CharField(max_length=9, default=Generation.NOT_KNOWN.value)

    class Meta:
        indexes = [
            models.Index(fields=["sent_at", "id"], name="alert_time"),
            models.Index(fields=["mpxn", "sent_at"], name="alert_point", condition=Q(mpxn__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.code} at {self.mpxn or self.device_id}"


class Contradiction(models.Model):
    """An alert of a change of status that came since the inventory, and by which a discrepancy would not be one.

    Written anew after each load of alerts and each run, only where something changed. `device_id` as people write it.
    """

    discrepancy = models.OneToOneField(
        Discrepancy, on_delete=models.DO_NOTHING, related_name="contradiction", db_constraint=False
    )
    sent_at = models.DateTimeField()
    code = models.CharField(max_length=40)
    device_id = models.CharField(max_length=23)

    def __str__(self) -> str:
        return f"{self.discrepancy_id} contradicted by {self.code} of {self.sent_at:%Y-%m-%d}"


class AlertMeaning(models.Model):
    """What a party's people say that a code means, where nothing public does."""

    party = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="+")
    code = models.CharField(max_length=40)
    words = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["party", "code"], name="one_meaning_per_party")]

    def __str__(self) -> str:
        return f"{self.code}: {self.words}"
