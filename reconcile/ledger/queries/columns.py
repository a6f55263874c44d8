"""What people said that headings mean, as it is kept.

In: an actor. Out: Kept. Called by the pages of columns and by `load`.
"""

from dataclasses import dataclass

from reconcile.feeds import ColumnMap, as_toml
from reconcile.models import Extract, KeptColumns, KeptColumnsEvent

from .. import columns
from ..actors import Actor, Right


@dataclass(frozen=True)
class Kept:
    """Kept columns, and what happened to them; `extracts`: how many files were read by columns of that name."""

    row: KeptColumns
    history: list[KeptColumnsEvent]
    extracts: int

    @property
    def name(self) -> str:
        """Under which they are kept."""
        return self.row.name

    @property
    def said(self) -> ColumnMap:
        """What they say."""
        return columns.said_by(self.row)

    @property
    def toml(self) -> str:
        """As a columns file."""
        return as_toml(self.said)


def kept_columns(*, actor: Actor) -> list[Kept]:
    """All that are used, by name."""
    actor.must(Right.SEE_COLUMNS)
    rows = columns.current().prefetch_related("events")
    read = Extract.objects.filter(report__has_key="read_by").values_list("report__read_by__name", flat=True)
    names = list(read)
    return [Kept(row, sorted(row.events.all(), key=lambda event: event.pk), names.count(row.name)) for row in rows]


def kept_columns_by_id(*, actor: Actor, kept_id: int) -> Kept | None:
    """One of them, or None."""
    return next((one for one in kept_columns(actor=actor) if one.row.pk == kept_id), None)
