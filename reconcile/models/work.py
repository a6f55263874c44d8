"""A party's work on discrepancies: how it stands, every version of it, what was raised with whom, and the answers.

Written by ledger.working, many rows in one statement, and read through ledger.queries for one party at a time.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q

from reconcile.domain.work import TO_DO

from .audit import AuditEntry
from .discrepancies import Discrepancy
from .parties import Party


class Raising(models.Model):
    """What was said to one party, of however many discrepancies. `who` is a key of domain.work.RAISE_TO.

    Without a party (`target`) nobody here can answer: it is a reference and a day to chase it on.
    """

    entry = models.ForeignKey(AuditEntry, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    who = models.CharField(max_length=12)
    target = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reference = models.CharField(max_length=60, blank=True)
    chase = models.DateField(null=True, blank=True)
    words = models.TextField(blank=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.reference or 'raised'} with {self.target or self.who}"


class WorkValues(models.Model):
    """How a party's work on one discrepancy stands.

    `due`: the day to look at it again: to chase what was raised, or until which it is explained. `basis` is the flag
    and the meter statuses with which an explanation ends, empty if with neither; `gravity` how bad it was then
    (ledger.working.gravity). `why`: why it came back or closed without anybody's doing. `noted`: the last note's
    entry, whose words it is, or `said` where a file gave each row its own. `assignee`, as whoever has gone is not
    forgotten, is no constraint.
    """

    state = models.CharField(max_length=9, default=TO_DO)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    due = models.DateField(null=True, blank=True)
    raised = models.ForeignKey(
        Raising,
        on_delete=models.DO_NOTHING,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    answer = models.CharField(max_length=8, blank=True)
    reason = models.CharField(max_length=100, blank=True)
    basis = models.CharField(max_length=8, blank=True)
    gravity = models.SmallIntegerField(null=True, blank=True)
    why = models.CharField(max_length=100, blank=True)
    noted = models.ForeignKey(
        AuditEntry,
        on_delete=models.DO_NOTHING,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    said = models.TextField(blank=True, default="", db_default="")

    class Meta:
        abstract = True

    @property
    def note(self) -> str:
        """The words of the last note; empty where there is none."""
        return self.said or (self.noted.words if self.noted else "")


class WorkVersion(WorkValues):
    """What one entry of the record made of one discrepancy, and the version before. Never changed, never removed.

    `party`: whose work it is, which is not the entry's where the party that it was raised with has answered.
    """

    entry = models.ForeignKey(AuditEntry, on_delete=models.DO_NOTHING, related_name="versions", db_constraint=False)
    party = models.ForeignKey(Party, on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False)
    discrepancy = models.ForeignKey(
        Discrepancy, on_delete=models.DO_NOTHING, related_name="work_versions", db_constraint=False
    )
    previous = models.ForeignKey(
        "self",
        on_delete=models.DO_NOTHING,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )

    def __str__(self) -> str:
        return f"{self.party} on {self.discrepancy}: {self.state}"


class WorkItem(WorkValues):
    """How it stands now: a copy of its newest `version`. A discrepancy without one is to do, and nobody's."""

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="work_items", db_index=False)
    discrepancy = models.ForeignKey(
        Discrepancy, on_delete=models.DO_NOTHING, related_name="work_items", db_constraint=False
    )
    version = models.ForeignKey(
        WorkVersion, on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["party", "discrepancy"], name="one_item_per_party")]
        indexes = [
            models.Index(fields=["raised", "discrepancy"], name="work_raised", condition=Q(raised__isnull=False)),
            models.Index(fields=["party", "state", "discrepancy"], name="work_state"),
            models.Index(fields=["party", "assignee", "discrepancy"], name="work_assignee"),
            models.Index(fields=["party", "version"], name="work_version"),
        ]

    def __str__(self) -> str:
        return f"{self.party} on {self.discrepancy}: {self.state}"


class Answer(models.Model):
    """What the party that something was raised with said of one discrepancy. The newest counts."""

    entry = models.ForeignKey(AuditEntry, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False)
    raising = models.ForeignKey(Raising, on_delete=models.PROTECT, related_name="answers")
    discrepancy = models.ForeignKey(Discrepancy, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False)
    verdict = models.CharField(max_length=8)

    def __str__(self) -> str:
        return f"{self.verdict}: {self.raising}"


class Reason(models.Model):
    """What a party explains with; a party without any has those of domain.work.REASONS."""

    party = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="reasons")
    words = models.CharField(max_length=100)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["party", "words"], name="one_reason_per_party")]

    def __str__(self) -> str:
        return self.words


class Mention(models.Model):
    """A person who was named in a note of a colleague's; `read_at` once they said so."""

    entry = models.ForeignKey(AuditEntry, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False)
    party = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="+", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mentions")
    read_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.person} in {self.entry}"
