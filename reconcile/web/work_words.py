"""How pages say what work there is.

In: entries of the record, items of a party. Out: sentences and labels. Called by the pages of work, through their tags.
"""

import re

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from reconcile.domain.vocabulary import parse_mpxn
from reconcile.domain.work import RAISE_TO, STATE_WORDS, WorkState
from reconcile.ledger.queries import Stated
from reconcile.models import AuditEntry, WorkItem

from . import links, words

MARKS = {"to_do": "○", "raised": "→", "explained": "≡", "closed": "✓"}


def said(entry: AuditEntry) -> str:
    """What was done, in a sentence."""
    rows = f"{entry.rows or 0:,} discrepanc{'y' if entry.rows == 1 else 'ies'}"
    return f"{entry.get_what_display()}: {rows}{f', {entry.about}' if entry.about else ''}."


def item_of(row: Stated) -> WorkItem | None:
    """The party's item of a row that was fetched with it."""
    return next(iter(row.work_items.all()), None)


def state_of(row: Stated) -> str:
    """The work state of a row, touched or not."""
    item = item_of(row)
    return item.state if item else (WorkState.CLOSED if row.resolved_on else WorkState.TO_DO)


def work_tag(state: str) -> SafeString:
    """A work state as a label with its mark."""
    return words.tag(f"work-{state}", STATE_WORDS[WorkState(state)], MARKS[state])


def details(item: WorkItem | None) -> str:
    """What else there is to know of where work stands, in a line."""
    if item is None:
        return ""
    parts = []
    if item.raised and item.state == WorkState.RAISED:
        parts += [with_whom(item), item.raised.reference, item.answer or "no answer yet"]
    parts += [item.reason if item.state == WorkState.EXPLAINED else "", item.why]
    if item.due and item.state != WorkState.CLOSED:
        parts.append(f"{DUE[WorkState(item.state)]} {words.day(item.due)}")
    return ", ".join(part for part in parts if part)


DUE = {WorkState.TO_DO: "due", WorkState.RAISED: "chase", WorkState.EXPLAINED: "until", WorkState.CLOSED: "due"}


def with_whom(item: WorkItem) -> str:
    """The party that it is raised with, or what kind of party."""
    raising = item.raised
    return "" if raising is None else str(raising.target or RAISE_TO[raising.who])


def linked(text: str) -> SafeString:
    """A note: plain text, in which the numbers of Meter Points are links, grouped as pages show them or not."""
    return format_html_join("", "{}", ((_word(part),) for part in NUMBERS.split(text)))


NUMBERS = re.compile(r"(?<!\d)(\d{2} \d{4} \d{4} \d{3}|\d{7,13})(?!\d)", re.ASCII)


def _word(part: str) -> str:
    if not NUMBERS.fullmatch(part):
        return part
    try:
        return format_html('<a href="{}">{}</a>', links.to("point", args=(parse_mpxn(part),)), part)
    except ValueError:
        return part
