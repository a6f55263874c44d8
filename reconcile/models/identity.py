"""Which lake a database belongs to."""

from django.db import models


class Identity(models.Model):
    """The identity of this database: one row, whose text stands in the root of its lake too."""

    text = models.CharField(max_length=36)

    class Meta:
        verbose_name_plural = "identities"

    def __str__(self) -> str:
        return self.text
