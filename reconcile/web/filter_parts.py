"""The filter of a list on its page: which fields stand apart, and what was given, a chip each.

In: a filter and the address that asked for it. Out: fields, chips. Called by the views of lists.
"""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict

from reconcile.domain.facets import FACT_FILTERS
from reconcile.ledger.filters import STATES, DiscrepancyFilter

from .tables.table import PLACE, changed

CHOICES = (
    "undetermined",
    "in_flight",
    "move",
    "ever_regressed",
    "absent",
    "contradicted",
    "correction",
    "point_status",
    "comparable",
    "generation",
)
TEXTS = ("new_within", *(name for name in FACT_FILTERS if name not in CHOICES))
MORE = (*CHOICES, *TEXTS)
"""The filters that stand apart, as fewer people ask for them."""


def more_of(filters: DiscrepancyFilter) -> dict[str, Any]:
    """The fields that stand apart, and whether any of them was given."""
    fields: dict[str, list[forms.BoundField]] = {
        "choices": [filters[name] for name in CHOICES],
        "texts": [filters[name] for name in TEXTS],
    }
    return {**fields, "given": any(name in filters.data for name in MORE)}


@dataclass(frozen=True)
class Chip:
    """A filter in words, and the address without it."""

    words: str
    without: str


def chips_of(filters: DiscrepancyFilter, asked: QueryDict) -> list[Chip]:
    """One for each filter that was given, the state among them; none where the filter cannot be read."""
    if not filters.is_valid():
        return []
    said = filters.said()
    if asked.get("state"):
        said = {"state": f"State: {dict(STATES)[filters.wanted_state]}", **said}
    return [Chip(words, changed(asked, {name: None, **dict.fromkeys(PLACE)})) for name, words in said.items()]
