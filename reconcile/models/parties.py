"""Parties to the codes, and which of them a person belongs to."""

from django.conf import settings
from django.db import models

from reconcile.domain.vocabulary import LONGEST_CODE


class Party(models.Model):
    """A Network Party, a supplier, or the market operator (DCC, code manager), who sees everything.

    `code`: distributor id or short gas network name; a supplier's MPID. Made as extracts name them.
    """

    class Kind(models.TextChoices):
        NETWORK = "network", "Network Party"
        SUPPLIER = "supplier", "Supplier"
        OPERATOR = "operator", "Market operator"

    kind = models.CharField(max_length=10, choices=Kind)
    code = models.CharField(max_length=LONGEST_CODE)
    name = models.CharField(max_length=100)
    fuel = models.CharField(max_length=11, blank=True)
    mpid = models.CharField(max_length=4, blank=True)

    class Meta:
        verbose_name_plural = "parties"
        constraints = [models.UniqueConstraint(fields=["kind", "code"], name="one_party_per_code")]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        """The name with the code, as pages and filters say it: `10 Eastern`; the code alone is not said twice."""
        return self.name if self.code in self.name else f"{self.code} {self.name}"


class Role(models.TextChoices):
    """What a person does for a party, the least first: who has a role has every right of those before it."""

    VIEWER = "viewer", "Viewer"
    ANALYST = "analyst", "Analyst"
    MANAGER = "manager", "Manager"


class Membership(models.Model):
    """A person works for a party, in a role. Nobody without a membership sees a row.

    What each role may do for each kind of party: `ledger.actors`. `chosen_at`: when a person of several parties last
    said that they work for this one now.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    party = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=7, choices=Role, default=Role.VIEWER)
    chosen_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "party"], name="one_membership_per_party")]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display().lower()} of {self.party}"
