"""What was sent to registration so that flags come right: a sending, its files, a line for each Meter Point.

Written by ledger.corrections. The bytes of a file follow from its rows here, and from nothing else.
"""

from typing import Any

from django.conf import settings
from django.db import models

from reconcile.domain.corrections import REJECTED
from reconcile.domain.rejections import next_step, reason_in_words

from .parties import Party
from .runs import Run


class Correction(models.Model):
    """One sending: the corrections of a selection, which somebody with that right approved by their number.

    `party`: whose people made it, None for the market operator and for the machine; nobody else sees its files.
    `sight`: the scope (ledger.access.Scope as JSON) that it was made within. `query`, `filters`: what chose the rows,
    as an address has it and in words. `most`: lines of a file; `left_out`: why, in words -> how many Meter Points.
    `desk`: the number of the party at whose desk it was asked for, whose work waits for the answers.
    `organisation`: the sender's number in gas files (DCC_ORGANISATION when it was made).
    `csv_bytes`, `csv_sha256`: of the plain table of all its lines. `job`: the number of the job that made it.
    """

    job = models.BigIntegerField(unique=True)
    made_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=150)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    sight = models.JSONField()
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+")
    policy = models.CharField(max_length=40)
    organisation = models.BigIntegerField(default=1234, db_default=1234)
    query = models.TextField(blank=True)
    filters = models.TextField(blank=True)
    most = models.PositiveIntegerField()
    count = models.PositiveIntegerField()
    left_out = models.JSONField(default=dict)
    desk = models.BigIntegerField(null=True, blank=True)
    csv_bytes = models.BigIntegerField(default=0)
    csv_sha256 = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"sending {self.pk} of {self.count} corrections"


class CorrectionFile(models.Model):
    """A file for one network. `number` counts the files of a kind to it, and is never used again.

    `kind`: the format, `d0350` or `dxi`; `identifier`: what the file calls itself, by which answers name it.
    """

    correction = models.ForeignKey(Correction, on_delete=models.PROTECT, related_name="files")
    kind = models.CharField(max_length=5)
    network = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    identifier = models.CharField(max_length=10, unique=True)
    name = models.CharField(max_length=200)
    rows = models.PositiveIntegerField()
    bytes = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "network", "number"], name="one_file_of_a_number")]

    def __str__(self) -> str:
        return self.name


class CorrectionLine(models.Model):
    """The correction of one Meter Point: its flag before, the flag that is asked for and from when, and why (rules).

    `outcome` (accepted, rejected, empty while there is no answer), `reason` (codes of a D0351), `answered_on` and
    `answered_by` (the number of the extract) are what answers say; `shown_on`: the day of the first run since in which
    registration has the flag. `line` is the number of its line in the file. As in a
    discrepancy, the database does not check what it refers to.
    """

    file = models.ForeignKey(CorrectionFile, on_delete=models.PROTECT, related_name="lines", db_constraint=False)
    line = models.PositiveIntegerField()
    mpxn = models.BigIntegerField()
    supplier = models.ForeignKey(
        Party, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, db_constraint=False
    )
    flag_before = models.CharField(max_length=1, blank=True)
    flag = models.CharField(max_length=1)
    flag_from = models.DateField()
    rules = models.TextField()
    outcome = models.CharField(max_length=8, blank=True, default="", db_default="")
    reason = models.CharField(max_length=100, blank=True, default="", db_default="")
    answered_on = models.DateField(null=True, blank=True)
    answered_by = models.BigIntegerField(null=True, blank=True)
    shown_on = models.DateField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["mpxn", "-id"], name="correction_of_point")]

    def __str__(self) -> str:
        return f"line {self.line} of {self.file_id}"

    @property
    def asked(self) -> str:
        """What is asked for, in words."""
        return f"{self.flag_before or 'no flag'} to {self.flag} from {self.flag_from:%-d %b %Y}"

    @property
    def place(self) -> str:
        """Where it stands."""
        return f"{self.file.name}, line {self.line}"

    def facts(self) -> dict[str, Any]:
        """For machines: what was asked for, where and when."""
        return {
            "file": self.file.name,
            "line": self.line,
            "sent_at": self.file.correction.made_at.isoformat(),
            "flag_before": self.flag_before,
            "flag": self.flag,
            "flag_from": self.flag_from.isoformat(),
            "outcome": self.outcome,
            "reason": reason_in_words(self.reason) if self.reason else "",
            "next_step": next_step(self.reason) if self.outcome == REJECTED else "",
            "shown_on": self.shown_on.isoformat() if self.shown_on else None,
        }
