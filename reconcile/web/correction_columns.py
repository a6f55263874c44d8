"""The tables of what was sent to registration.

In: sendings and lines. Out: their cells. Called by the views of corrections, through web.tables.
"""

from django.utils.html import format_html

from reconcile.models import Correction, CorrectionLine

from . import links, words
from .columns import NOTES, STEADY, TEXT, flag_cell, party_cell
from .tables import Column, Table


def _sending(row: Correction) -> str:
    return format_html('<a href="{}">Sending {}</a>', links.to("correction", args=(row.pk,)), row.pk)


def _files(row: Correction) -> str:
    return words.amount(getattr(row, "file_count", None))


SENDINGS: Table[Correction] = Table(
    "What was sent",
    (
        Column("sending", "Sending", _sending),
        Column("made_at", "When", lambda row: words.moment(row.made_at), STEADY),
        Column("count", "Corrections", lambda row: words.amount(row.count), number=True),
        Column("files", "Files", _files, number=True),
        Column("name", "Approved by", lambda row: row.name),
        Column("party", "For", lambda row: row.party.name if row.party else "The whole market"),
        Column("filters", "Of which rows", lambda row: row.filters, TEXT),
    ),
)


def _point(row: CorrectionLine) -> str:
    return format_html(
        '<a href="{}">{}</a>',
        links.to("point", args=(row.mpxn,)),
        words.grouped(row.mpxn),
    )


LINES: Table[CorrectionLine] = Table(
    "Lines",
    (
        Column("line", "Line", lambda row: words.amount(row.line), number=True),
        Column("mpxn", "Meter Point", _point, "mpxn"),
        Column("supplier", "Supplier", lambda row: party_cell(row.supplier)),
        Column("flag_before", "Flag", lambda row: flag_cell(row.flag_before)),
        Column("flag", "Asked for", lambda row: flag_cell(row.flag)),
        Column("flag_from", "From", lambda row: words.day(row.flag_from), STEADY),
        Column("rules", "Because of", lambda row: row.rules.replace("+", ", "), NOTES),
    ),
    per_page=100,
)
