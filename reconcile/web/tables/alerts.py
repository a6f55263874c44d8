"""The columns of the queue of alerts, and of the alerts of one line.

In: lines and alerts. Out: their cells. Called by the views of alerts, through web.tables.
"""

from django.utils.html import format_html
from django.utils.safestring import SafeString

from reconcile.domain.alert_work import STATE_WORDS, LineState
from reconcile.domain.alerts import Sort, meaning_of
from reconcile.domain.triage import CLASS_NAMES, CLASS_WORDS, GENERATIONS, KIND_NAMES, Class, Kind
from reconcile.models import Alert, AlertLine

from .. import links, words
from .columns import NOTES, STEADY, TEXT
from .table import Column, Table

CLASS_MARKS = {
    Class.ACT: "▲",
    Class.MOVED: "→",
    Class.NOT_COMMISSIONED: "◐",
    Class.IMPAIRED: "◑",
    Class.GHOST: "✗",
    Class.UNKNOWN_POINT: "?",
}
SORT_WORDS = {
    Sort.OUTAGE: "Outage",
    Sort.RESTORED: "Restored",
    Sort.VOLTAGE: "Voltage",
    Sort.STATUS: "Status change",
    Sort.OTHER: "Other",
}


def class_tag(triaged: str) -> SafeString:
    """A class: a mark and a word, and what it means for who hovers or listens."""
    kind = Class(triaged)
    return format_html(
        '<span class="tag tag-alert-{}" title="{}"><span aria-hidden="true">{}</span> {}</span>',
        kind.value, CLASS_WORDS[kind], CLASS_MARKS[kind], CLASS_NAMES[kind],
    )  # fmt: skip


def line_words(line: AlertLine) -> SafeString:
    """A line of the queue in a sentence that leads to it."""
    storm = f", {words.amount(line.points)} Meter Points" if line.kind != Kind.SINGLE else ""
    told = f"{words.moment(line.first_at)}: {_about(line)}{storm}"
    return format_html('<a href="{}">{}</a>', links.to("alert-line", args=(line.pk,)), told)


def _box(line: AlertLine) -> SafeString:
    return format_html(
        '<input type="checkbox" name="id" value="{}" form="work" aria-label="Choose line {}">', line.pk, line.pk
    )


def _what(line: AlertLine) -> SafeString:
    """A Meter Point, or what a storm has in common; it leads to the line."""
    address = links.to("alert-line", args=(line.pk,))
    if line.kind != Kind.SINGLE:
        storm = KIND_NAMES[Kind(line.kind)]
        return format_html('<a href="{}"><strong>{}</strong> {}</a>', address, storm, line.label)
    named = words.grouped(line.mpxn) if line.mpxn else "No Meter Point"
    return format_html('<a href="{}">{}</a>', address, named)


def _about(line: AlertLine) -> SafeString:
    note = ", not restored" if line.waiting else ""
    return format_html("{}{}", SORT_WORDS[Sort(line.sort)], note)


def _count(line: AlertLine) -> SafeString:
    return _named("Alerts", words.amount(line.alerts))


def _answer(line: AlertLine) -> SafeString:
    return _named("Can it answer?", line.answer)


def _named(title: str, told: str) -> SafeString:
    """A cell that says what it is where there is no head: on a phone."""
    return format_html('<span class="head-here">{} </span>{}', title, told)


def _network(line: AlertLine) -> SafeString:
    return _named("Network Party", line.network.code if line.network else words.NONE)


def _state(line: AlertLine) -> str:
    return STATE_WORDS[LineState(line.state)]


ALERT_LINES: Table[AlertLine] = Table(
    "Alerts",
    (
        Column("box", "Choose", _box),
        Column("what", "Where", _what, TEXT),
        Column("about", "What", _about, NOTES),
        Column("triaged", "Class", lambda line: class_tag(line.triaged)),
        Column("answer", "Can it answer?", _answer),
        Column("generation", "SMETS", lambda line: GENERATIONS[line.generation]),
        Column("why", "Why", lambda line: line.why, TEXT),
        Column("alerts", "Alerts", _count, number=True),
        Column("first_at", "Since", lambda line: words.moment(line.first_at), NOTES),
        Column("network", "Network Party", _network),
        Column("state", "State", _state),
    ),
    stacked=False,
)


def _point(alert: Alert) -> str:
    if alert.mpxn is None:
        return words.NONE
    return format_html('<a href="{}">{}</a>', links.to("point", args=(alert.mpxn,)), words.grouped(alert.mpxn))


def _code(alert: Alert) -> SafeString:
    """The code, and what it says: in public, else by what people filled in."""
    said = meaning_of(alert.code, alert.change) or getattr(alert, "said", "")
    return format_html('<span class="code">{}</span> {}', alert.code, said)


def _then(alert: Alert) -> SafeString:
    on = f"inventory of {words.day(alert.then_on)}" if alert.then_on else "nothing was loaded"
    return format_html('{} <span class="note">{}</span>', alert.answer_then, on)


def _now(alert: Alert) -> SafeString:
    on = f"inventory of {words.day(alert.now_on)}" if alert.now_on else "nothing is loaded"
    return format_html('{} <span class="note">{}</span>', alert.answer, on)


ALERTS: Table[Alert] = Table(
    "Alerts of the line",
    (
        Column("sent_at", "Time", lambda alert: words.moment(alert.sent_at), STEADY),
        Column("code", "Alert", _code, TEXT),
        Column("mpxn", "Meter Point", _point, "mpxn"),
        Column("device", "Device", lambda alert: alert.device_id or alert.hub_id or words.NONE, "device"),
        Column("triaged", "Class", lambda alert: class_tag(alert.triaged)),
        Column("then", "Could it answer then?", _then, NOTES),
        Column("now", "Can it now?", _now, NOTES),
        Column("generation", "SMETS", lambda alert: GENERATIONS[alert.generation]),
        Column("why", "Why", lambda alert: alert.why, TEXT),
        Column("restored_at", "Restored", lambda alert: words.moment(alert.restored_at), NOTES),
    ),
)
