"""Tables of rows, as people read them.

In: querysets. Out: sorted, paged HTML tables. Called by the views.
"""

from datetime import date
from functools import lru_cache
from typing import Any

import django_tables2 as tables
import django_tables2.utils
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from reconcile.domain.rules import RULES
from reconcile.domain.vocabulary import mpxn_text
from reconcile.ledger.queries import RunTotals
from reconcile.models import Discrepancy, Extract, Job, Party
from reconcile.templatetags.words import (
    JOB_MARKS,
    SEVERITY_MARKS,
    STATE_MARKS,
    amount,
    day,
    flag_code,
    moment,
    statuses,
    tag,
)

PER_PAGE = 50
WORDS = {"td": {"class": "words"}}
# The library takes the signature of a column's method apart anew for every cell, a fifth of what a page of rows costs.
django_tables2.utils.signature = lru_cache(maxsize=100)(django_tables2.utils.signature)

NUMBER = {"th": {"class": "text-end"}, "td": {"class": "text-end"}}


def counted(total: int) -> type[Paginator]:
    """A paginator that knows how many rows there are and does not ask again."""

    class Counted(Paginator):
        count = total

    return Counted


def configured(
    table: tables.Table, request: HttpRequest, paginator: type[Paginator] = Paginator, per_page: int = PER_PAGE
) -> tables.Table:
    """The table sorted and cut to the page that the address asks for; a page that is not there is the nearest one."""
    table.request = request
    order = request.GET.getlist(table.prefixed_order_by_field)
    if order:
        table.order_by = order
    table.paginator = paginator(table.rows, per_page)
    table.page = table.paginator.get_page(request.GET.get(table.prefixed_page_field))
    return table


class DiscrepancyTable(tables.Table):
    """One row a broken rule. Only columns that the database can sort at once may be sorted."""

    title = "Discrepancies"
    live = True

    mpxn = tables.Column("Meter Point", order_by=("id",), attrs={"td": {"class": "mpxn"}})
    network = tables.Column("Network Party", orderable=False)
    supplier = tables.Column(orderable=False)
    rule = tables.Column(order_by=("rule", "id"), attrs=WORDS)
    severity = tables.Column(orderable=False)
    flag = tables.Column(orderable=False, empty_values=())
    expected = tables.Column(orderable=False, empty_values=())
    mask = tables.Column("Meter statuses", orderable=False)
    flag_from = tables.Column("Flag from", orderable=False, attrs={"td": {"class": "text-nowrap"}})
    latest_status_from = tables.Column("Status from", orderable=False, attrs={"td": {"class": "text-nowrap"}})
    state = tables.Column(orderable=False)
    first_seen = tables.Column("First seen", order_by=("first_seen", "id"), attrs={"td": {"class": "text-nowrap"}})
    age_days = tables.Column("Days", orderable=False, attrs=NUMBER)

    class Meta:
        template_name = "reconcile/table.html"
        attrs = {"class": "table table-sm rows"}

    def render_mpxn(self, record: Discrepancy) -> SafeString:
        """The number, linked to its page."""
        address = reverse("point", args=[record.mpxn])
        return format_html('<a href="{}">{}</a>', address, mpxn_text(record.mpxn))

    def render_network(self, value: Party) -> SafeString:
        """The code; the name is said to those who hover or listen."""
        return _party(value)

    def render_supplier(self, value: Party) -> SafeString:
        """The MPID."""
        return _party(value)

    def render_rule(self, value: str) -> SafeString:
        """Title and code."""
        address = reverse("rules") + f"#{value}"
        return format_html('{} <a class="code" href="{}">{}</a>', RULES[value].title, address, value)

    def render_severity(self, value: str) -> SafeString:
        """A label with a mark."""
        return tag(value, value, SEVERITY_MARKS.get(value, ""))

    def render_flag(self, value: str) -> SafeString:
        """The letter, or none."""
        return format_html('<span class="flag">{}</span>', flag_code(value))

    def render_expected(self, value: str) -> SafeString:
        """The letter, or none."""
        return format_html('<span class="flag">{}</span>', flag_code(value))

    def render_mask(self, value: int) -> str:
        """Statuses of the smart meters."""
        return statuses(value)

    def render_flag_from(self, value: date) -> str:
        """A date."""
        return day(value)

    render_latest_status_from = render_first_seen = render_flag_from

    def render_age_days(self, value: int) -> str:
        """Days with separators."""
        return amount(value)

    def render_state(self, value: str, record: Discrepancy) -> SafeString:
        """A label, and beside it what else there is to know of the state."""
        notes = ["in flight"] if record.in_flight else []
        if record.last_seen and not record.resolved_on:
            notes.append(f"absent, last seen {day(record.last_seen)}")
        if record.resolved_on:
            notes.append(day(record.resolved_on))
        return format_html('{} <span class="note">{}</span>', tag(value, value, STATE_MARKS[value]), ", ".join(notes))


def _party(party: Party) -> SafeString:
    kind = "network" if party.kind == Party.Kind.NETWORK else "supplier"
    return format_html('<a href="{}" title="{}">{}</a>', reverse(kind, args=[party.code]), party.name, party.code)


class ExtractTable(tables.Table):
    """One row a loaded file."""

    title = "Loaded files"

    name = tables.Column("File", orderable=False)
    kind = tables.Column("Format", orderable=False)
    coverage = tables.Column(orderable=False)
    as_of = tables.Column("Shows the state of", order_by=("as_of", "id"), attrs={"td": {"class": "text-nowrap"}})
    rows = tables.Column("Rows", attrs=NUMBER)
    rejects = tables.Column("Rejected", attrs=NUMBER)
    loaded_at = tables.Column("Loaded", attrs={"td": {"class": "text-nowrap"}})
    loaded_by = tables.Column("By", orderable=False)

    class Meta:
        template_name = "reconcile/table.html"
        attrs = {"class": "table table-sm rows"}

    def render_name(self, record: Extract) -> SafeString:
        """The file's name, linked to its load report."""
        return format_html('<a href="{}">{}</a>', reverse("extract", args=[record.pk]), record.name)

    def render_as_of(self, value: date) -> str:
        """A date."""
        return day(value)

    def render_rows(self, value: int) -> str:
        """A count."""
        return amount(value)

    render_rejects = render_rows

    def render_loaded_at(self, value: Any) -> str:
        """A time."""
        return moment(value)


class RunTable(tables.Table):
    """One row a run, with its totals."""

    title = "Runs"

    as_of = tables.Column("Run as of", accessor="run__as_of", orderable=False, attrs={"td": {"class": "text-nowrap"}})
    points = tables.Column("Meter Points", orderable=False, attrs=NUMBER)
    mismatches = tables.Column(accessor="totals__mismatches", orderable=False, attrs=NUMBER)
    in_flight = tables.Column(accessor="totals__in_flight", orderable=False, attrs=NUMBER)
    watch = tables.Column(accessor="totals__watch", orderable=False, attrs=NUMBER)
    new = tables.Column(accessor="totals__new", orderable=False, attrs=NUMBER)
    regressed = tables.Column(accessor="totals__regressed", orderable=False, attrs=NUMBER)
    resolved = tables.Column(accessor="totals__resolved", orderable=False, attrs=NUMBER)
    absent = tables.Column(accessor="totals__absent", orderable=False, attrs=NUMBER)
    published_at = tables.Column("Published", accessor="run__published_at", orderable=False)

    class Meta:
        template_name = "reconcile/table.html"
        attrs = {"class": "table table-sm rows"}

    def render_as_of(self, record: RunTotals) -> SafeString:
        """The date, linked; look-backs are marked."""
        note = "look-back" if record.run.lookback else ""
        address = reverse("run", args=[record.run.pk])
        return format_html('<a href="{}">{}</a> <span class="note">{}</span>', address, day(record.run.as_of), note)

    def render_points(self, value: int) -> str:
        """A count."""
        return amount(value)

    render_mismatches = render_in_flight = render_watch = render_points
    render_new = render_regressed = render_resolved = render_absent = render_points

    def render_published_at(self, value: Any) -> str:
        """A time."""
        return moment(value)


class JobTable(tables.Table):
    """One row a job."""

    title = "Jobs"

    title = tables.Column("Job", orderable=False)
    kind = tables.Column(orderable=False)
    state = tables.Column(orderable=False)
    percent = tables.Column("Done", orderable=False, attrs=NUMBER)
    created_at = tables.Column("Asked for", orderable=False, attrs={"td": {"class": "text-nowrap"}})
    finished_at = tables.Column("Finished", orderable=False, attrs={"td": {"class": "text-nowrap"}})
    requested_name = tables.Column("By", orderable=False)

    class Meta:
        template_name = "reconcile/table.html"
        attrs = {"class": "table table-sm rows"}

    def render_title(self, record: Job) -> SafeString:
        """The title, linked to the job."""
        return format_html('<a href="{}">{}</a>', reverse("job", args=[record.pk]), record.title)

    def render_state(self, record: Job) -> SafeString:
        """A label with a mark."""
        return tag(f"job-{record.state}", record.get_state_display(), JOB_MARKS[record.state])

    def render_percent(self, value: int) -> str:
        """A share."""
        return f"{value} %"

    def render_created_at(self, value: Any) -> str:
        """A time."""
        return moment(value)

    render_finished_at = render_created_at
