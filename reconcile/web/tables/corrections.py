"""The tables of what was sent to registration.

In: sendings and lines. Out: their cells. Called by the views of corrections, through web.tables.
"""

from django.utils.html import format_html

from reconcile.domain.corrections import REJECTED
from reconcile.domain.rejections import next_step, reason_in_words
from reconcile.ledger.queries import Answers
from reconcile.models import Correction, CorrectionLine

from .. import links, words
from ..pictures.still import Bar
from .columns import NOTES, STEADY, TEXT, flag_cell, party_cell
from .table import Column, Table


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


def _answer(row: CorrectionLine) -> str:
    """What was answered; of a rejection why, and what to do."""
    if not row.outcome:
        return words.NONE
    told = f"{row.outcome} on {words.day(row.answered_on)}"
    if row.outcome != REJECTED:
        return told
    why = f"{reason_in_words(row.reason)}. " if row.reason else ""
    return format_html('<strong>{}</strong> <span class="note">{}{}</span>', told, why, next_step(row.reason))


def bars_of(answers: Answers) -> list[Bar]:
    """What became of the lines of a file, as bars."""
    told = (
        ("Sent", answers.sent, ""),
        ("Accepted", answers.accepted, "right"),
        ("Rejected", answers.rejected, "wrong"),
        ("Waiting for an answer", answers.waiting, ""),
        ("Not answered in time", answers.unanswered, "wrong"),
        ("Visible in registration", answers.shown, "right"),
    )
    share = 100 / answers.sent if answers.sent else 0
    return [Bar(said, words.amount(count), "", "0", f"{count * share:.2f}", tone) for said, count, tone in told]


LINES: Table[CorrectionLine] = Table(
    "Lines",
    (
        Column("line", "Line", lambda row: words.amount(row.line), number=True),
        Column("mpxn", "Meter Point", _point, "mpxn"),
        Column("supplier", "Supplier", lambda row: party_cell(row.supplier)),
        Column("flag_before", "Flag", lambda row: flag_cell(row.flag_before)),
        Column("flag", "Asked for", lambda row: flag_cell(row.flag)),
        Column("flag_from", "From", lambda row: words.day(row.flag_from), STEADY),
        Column("answer", "Answer", _answer, TEXT),
        Column("shown_on", "In registration since", lambda row: words.day(row.shown_on), STEADY),
        Column("rules", "Because of", lambda row: row.rules.replace("+", ", "), NOTES),
    ),
    per_page=100,
)
