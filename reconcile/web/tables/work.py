"""The columns of the queue and of the record of work.

In: rows of the ledger with the party's items. Out: their cells. Called by the views of work, through web.tables.
"""

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from reconcile.domain.rules import RULES
from reconcile.ledger import queries
from reconcile.ledger.queries import Past, Recorded, Stated
from reconcile.models import AuditEntry, WorkVersion

from .. import links, words, work_words
from .columns import NOTES, STEADY, TEXT, point_cell, wrong_since_cell
from .table import Column, Table


def _box(row: Stated) -> SafeString:
    return format_html(
        '<input type="checkbox" name="id" value="{}" form="work" aria-label="Choose {} {}">',
        row.pk, row.mpxn, RULES[row.rule].title,
    )  # fmt: skip


def _problem(row: Stated) -> SafeString:
    address = links.to("work-row", args=(row.pk,))
    mark, title = words.severity_mark(row.severity), RULES[row.rule].title
    return format_html('{} <a href="{}" title="{}: {}" data-peek>{}</a>', mark, address, row.rule, title, title)


def _flags(row: Stated) -> str:
    return words.flag_to_expected(row.flag, row.expected)


def _assignee(row: Stated) -> str:
    item = work_words.item_of(row)
    if item is None or item.assignee_id is None:
        return words.NONE
    name = item.assignee.get_username() if item.assignee else "somebody who has gone"
    return format_html('<span class="head-here">assigned to </span>{}', name)


def _work(row: Stated) -> SafeString:
    state, more = work_words.state_of(row), work_words.details(work_words.item_of(row))
    return format_html('<span title="{1}">{0} <span class="note">{1}</span></span>', work_words.work_tag(state), more)


WORK: Table[Stated] = Table(
    "Work",
    (
        Column("box", "Choose", _box),
        Column("mpxn", "Meter Point", point_cell, "mpxn"),
        Column("rule", "Problem", _problem, TEXT),
        Column("flag", "Flag", _flags, STEADY),
        Column("wrong_since", "Wrong since", wrong_since_cell, NOTES),
        Column("severity", "Severity", lambda row: words.severity_tag(row.severity)),
        Column("who_acts", "Who acts", lambda row: words.actor(RULES[row.rule].who_acts)),
        Column("assignee", "Assignee", _assignee),
        Column("work", "Work", _work, f"{NOTES} told"),
        Column("state", "Change", lambda row: words.state_tag(row.state)),
    ),
    orders=queries.QUEUE_ORDERS,
    usual=queries.DISCREPANCY_ORDER,
    stacked=False,
)


def _rows_of(entry: Recorded) -> str:
    """How many, leading to them as they stand; what changed no row has none."""
    if entry.rows is None or entry.what == AuditEntry.What.COHORT:
        return words.amount(entry.rows)
    return format_html(
        '<a href="{}?state=all&amp;entry={}">{}</a>', links.to("work"), entry.pk, words.amount(entry.rows)
    )


def _entry(entry: Recorded) -> str:
    return format_html('<a href="{}">entry {}</a>', links.to("work-entry", args=(entry.pk,)), entry.pk)


WORK_RECORD: Table[Recorded] = Table(
    "History of work",
    (
        Column("at", "When", lambda row: words.moment(row.at), STEADY),
        Column("name", "Who", lambda row: row.by),
        Column("what", "What", lambda row: row.get_what_display()),
        Column("about", "How", lambda row: row.about or words.NONE, TEXT),
        Column("words", "Words", lambda row: work_words.linked(row.words) or words.NONE, TEXT),
        Column("filters", "Of which rows", lambda row: row.filters or words.NONE, TEXT),
        Column("rows", "Rows", _rows_of, number=True),
        Column("entry", "Before and after", _entry, number=True),
    ),
    per_page=100,
)


def _changes(row: WorkVersion) -> str:
    return format_html_join(" · ", "{}: {} → {}", Past(row, row.entry, "").changes) or words.NONE


WORK_RECORD_ROWS: Table[WorkVersion] = Table(
    "Its rows",
    (
        Column("mpxn", "Meter Point", lambda row: point_cell(row.discrepancy), "mpxn"),
        Column("rule", "Problem", lambda row: RULES[row.discrepancy.rule].title, TEXT),
        Column("changes", "Before and after", _changes, TEXT),
        Column("note", "Last note", lambda row: work_words.linked(row.note) or words.NONE, TEXT),
    ),
    per_page=100,
)
