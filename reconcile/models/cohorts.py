"""Cohorts: rows that a party froze together, and what each run made of them.

Written by ledger.cohorts, many rows in one statement, and read through ledger.queries for one party alone.
"""

from django.conf import settings
from django.db import models

from .discrepancies import Discrepancy
from .parties import Party
from .runs import Run


class Cohort(models.Model):
    """A frozen selection. `run`: the newest when it was frozen; `size`: its members then, who never change.

    `maker_name` stays when the person goes. `entry`: the number of the entry of the record that tells of its making.
    """

    party = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+", db_index=False)
    size = models.PositiveIntegerField()
    filters = models.TextField(blank=True)
    maker = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    maker_name = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    entry = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["party", "name"], name="one_cohort_a_name")]

    def __str__(self) -> str:
        return self.name


class CohortMember(models.Model):
    """A row of a cohort: its fate (domain.cohorts) when it was frozen, and by the newest run.

    `gravity`: how bad it was then (ledger.working.gravity). `came_back`: it was mended since, and found again.
    """

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="members", db_index=False)
    discrepancy = models.ForeignKey(
        Discrepancy, on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    gravity = models.SmallIntegerField()
    came_back = models.BooleanField(default=False)
    at_first = models.CharField(max_length=6)
    fate = models.CharField(max_length=6)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cohort", "discrepancy"], name="once_in_a_cohort")]
        indexes = [models.Index(fields=["cohort", "fate"], name="cohort_fate")]

    def __str__(self) -> str:
        return f"{self.discrepancy} in {self.cohort}: {self.fate}"


class CohortMove(models.Model):
    """A run gave a member another fate than it had. What stayed the same has no row."""

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="moves", db_index=False)
    discrepancy = models.ForeignKey(
        Discrepancy, on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+")
    before = models.CharField(max_length=6)
    after = models.CharField(max_length=6)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cohort", "discrepancy", "run"], name="one_move_a_run")]

    def __str__(self) -> str:
        return f"{self.discrepancy} in {self.cohort}: {self.before} -> {self.after}"
