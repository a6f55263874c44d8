"""How pages write numbers, dates and the industry's codes, and the links between pages.

In: values of the models. Out: text. Loaded by every template.
"""

from datetime import date, datetime
from typing import Any

from django import template
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from reconcile.domain.rules import RULES
from reconcile.domain.vocabulary import FLAG_NAMES, SHOWS_NAMES, Flag, Shows, mpxn_text, statuses_text
from reconcile.models import Job, Party
from reconcile.web import links

STATE_MARKS = {"new": "✚", "ongoing": "•", "regressed": "↺", "resolved": "✓"}
SEVERITY_MARKS = {"high": "▲", "medium": "◆", "low": "▽", "watch": "◐"}
JOB_MARKS = {"queued": "…", "running": "▶", "done": "✓", "failed": "✗", "held": "‖", "lost": "?"}
VERDICT_MARKS = {"agrees": "✓", "mismatch": "✗", "watch": "◐", "partly": "✗?"}

register = template.Library()
register.simple_tag(links.discrepancies, name="discrepancies_url")


def tag(name: str, words: str, mark: str = "") -> SafeString:
    """A small label; its mark says the same as its colour."""
    return format_html('<span class="tag tag-{}"><span aria-hidden="true">{}</span> {}</span>', name, mark, words)


@register.filter
def mpxn(number: int) -> str:
    """A Meter Point's number in digits that can be copied."""
    return mpxn_text(number)


@register.filter
def plain(number: int | None) -> str:
    """A number without separators: ids."""
    return "" if number is None else str(number)


@register.filter
def day(value: date | str | None) -> str:
    """A date as 4 Nov 2021; a dash for none."""
    if not value:
        return "—"
    return date_format(date.fromisoformat(value) if isinstance(value, str) else value, "j M Y")


@register.filter
def moment(value: datetime | None) -> str:
    """A time as 4 Nov 2021, 06:30 UTC; a dash for none."""
    return f"{date_format(value, 'j M Y, H:i')} UTC" if value else "—"


@register.filter
def amount(value: float | None) -> str:
    """A count with thousands separators; a dash for none."""
    return "—" if value is None else number_format(value, use_l10n=True, force_grouping=True)


@register.filter
def flag_words(flag: str | None) -> str:
    """A flag with its name: `A - Active`, `no flag`."""
    return f"{flag} - {FLAG_NAMES[Flag(flag)]}" if flag else "No flag"


@register.filter
def flag_code(flag: str | None) -> str:
    """A flag as one letter, or none."""
    return flag or "none"


@register.filter
def shows_words(column: str) -> str:
    """What the inventory shows, in words."""
    return SHOWS_NAMES[Shows(column)]


@register.filter
def statuses(mask: int) -> str:
    """A set of meter statuses, joined with +."""
    return statuses_text(mask).replace("+", " + ") or "no smart meter"


@register.filter
def rule_title(code: str) -> str:
    """A rule's title."""
    return RULES[code].title


@register.filter
def party_words(party: Party | None) -> str:
    """A party with its code: `10 UK Power Networks - Eastern`; the code alone is not said twice."""
    if party is None:
        return "—"
    return party.name if party.code in party.name else f"{party.code} {party.name}"


@register.simple_tag
def figure(kind: str, count: int, **filters: Any) -> str:
    """A count of Totals that leads to its rows; nothing to lead to where it is none."""
    if not count:
        return amount(count)
    return format_html('<a href="{}">{}</a>', links.discrepancies(kind, **filters), amount(count))


@register.filter
def size(number: float | None) -> str:
    """Bytes as people say them."""
    amount_left = float(number or 0)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount_left < 1000 or unit == "GB":
            return f"{amount_left:,.0f} {unit}" if unit == "bytes" else f"{amount_left:,.1f} {unit}"
        amount_left /= 1000
    raise AssertionError


@register.simple_tag
def severity_tag(severity: str) -> str:
    """A severity as a label with its mark."""
    return tag(severity, severity, SEVERITY_MARKS[severity])


@register.simple_tag
def state_tag(state: str) -> str:
    """A discrepancy's state as a label with its mark."""
    return tag(state, state, STATE_MARKS[state])


@register.simple_tag
def job_tag(job: Job) -> str:
    """A job's state as a label with its mark."""
    return tag(f"job-{job.state}", job.get_state_display(), JOB_MARKS[job.state])


@register.simple_tag
def verdict_mark(verdict: str) -> str:
    """The mark of a verdict, which says the same as its colour and pattern."""
    return format_html('<span class="sign" aria-hidden="true">{}</span>', VERDICT_MARKS[verdict])
