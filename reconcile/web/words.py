"""How pages write numbers, dates and the industry's codes.

In: values of the models. Out: text, or HTML that is safe. Called by the tables, and by templates through their tags.
"""

from datetime import date, datetime
from itertools import pairwise

from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from reconcile.domain.rates import Rate
from reconcile.domain.rules import RULES, WHO_ACTS
from reconcile.domain.vocabulary import FIRST_MPAN, FLAG_NAMES, SHOWS_NAMES, Flag, Shows, mpxn_text, statuses_text
from reconcile.ledger.queries import PartyTotals
from reconcile.models import Job

from . import links

STATE_MARKS = {"new": "✚", "ongoing": "•", "regressed": "↺", "resolved": "✓"}
SEVERITY_MARKS = {"high": "▲", "medium": "◆", "low": "▽", "watch": "◐"}
JOB_MARKS = {"queued": "…", "running": "▶", "done": "✓", "failed": "✗", "held": "‖", "lost": "?", "cancelled": "⊘"}
VERDICT_MARKS = {"agrees": "✓", "mismatch": "✗", "watch": "◐", "partly": "✗?"}
NONE = "—"


def plain(number: int | None) -> str:
    """A number without separators: ids."""
    return "" if number is None else str(number)


def grouped(mpxn: int) -> SafeString:
    """A Meter Point's number in the groups that people read an MPAN in: 10 0004 1874 256, copied without the gaps."""
    text = mpxn_text(mpxn)
    cuts = (0, 2, 6, 10, 13) if mpxn >= FIRST_MPAN else (0, len(text))
    groups = ((text[start:end],) for start, end in pairwise(cuts))
    return format_html('<span class="mpxn">{}</span>', format_html_join("", "<i>{}</i>", groups))


def day(value: date | str | None) -> str:
    """A date, or its ISO text, as 4 Nov 2021; a dash for none."""
    if not value:
        return NONE
    given = date.fromisoformat(value) if isinstance(value, str) else value
    return f"{given.day} {given:%b %Y}"


def wrong_since(earliest: date | None, latest: date | None) -> str:
    """Since when a rule has been broken: a day, the days between which it lies, or not known."""
    if latest is None:
        return "not known"
    if earliest is None:
        return f"{day(latest)} or earlier"
    return day(latest) if earliest == latest else f"between {day(earliest)} and {day(latest)}"


def moment(value: datetime | None) -> str:
    """A time as 4 Nov 2021, 06:30 UTC; a dash for none."""
    return f"{day(value)}, {value:%H:%M} UTC" if value else NONE


def expected(value: float) -> str:
    """A figure that is worked out: whole where it is large."""
    return _rounded(value, 0 if value >= 10 else 1)


def lift(value: float) -> str:
    """How many times as many."""
    return _rounded(value, 0 if value >= 100 else 1)


def _rounded(value: float, places: int) -> str:
    # Django cuts off what it does not write.
    return number_format(round(value, places), places, force_grouping=True)


def amount(value: float | None) -> str:
    """A count with thousands separators; a dash for none."""
    return NONE if value is None else str(number_format(value, use_l10n=True, force_grouping=True))


def per_1000(value: float) -> str:
    """A rate: three digits say enough."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def rate(count: int, points: int) -> str:
    """So many of so many points, per thousand."""
    return per_1000(Rate(count, points).per_1000)


MINUS = "\N{MINUS SIGN}"


def change(value: int | None) -> str:
    """By how much something is more or less; a dash where there is nothing to compare with."""
    # A minus, as wide as a plus, is not a hyphen.
    return NONE if value is None else f"{value:+,}".replace("-", MINUS) if value else "0"


def seconds(value: int) -> str:
    """A time to come, as people say it."""
    return f"about {value} s" if value < 90 else f"about {round(value / 60)} min"


def size(number: float | None) -> str:
    """Bytes as people say them."""
    left = float(number or 0)
    if left < 1000:
        return f"{left:,.0f} bytes"
    for unit in ("kB", "MB"):
        left /= 1000
        if left < 1000:
            return f"{left:,.1f} {unit}"
    return f"{left / 1000:,.1f} GB"


def sent(file: str, line: int | None, at: datetime | None, outcome: str | None) -> str:
    """That a correction was sent: in which file, at which line, when; and what was answered."""
    answer = f", {outcome}" if outcome else ""
    return f"correction sent ({file}, line {line}, {day(at.date() if at else None)}){answer}"


def flag_words(flag: str | None) -> str:
    """A flag with its name: `A - Active`, `No flag`."""
    return f"{flag} - {FLAG_NAMES[Flag(flag)]}" if flag else "No flag"


def flag_code(flag: str | None) -> str:
    """A flag as one letter, or none."""
    return flag or "none"


def flag_to_expected(flag: str | None, expected: str | None) -> str:
    """A flag and what it should be, `N → A`; where it is that already, something else is wrong: `N, as expected`."""
    if (flag or "") == (expected or ""):
        return format_html("<strong>{}</strong>, as expected", flag_code(flag))
    return format_html("<strong>{}</strong> → <strong>{}</strong>", flag_code(flag), flag_code(expected))


def rule_title(code: str) -> str:
    """What is wrong, in words; a code that is no rule's (of an older version) stands for itself."""
    return RULES[code].title if code in RULES else code


def shows_words(column: str) -> str:
    """What the inventory shows, in words."""
    return SHOWS_NAMES[Shows(column)]


def statuses(mask: int) -> str:
    """A set of meter statuses, joined with +."""
    return statuses_text(mask).replace("+", " + ") or "no smart meter"


ACTORS = dict(zip(WHO_ACTS.values(), ("supplier", "DCC", "registration"), strict=True))


def actor(words: str) -> str:
    """Who acts, in a word that fits a column."""
    return ACTORS[words]


OTHERS = dict(zip(WHO_ACTS.values(), ("suppliers", "the DCC", "registration providers"), strict=True))


def others(words: str) -> str:
    """Who acts, where it is not those who read it."""
    return OTHERS[words]


def figure(kind: str, count: int, **filters: str) -> str:
    """A count of Totals that leads to its rows; nothing to lead to where it is none."""
    if not count:
        return amount(count)
    return format_html('<a href="{}">{}</a>', links.discrepancies(kind, **filters), amount(count))


def of_party(kind: str, one: PartyTotals, **other: str) -> str:
    """A count of a party's Totals that leads to its rows; `other` names the counterpart to which they are narrowed."""
    party = {one.party.kind: one.party.code}
    return figure(kind, getattr(one.totals, kind), **{**other, **party})


def tag(name: str, words: str, mark: str = "") -> SafeString:
    """A small label; its mark says the same as its colour."""
    return format_html('<span class="tag tag-{}"><span aria-hidden="true">{}</span> {}</span>', name, mark, words)


def severity_tag(severity: str) -> SafeString:
    """A severity as a label with its mark."""
    return tag(severity, severity, SEVERITY_MARKS[severity])


def severity_mark(severity: str) -> SafeString:
    """The mark alone, with the word for those who hear it or point at it."""
    spoken = format_html('<span class="visually-hidden">{}</span>', severity)
    return format_html('<span title="{}">{}</span>', severity, tag(severity, spoken, SEVERITY_MARKS[severity]))


def state_tag(state: str) -> SafeString:
    """A discrepancy's state as a label with its mark."""
    return tag(state, state, STATE_MARKS[state])


def job_tag(job: Job) -> SafeString:
    """A job's state as a label with its mark."""
    return tag(f"job-{job.state}", job.get_state_display(), JOB_MARKS[job.state])


def verdict_mark(verdict: str) -> SafeString:
    """The mark of a verdict, which says the same as its colour and pattern."""
    return format_html('<span class="sign" aria-hidden="true">{}</span>', VERDICT_MARKS[verdict])
