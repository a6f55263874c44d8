"""The two answers about a Meter Point, each with a mark and a colour of its own: its meter, and its flag.

In: MeterPoint of ledger.queries. Out: Answers, what to do, and all of it as a text. Called by the Meter Point page.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from reconcile.domain.policy import Verdict
from reconcile.domain.vocabulary import Shows, mpxn_text
from reconcile.lake.trace import Trace
from reconcile.ledger.queries import Finding, MeterPoint

from . import words
from .policy_page import StatusClass, status_classes


@dataclass(frozen=True)
class Answer:
    """In capitals, what it is; then more of it. `tone`: right, wrong or plain."""

    capitals: str
    more: str
    mark: str
    tone: str = "plain"

    @property
    def text(self) -> str:
        """Without the mark."""
        return ", ".join(filter(None, (self.capitals, self.more)))


METERS = {
    Shows.COMMISSIONED: ("LIVE", "commissioned", "✓", "right"),
    Shows.INSTALLED: ("INSTALLED", "not commissioned, since", "◐", "plain"),
    Shows.NOT_INSTALLED: ("NOT INSTALLED", "known to the inventory since", "○", "plain"),
    Shows.REMOVED: ("REMOVED", "", "○", "plain"),
    Shows.SUSPENDED: ("SUSPENDED", "or in recovery, since", "◐", "plain"),
    Shows.NO_METER: ("NONE", "", "○", "plain"),
}
UNFLAGGED = "ALERTS_UNFLAGGED"
"""The rule by which somebody is live where flag and inventory agree that nobody is."""
NOT_KNOWN = Answer("NOT KNOWN", "", "?")


def meter(trace: Trace | None) -> Answer:
    """Whether there is a meter, and what it is up to."""
    if trace is None:
        return NOT_KNOWN
    if trace.meter_unread and not trace.rules:
        return Answer("NOT KNOWN", "a line of the inventory about it could not be read", "?")
    capitals, more, mark, tone = METERS[trace.shows]
    day = _since(trace)
    return Answer(capitals, f"{more} {words.day(day)}".strip() if day else more.removesuffix(", since"), mark, tone)


def _since(trace: Trace) -> date | None:
    """Since when the meter that decides has been so."""
    counted = [one for one in trace.devices if one.counts and one.status_from]
    if trace.shows == Shows.COMMISSIONED:
        counted = [one for one in counted if one.status == "Commissioned"]
    return max((one.status_from for one in counted if one.status_from), default=None)


def flag(point: MeterPoint) -> Answer:
    """Whether the flag is right."""
    trace = point.trace
    if trace is None:
        return Answer("NOT KNOWN", "the last run holds no evidence about this Meter Point", "?")
    if trace.flag_unread:
        return Answer("NOT KNOWN", "a line of registration about it could not be read", "?")
    if not trace.in_registration:
        return Answer("NOT REGISTERED", "no extract of registration holds the Meter Point", "?")
    said = words.flag_code(trace.flag)
    if point.wrong:
        moving = "; a change is under way" if trace.in_flight else ""
        return Answer("WRONG", f"{said}; should be {words.flag_code(trace.verdict.expected)}{moving}", "✗", "wrong")
    if trace.verdict.rule not in (None, *trace.rules):
        return Answer("NOT KNOWN", f"{said}; not all of its meters could be read", "?")
    return _accepted(said, trace.verdict, "; but alerts come from it" if UNFLAGGED in trace.rules else "")


def _accepted(said: str, verdict: Verdict, but: str) -> Answer:
    if verdict.undetermined:
        return Answer("LEFT OPEN", f"{said}; the code does not say which flag is right{but}", "◐")
    return Answer("RIGHT", f"{said}{but}", "✓", "right")


def next_step(point: MeterPoint, one: Finding) -> str:
    """What to do about a finding."""
    rejected = point.trace.next_step_after_rejection if point.trace and one.rule.code == "UPDATE_REJECTED" else ""
    return f"{rejected or one.rule.next_step} {point.advice}".strip()


def urgent(point: MeterPoint) -> Finding | None:
    """The finding to act on: that about the flag before any other."""
    return point.wrong or next(iter(point.broken), None)


def cell(point: MeterPoint) -> StatusClass | None:
    """The row of the truth table that the point falls into."""
    trace = point.trace
    if trace is None or point.policy is None:
        return None
    accepted = [one or "none" for one in trace.verdict.accepted]
    rows = [one for one in status_classes(point.policy) if one.accepted == accepted and one.of == trace.shows]
    return next((one for one in rows if bool(one.undetermined) == bool(trace.verdict.undetermined)), None)


def summary(point: MeterPoint) -> str:
    """A few lines to paste into a message."""
    return "\n".join(_lines(point))


def _lines(point: MeterPoint) -> Iterator[str]:
    yield f"Meter Point {mpxn_text(point.mpxn)} ({point.fuel})"
    yield f"Meter: {meter(point.trace).text}"
    yield f"Flag: {flag(point).text}"
    for one in point.broken:
        since = words.wrong_since(one.discrepancy.wrong_since_earliest, one.discrepancy.wrong_since_latest)
        yield f"{one.rule.title} ({one.rule.code}): {next_step(point, one)}"
        yield f"Who acts: {one.rule.who_acts}. Wrong since: {since}."
    if point.network:
        yield f"Network Party: {point.network.label}"
    if point.supplier:
        yield f"Supplier: {point.supplier.label}"
    if run := point.run:
        yield f"Run {run.pk} as of {words.day(run.as_of)}, policy {run.policy} {run.policy_version}"
