"""Addresses of filtered lists. The address is the state of a page, so every figure can link to its rows."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

MISMATCHES = {"severity": "mismatch", "in_flight": "no", "absent": "no"}
"""The filter whose rows are the mismatches that every page counts."""
KINDS: dict[str, dict[str, str]] = {
    "mismatches": MISMATCHES,
    "in_flight": {"severity": "mismatch", "in_flight": "yes", "absent": "no"},
    "watch": {"severity": "watch", "absent": "no"},
    "new": {"state": "new", "absent": "no"},
    "regressed": {"state": "regressed", "absent": "no"},
    "ongoing": {"state": "ongoing", "absent": "no"},
    "resolved": {"state": "just_resolved"},
    "absent": {"absent": "yes"},
    "open": {},
}
"""The filter behind each figure of Totals."""


def discrepancies(kind: str = "open", **filters: Any) -> str:
    """The list behind a figure: `kind` is a field of Totals, `filters` narrow it further; empty ones are left out."""
    query = {name: value for name, value in {**KINDS[kind], **filters}.items() if value not in (None, "")}
    address = reverse("discrepancies")
    return f"{address}?{urlencode(query, doseq=True)}" if query else address
