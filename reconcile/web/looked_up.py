"""What was looked up, as cells of a table, lines of a CSV and words for the desk.

In: a LookUp of ledger.queries. Out: safe HTML, rows, sentences. Called by the look-up page, its CSV and the API.
"""

from collections.abc import Iterator
from datetime import date

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from reconcile.domain.answering import Answer
from reconcile.domain.smets import GENERATION_NAMES, Generation
from reconcile.domain.vocabulary import Shows
from reconcile.ledger.queries import LookedUp, LookUp

from . import links, words

MARKS = {Answer.YES: "✓", Answer.UNLIKELY: "◐", Answer.NO: "○", Answer.UNKNOWN: "?"}
TONES = {Answer.YES: "right", Answer.UNLIKELY: "", Answer.NO: "", Answer.UNKNOWN: "quiet"}
FLAG_MARKS = {"yes": ("✓", "right", "right"), "no": ("✗", "wrong", "wrong"), "undetermined": ("◐", "quiet", "open")}
KINDS = {
    (Answer.YES, Shows.COMMISSIONED): "live",
    (Answer.UNLIKELY, Shows.COMMISSIONED): "commissioned, but silent",
    (Answer.UNLIKELY, Shows.INSTALLED): "installed, not commissioned",
    (Answer.UNLIKELY, Shows.SUSPENDED): "suspended or in recovery",
    (Answer.NO, Shows.REMOVED): "meter removed",
    (Answer.NO, Shows.NOT_INSTALLED): "not installed",
    (Answer.NO, Shows.NO_METER): "no meter",
}
"""What an answer is called in the summary."""
COLUMNS = (
    "input", "mpxn", "can_it_answer", "why", "flag", "flag_right", "meter_statuses", "device_id", "last_heard",
    "inventory_as_of", "smets", "csp_region", "network", "supplier", "generation",
)  # fmt: skip
"""Of the CSV: what the command says of each, and what the table shows besides."""


def cells(found: LookUp) -> SafeString:
    """The body of the table: a row for each answer."""
    as_of = words.day(found.inventory_as_of)
    return format_html_join("\n", ROW, (_cells(row, as_of) for row in found.rows))


ROW = (
    '<tr><th scope="row">{}</th><td class="one-line {}"><span aria-hidden="true">{}</span> {}</td>'
    '<td class="words">{}</td><td>{}</td><td class="{}">{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td>'
    "<td>{}</td></tr>"
)


def _cells(row: LookedUp, as_of: str) -> tuple[str, ...]:
    tone, trusted = trust(row)
    device = row.device
    return (
        _number(row),
        TONES[row.answer],
        MARKS[row.answer],
        row.answer.value,
        row.why,
        words.flag_code(row.flag) if row.shows else words.NONE,
        tone,
        trusted,
        row.statuses.replace("+", " + ") or words.NONE,
        smets(row),
        (device and device.csp_region) or words.NONE,
        row.supplier or words.NONE,
        _heard(row),
        as_of if row.shows else words.NONE,
    )


def _number(row: LookedUp) -> SafeString:
    """As it was asked for; a Meter Point that is known leads to its page."""
    if row.mpxn is None or row.shows is None:
        return format_html("{}", row.asked.text)
    link = format_html('<a href="{}">{}</a>', links.to("point", args=(row.mpxn,)), words.grouped(row.mpxn))
    if row.asked.device is None:
        return link
    return format_html('{} <span class="note device">{}</span>', link, row.asked.text)


def smets(row: LookedUp) -> SafeString | str:
    """SMETS1 or SMETS2, and the version that says so."""
    if row.device is None:
        return words.NONE
    said = GENERATION_NAMES[row.device.generation]
    version = row.device.smets or ""
    return format_html('{} <span class="note">{}</span>', said, version) if version not in {"", said} else said


def _heard(row: LookedUp) -> str:
    return words.moment(row.device.last_heard) if row.device else words.NONE


def trust(row: LookedUp) -> tuple[str, SafeString | str]:
    """The tone and the words of whether the flag is right; a dash where there is none to trust."""
    if row.shows is None:
        return "", words.NONE
    mark, tone, said = FLAG_MARKS[row.flag_right]
    should = f"; should be {words.flag_code(row.expected)}" if row.flag_right == "no" else ""
    return tone, format_html('<span aria-hidden="true">{}</span> {}{}', mark, said, should)


def age(as_of: date, today: date) -> str:
    """How old the inventory is: never shown as if it were of now."""
    days = (today - as_of).days
    old = "of today" if days <= 0 else "1 day old" if days == 1 else f"{days} days old"
    return f"inventory of {words.day(as_of)}, {old}"


def counted(found: LookUp) -> str:
    """What was pasted and what became of it; nothing is left out of the sum."""
    problems = [f"{words.amount(count)} {reason}" for reason, count in found.problems.most_common()]
    parts = [f"{words.amount(len(found.rows) + found.left_out)} pasted", f"{words.amount(found.numbers)} numbers"]
    beyond = [f"{words.amount(found.left_out)} beyond the {words.amount(len(found.rows))} that are answered at once"]
    repeated = [f"{words.amount(found.repeated)} of them given again"] if found.repeated else []
    return " · ".join([*parts, *repeated, *problems, *(beyond if found.left_out else [])])


def summary(found: LookUp) -> list[tuple[str, int]]:
    """How many there are of each kind, the most first."""
    kinds: dict[str, int] = {}
    for (answer, shown), count in found.answers.most_common():
        name = KINDS.get((answer, shown), "unknown") if shown else "unknown"
        kinds[name] = kinds.get(name, 0) + count
    return list(kinds.items())


def of_generations(found: LookUp) -> str:
    """How many of the known ones are SMETS1 and SMETS2, in words; nothing is left out of the sum."""
    counts = found.generations
    parts = [f"{words.amount(counts[one])} {GENERATION_NAMES[one]}" for one in Generation if counts[one]]
    return " · ".join(parts)


def lines(found: LookUp) -> Iterator[dict[str, str | None]]:
    """Each answer with all that a file or a program is told."""
    for row in found.rows:
        version, region = (row.device.smets, row.device.csp_region) if row.device else (None, None)
        parties = {"network": row.network, "supplier": row.supplier}
        known = row.generation.value if row.shows else None
        yield {**found.as_json(row), "smets": version, "csp_region": region, **parties, "generation": known}
