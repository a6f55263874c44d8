"""What the inventory says of smart meters, once for each that it says."""

from django.db import models

from reconcile.domain.smets import TOLD, Generation, generation


class MeterKind(models.Model):
    """A kind of smart meter, as the inventory describes it; what it does not say is empty.

    `description` is the same as one text (feeds.values.devices), by which a run finds it.
    """

    description = models.TextField(unique=True)
    smets = models.CharField(max_length=200, blank=True)
    manufacturer = models.CharField(max_length=200, blank=True)
    model = models.CharField(max_length=200, blank=True)
    firmware = models.CharField(max_length=200, blank=True)
    csp_region = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        said = (self.manufacturer, self.model, self.firmware, self.csp_region)
        return " ".join(one for one in said if one) or "not described"

    @property
    def generation(self) -> str:
        """SMETS1 or SMETS2; empty where the inventory does not say it."""
        found: Generation = generation(self.smets, self.csp_region)
        return found if found in TOLD else ""
