"""The columns of every table of rows.

In: rows of the ledger. Out: their cells. Called by the views, through web.tables.
"""

from collections.abc import Callable

from django.utils.html import format_html
from django.utils.safestring import SafeString

from reconcile.domain.rules import RULES
from reconcile.ledger import queries
from reconcile.ledger.queries import RunTotals, Stated
from reconcile.models import AuditEntry, Discrepancy, Extract, Job, Party

from .. import links, words
from .table import Column, Table

STEADY, TEXT, NOTES, WIDE = "one-line", "words", "notes", "wide"
"""Classes of cells: dates on one line, text and short notes that may take several, what small screens leave out."""


def _link(address: str, text: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', address, text)


def point_cell(row: Discrepancy) -> SafeString:
    return _link(links.to("point", args=(row.mpxn,)), words.grouped(row.mpxn))


def party_cell(party: Party | None) -> str:
    """The code; the name is said to those who hover or listen."""
    if party is None:
        return words.NONE
    return format_html('<a href="{}" title="{}">{}</a>', links.party(party.kind, party.code), party.name, party.code)


def _rule(row: Discrepancy) -> SafeString:
    return format_html('{} <a class="code" href="{}">{}</a>', RULES[row.rule].title, links.rule(row.rule), row.rule)


def flag_cell(flag: str) -> SafeString:
    return format_html("<strong>{}</strong>", words.flag_code(flag))


def _state(row: Stated) -> SafeString:
    """A label, and beside it what else there is to know of the state."""
    notes = ["in flight"] if row.in_flight else []
    if row.last_seen and not row.resolved_on:
        notes.append(f"absent, last seen {words.day(row.last_seen)}")
    if row.contradicted_on:
        notes.append(f"contradicted by an alert of {words.day(row.contradicted_on)}")
    if row.sent_file and row.sent_at:
        notes.append(words.sent(row.sent_file, row.sent_line, row.sent_at, row.sent_outcome))
    if row.resolved_on:
        notes.append(words.day(row.resolved_on))
    note = format_html(' <span class="note">· {}</span>', ", ".join(notes)) if notes else ""
    return format_html("{}{}", words.state_tag(row.state), note)


def _told(row: Stated, told: str, meaning: str) -> str:
    """A value; where there is none, whether no column of the extract tells it."""
    if told != words.NONE or meaning not in row.untold.split(","):
        return told
    return format_html('{} <span class="note">no such column in the file</span>', told)


def wrong_since_cell(row: Discrepancy) -> str:
    return words.wrong_since(row.wrong_since_earliest, row.wrong_since_latest)


def _status_from(row: Stated) -> str:
    return _told(row, words.day(row.latest_status_from), "StatusDate")


DISCREPANCIES: Table[Stated] = Table(
    "Discrepancies",
    (
        Column("mpxn", "Meter Point", point_cell, "mpxn"),
        Column("network", "Network Party", lambda row: party_cell(row.network)),
        Column("supplier", "Supplier", lambda row: _told(row, party_cell(row.supplier), "supplier")),
        Column("rule", "Rule", _rule, TEXT, speaks=True),
        Column("severity", "Severity", lambda row: words.severity_tag(row.severity), speaks=True),
        Column("who_acts", "Who acts", lambda row: words.actor(RULES[row.rule].who_acts)),
        Column("flag", "Flag", lambda row: flag_cell(row.flag)),
        Column("expected", "Expected", lambda row: flag_cell(row.expected)),
        Column("undetermined", "Undetermined", lambda row: "yes" if row.undetermined else "no", WIDE),
        Column("mask", "Meter statuses", lambda row: words.statuses(row.mask), f"{NOTES} {WIDE}"),
        Column(
            "flag_from", "Flag from", lambda row: _told(row, words.day(row.flag_from), "flag_from"), f"{NOTES} {WIDE}"
        ),
        Column("latest_status_from", "Status from", _status_from, f"{NOTES} {WIDE}"),
        Column("kind", "Meter", lambda row: str(row.kind) if row.kind else words.NONE, f"{NOTES} {WIDE}"),
        Column("wrong_since", "Wrong since", wrong_since_cell, NOTES),
        Column("state", "State", _state, NOTES, speaks=True),
        Column("first_seen", "First seen", lambda row: words.day(row.first_seen), f"{STEADY} {WIDE}"),
        Column("age_days", "Days seen", lambda row: words.amount(row.age_days), number=True),
    ),
    orders=frozenset(queries.DISCREPANCY_ORDERS),
    usual=queries.DISCREPANCY_ORDER,
    live=True,
)

EXTRACTS: Table[Extract] = Table(
    "Loaded files",
    (
        Column("name", "File", lambda row: _link(links.to("extract", args=(row.pk,)), row.name)),
        Column("kind", "Format", lambda row: row.kind),
        Column("coverage", "Coverage", lambda row: row.get_coverage_display()),
        Column("as_of", "Shows the state of", lambda row: words.day(row.as_of), STEADY),
        Column("rows", "Rows", lambda row: words.amount(row.rows), number=True),
        Column("rejects", "Rejected", lambda row: words.amount(row.rejects), number=True),
        Column("loaded_at", "Loaded", lambda row: words.moment(row.loaded_at), STEADY),
        Column("loaded_by", "By", lambda row: row.loaded_by.get_username() if row.loaded_by else words.NONE),
    ),
    orders=frozenset(queries.EXTRACT_ORDERS),
)


def _run(row: RunTotals) -> SafeString:
    """The date, linked; a run that moved no state is marked."""
    notes = [row.run.kind if row.run.lookback else "", "read a withdrawn file" if row.read_withdrawn else ""]
    note = ", ".join(filter(None, notes))
    address = links.to("run", args=(row.run.pk,))
    return format_html('<a href="{}">{}</a> <span class="note">{}</span>', address, words.day(row.run.as_of), note)


def _count(name: str, title: str) -> Column[RunTotals]:
    """A figure of a run's totals."""
    cell: Callable[[RunTotals], str] = lambda row: words.amount(getattr(row.totals, name))  # noqa: E731
    return Column(name, title, cell, number=True)


RUNS: Table[RunTotals] = Table(
    "Runs",
    (
        Column("as_of", "Run as of", _run, STEADY),
        Column("points", "Meter Points", lambda row: words.amount(row.points), number=True),
        _count("mismatches", "Mismatches"),
        _count("in_flight", "In flight"),
        _count("watch", "Watch"),
        Column("new", "New", lambda row: words.amount(None if row.is_first else row.totals.new), number=True),
        _count("regressed", "Regressed"),
        _count("resolved", "Resolved"),
        _count("absent", "Absent"),
        Column("published_at", "Published", lambda row: words.moment(row.run.published_at)),
    ),
    per_page=20,
)

JOBS: Table[Job] = Table(
    "Jobs",
    (
        Column("title", "Job", lambda row: _link(links.to("job", args=(row.pk,)), row.title)),
        Column("kind", "Kind", lambda row: row.kind.capitalize()),
        Column("state", "State", words.job_tag),
        Column("percent", "Done", lambda row: f"{row.percent} %", number=True),
        Column("created_at", "Asked for", lambda row: words.moment(row.created_at), STEADY),
        Column("finished_at", "Finished", lambda row: words.moment(row.finished_at), STEADY),
        Column("requested_name", "By", lambda row: row.requested_name or words.NONE),
    ),
)


def _about(row: AuditEntry) -> str:
    """Of what, with the filter of rows that were taken along; a job is linked."""
    text = "; ".join(part for part in (row.about, row.filters) if part) or words.NONE
    return _link(links.to("job", args=(row.job,)), text) if row.job else text


RECORD: Table[AuditEntry] = Table(
    "Record",
    (
        Column("at", "When", lambda row: words.moment(row.at), STEADY),
        Column("name", "Who", lambda row: row.name or "somebody unknown"),
        Column("address", "From", lambda row: row.address or words.NONE),
        Column("what", "What", lambda row: row.get_what_display()),
        Column("about", "Of what", _about, TEXT),
        Column("rows", "Rows", lambda row: words.NONE if row.rows is None else words.amount(row.rows), number=True),
        Column("sha256", "SHA-256", lambda row: format_html('<span title="{}">{}</span>', row.sha256, row.sha256[:12])),
    ),
    per_page=100,
)
