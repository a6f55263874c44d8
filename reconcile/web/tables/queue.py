"""The columns that people can choose for the queue (domain.views): of each its cell, and the table of those chosen.

In: rows of the ledger with the party's items, names of columns. Out: a Table. Called by the views of work.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date

from django.utils.html import format_html

from reconcile.domain.views import COLUMNS, GROUPS, USUAL_COLUMNS, in_order
from reconcile.domain.vocabulary import fuel_of
from reconcile.ledger.queries import Stated
from reconcile.models import MeterKind, WorkItem

from .. import words, work_words
from .columns import NOTES, STEADY, TEXT, party_cell
from .table import Column, Table
from .work import WORK

ALWAYS = ("box", "mpxn")
"""Columns without which nothing can be chosen."""
USUAL = {column.name: column for column in WORK.columns}


def _of_work(told: Callable[[WorkItem], object]) -> Callable[[Stated], str]:
    """A cell of the party's item; empty where nobody has touched the row."""

    def cell(row: Stated) -> str:
        item = work_words.item_of(row)
        return str((item and told(item)) or "")

    return cell


def _raised(told: Callable[[WorkItem], object]) -> Callable[[Stated], str]:
    """The same, as long as it is raised."""
    return _of_work(lambda item: told(item) if item.state == "raised" and item.raised else "")


def _of_kind(told: Callable[[MeterKind], str]) -> Callable[[Stated], str]:
    return lambda row: told(row.kind) if row.kind else ""


def _yes(answer: bool) -> str:
    return "yes" if answer else ""


def _day(value: date | None) -> str:
    return words.day(value) if value else ""


CELLS: dict[str, tuple[Callable[[Stated], str], str]] = {
    # name -> cell, class
    "network": (lambda row: party_cell(row.network), ""),
    "supplier": (lambda row: party_cell(row.supplier), ""),
    "fuel": (lambda row: fuel_of(row.mpxn).value, ""),
    "in_flight": (lambda row: _yes(row.in_flight), ""),
    "undetermined": (lambda row: _yes(row.undetermined), ""),
    "point_status": (lambda row: row.point_status, ""),
    "contradicted": (lambda row: _day(row.contradicted_on), STEADY),
    "correction": (
        lambda row: words.sent(row.sent_file, row.sent_line, row.sent_at, row.sent_outcome) if row.sent_file else "",
        NOTES,
    ),
    "due": (_of_work(lambda item: _day(item.due)), STEADY),
    "raised_to": (_raised(work_words.with_whom), NOTES),
    "raised_on": (_raised(lambda item: item.raised and words.day(item.raised.at.date())), STEADY),
    "reference": (_raised(lambda item: item.raised and item.raised.reference), NOTES),
    "answer": (_raised(lambda item: item.answer or "none yet"), ""),
    "reason": (_of_work(lambda item: item.reason), NOTES),
    "note": (_of_work(lambda item: work_words.linked(item.note)), TEXT),
    "why": (_of_work(lambda item: item.why), NOTES),
    "statuses": (lambda row: words.statuses(row.mask), NOTES),
    "meters": (lambda row: words.amount(row.meters), "number"),
    "manufacturer": (_of_kind(lambda kind: kind.manufacturer), NOTES),
    "model": (_of_kind(lambda kind: kind.model), NOTES),
    "firmware": (_of_kind(lambda kind: kind.firmware), NOTES),
    "generation": (_of_kind(lambda kind: kind.generation), ""),
    "smets": (_of_kind(lambda kind: kind.smets), ""),
    "csp_region": (_of_kind(lambda kind: kind.csp_region), ""),
    "commissioned": (lambda row: _day(row.commissioned), STEADY),
    "postcode_area": (lambda row: row.postcode_area, ""),
    "flag_from": (lambda row: _day(row.flag_from), STEADY),
    "latest_status_from": (lambda row: _day(row.latest_status_from), STEADY),
    "first_seen": (lambda row: words.day(row.first_seen), STEADY),
    "last_seen": (lambda row: words.day(row.seen), STEADY),
    "age_days": (lambda row: words.amount(row.age_days), "number"),
}


def _named(title: str, cell: Callable[[Stated], str]) -> Callable[[Stated], str]:
    """A cell that says what it is where there is no head: on a phone."""

    def named(row: Stated) -> str:
        told = cell(row)
        return format_html('<span class="head-here">{} </span>{}', title, told) if told else ""

    return named


def _columns() -> dict[str, Column[Stated]]:
    """Every column that can be chosen; the usual ones are those of WORK."""
    more = {
        name: Column(name, COLUMNS[name], _named(COLUMNS[name], cell), css, number=css == "number")
        for name, (cell, css) in CELLS.items()
    }
    return {name: USUAL.get(name) or more[name] for name in COLUMNS}


TO_CHOOSE = _columns()


def queue_of(chosen: Iterable[str]) -> Table[Stated]:
    """The queue with these columns, or with the usual ones. What is no column any more is left out."""
    names = in_order(set(chosen) & TO_CHOOSE.keys()) or USUAL_COLUMNS
    return replace(WORK, columns=[*(USUAL[name] for name in ALWAYS), *(TO_CHOOSE[name] for name in names)])


def choices(table: Table[Stated]) -> dict[str, list[tuple[str, str, bool]]]:
    """By group: name and title of each column, and whether the table has it."""
    has = {column.name for column in table.columns}
    return {group: [(name, title, name in has) for name, title in names.items()] for group, names in GROUPS.items()}
