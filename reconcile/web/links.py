"""Addresses of pages. The address is the state of a page, so every figure can link to its rows."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from reconcile.domain.figures import FIGURES
from reconcile.ledger.filters import filter_of
from reconcile.ledger.queries import FILE_LIMIT, Cell, OneView, WhatIf

KINDS: dict[str, dict[str, str]] = {name: filter_of(figure) for name, figure in FIGURES.items()} | {"open": {}}
"""The filter behind each figure of Totals."""

to = lru_cache(maxsize=4096)(reverse)
"""`reverse`, remembered: a page of rows asks for the same few hundred addresses again and again."""


def discrepancies(kind: str = "open", **filters: Any) -> str:
    """The list behind a figure: `kind` is a field of Totals, `filters` narrow it further; empty ones are left out."""
    query = {name: value for name, value in {**KINDS[kind], **filters}.items() if value not in (None, "")}
    address = to("discrepancies")
    return f"{address}?{urlencode(query, doseq=True)}" if query else address


def cell(one: Cell) -> str:
    """The open discrepancies of a cell of the matrix."""
    query = urlencode(one.filters, doseq=True)
    return f"{to('discrepancies')}?{query}"


def mismatches(**filters: Any) -> str:
    """The list of mismatches, narrowed further."""
    return discrepancies("mismatches", **filters)


def causes(**filters: Any) -> str:
    """The causes of what a filter of the list finds."""
    return f"{to('causes')}?{urlencode(filters, doseq=True)}" if filters else to("causes")


def view(one: OneView) -> str:
    """The queue as a view has it: its filter and its order, which can be changed from there, and which view it is."""
    order = urlencode({"sort": one.sort}) if one.sort else ""
    return f"{to('work')}?{'&'.join(filter(None, (one.query, order, urlencode({'view': one.key}))))}"


def cohort(number: int, **filters: Any) -> str:
    """The rows of a cohort, resolved ones too, narrowed further."""
    return f"{to('work')}?{urlencode({'state': 'all', 'cohort': number, **filters})}"


def what_if(name: str, found: WhatIf, **narrowed: str) -> str:
    """A page of what if (the name of its address): of the same policies and run, narrowed further."""
    asked = {"policy": found.policy.name, "against": found.against.name, "run": found.run.pk}
    limit = {"limit": found.limit} if found.limit != FILE_LIMIT else {}
    return f"{to(name)}?{urlencode(asked | limit | {key: value for key, value in narrowed.items() if value})}"


def loads(jobs: Iterable[int]) -> str:
    """Several loads on one page."""
    return f"{to('loads')}?jobs={','.join(map(str, jobs))}"


def party(kind: str, code: str) -> str:
    """The page of a Network Party or a supplier, whose kinds are the names of their pages."""
    return to(kind, args=(code,))


def rule(code: str) -> str:
    """A rule in the catalogue."""
    return f"{to('rules')}#{code}"
