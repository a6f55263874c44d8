"""What people make of their party's queue: views that they saved, columns that they chose, what it opens with.

Written by ledger.saved_views, read through ledger.queries, by the people of one party alone.
"""

from django.conf import settings
from django.db import models

from .parties import Party


class View(models.Model):
    """A filter, an order and columns under a name: its owner's own, or `shared` with the people of the party.

    `query`: the filter as an address has it. `columns`: names of domain.views, none for each person's own. `owner_name`
    stays when the person goes. `entry`: the number of the entry of the record that tells of its making.
    """

    party = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    owner_name = models.CharField(max_length=150)
    name = models.CharField(max_length=80)
    query = models.TextField(blank=True)
    sort = models.CharField(max_length=30, blank=True)
    columns = models.JSONField(default=list, blank=True)
    shared = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    entry = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["party", "owner", "name"], name="one_view_a_name")]

    def __str__(self) -> str:
        return self.name


class Habits(models.Model):
    """How a person looks at the queue of a party: the columns that they chose, and what it opens with (`start`).

    `start` is what the address of a view has: the name of a ready-made one or a number; empty for the whole queue.
    `keys`: whether single keys do something in the list.
    """

    party = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    columns = models.JSONField(default=list, blank=True)
    start = models.CharField(max_length=20, blank=True)
    keys = models.BooleanField(default=True, db_default=True)

    class Meta:
        verbose_name_plural = "habits"
        constraints = [models.UniqueConstraint(fields=["party", "person"], name="one_set_of_habits")]

    def __str__(self) -> str:
        return f"{self.person} at {self.party}"
