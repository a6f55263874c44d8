"""The timeline of a Meter Point as a picture: one axis of time, a row for the flag, each meter, each finding
and the work on it, which is that of the party of whoever looks.

In: MeterPoint, Past. Out: Picture, every place worked out, for templates/reconcile/points/_timeline.html.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from reconcile.domain.rules import RULES
from reconcile.domain.timeline import Change, Lane, Span, work_spans
from reconcile.domain.work import STATE_WORDS, WorkState
from reconcile.ledger.queries import MeterPoint, Past

from .. import words

LONGEST, SHORTEST = 400, 60
"""Days of the axis. What began before is drawn from its left end; the list has its date."""
LETTER = 0.9
"""How much of the axis a letter takes where the page is wide, in per cent. On a phone a label is cut short."""
MOST_MONTHS = 6
EDGE = 6
"""Per cent of the axis at each end where the name of a month has no room, on a phone."""


@dataclass(frozen=True)
class Mark:
    """A bar of a row, in per cent of the axis. `label` where there is room for it; `words` say it in full."""

    start: str
    size: str
    label: str
    words: str
    tone: str


@dataclass(frozen=True)
class Lines:
    """A row of the picture: its title, its bars."""

    title: str
    marks: list[Mark]


@dataclass(frozen=True)
class Tick:
    """A place on the axis, in per cent of it, and what it is."""

    start: str
    words: str


@dataclass(frozen=True)
class Fact:
    """A row of the list that says the same."""

    lane: str
    words: str
    since: date | None
    until: date | None


@dataclass(frozen=True)
class Picture:
    """What the template draws."""

    rows: list[Lines]
    months: list[Tick]
    loads: list[Tick]
    grace: Mark | None
    facts: list[Fact]


LANES = {
    Lane.FLAG: "Flag",
    Lane.METER: "Meter",
    Lane.FINDING: "Finding",
    Lane.PEOPLE: "Work",
    Lane.ALERT: "Alerts",
    Lane.SENT: "Correction sent",
}


def picture(point: MeterPoint, past: Sequence[Past] = ()) -> Picture | None:
    """The timeline, or None where nothing is dated. `past`: what the party of whoever looks did, the newest first."""
    spans = [*point.timeline, *work_spans(_work(point, past))]
    if point.run is None or not spans:
        return None
    axis = _Axis.of(point, spans)
    return Picture(
        rows=[Lines(title, [_mark(axis, one) for one in lane]) for title, lane in _rows(spans)],
        months=list(axis.months()),
        loads=[
            Tick(_per_cent(axis.place(one.extract.as_of)), f"{words.day(one.extract.as_of)}: {one.extract.name}")
            for one in point.sources
        ],
        grace=_grace(axis, point),
        facts=[
            Fact(f"{LANES[one.lane]} {one.of}".strip(), _value(one), one.since, one.until)
            for one in sorted(spans, key=lambda one: (one.since or date.min, one.lane, one.of))
        ],
    )


def _work(point: MeterPoint, past: Sequence[Past]) -> Iterator[Change]:
    rules = {one.discrepancy.pk: one.rule.code for one in point.findings}
    for one in reversed(past):
        version, day = one.version, one.entry.at.date()
        state = "" if version.state == WorkState.CLOSED else STATE_WORDS[WorkState(version.state)]
        whose = f", {version.assignee.get_username()}" if state and version.assignee else ""
        yield Change(rules[version.discrepancy_id], day, state + whose)


def _rows(spans: list[Span]) -> Iterator[tuple[str, list[Span]]]:
    """The flag, then each meter, then each rule, then the work on each."""
    by_row: dict[tuple[Lane, str], list[Span]] = {}
    for span in spans:
        by_row.setdefault((span.lane, span.of), []).append(span)
    for (lane, of), found in by_row.items():
        yield f"{LANES[lane]}, {of}" if lane == Lane.PEOPLE else of or LANES[lane], found


@dataclass(frozen=True)
class _Axis:
    start: date
    end: date

    @classmethod
    def of(cls, point: MeterPoint, spans: Sequence[Span]) -> "_Axis":
        days = [one.since for one in spans if one.since] + [one.extract.as_of for one in point.sources]
        end = max([point.run.as_of, *days]) if point.run else max(days)
        earliest, latest = end - timedelta(LONGEST), end - timedelta(SHORTEST)
        return cls(max(earliest, min([latest, *days])), end)

    def place(self, day: date) -> float:
        """Where a day stands, in per cent from the left."""
        return 100 * ((min(max(day, self.start), self.end) - self.start) / (self.end - self.start))

    def months(self) -> Iterator[Tick]:
        """The first of each month, or of every second or third where there are many."""
        count = (self.end.year - self.start.year) * 12 + self.end.month - self.start.month
        step = 1 + count // MOST_MONTHS
        for number in range(1, count + 1):
            month = self.start.month - 1 + number
            if number % step == 0:
                first = date(self.start.year + month // 12, month % 12 + 1, 1)
                place = self.place(first)
                if EDGE < place < 100 - EDGE:
                    yield Tick(_per_cent(place), f"{first:%b %Y}")


def _per_cent(place: float) -> str:
    return f"{place:.2f}"


def _mark(axis: _Axis, span: Span) -> Mark:
    start = axis.place(span.since or axis.start)
    size = axis.place(span.until or axis.end) - start
    value = _value(span)
    label = f"… {value}" if span.since is None or span.since < axis.start else value
    tone = "wrong" if span.lane == Lane.FINDING else "plain"
    label = label if len(label) * LETTER < size else ""
    return Mark(_per_cent(start), _per_cent(size), label, f"{value}, {_dates(span)}", tone)


def _value(span: Span) -> str:
    if span.lane == Lane.FINDING:
        return f"{RULES[span.of].title} ({span.value})"
    return words.flag_code(span.value) if span.lane == Lane.FLAG else span.value


def _dates(span: Span) -> str:
    if span.lane in {Lane.ALERT, Lane.SENT}:
        return f"on {words.day(span.since)}"
    since = f"since {words.day(span.since)}" if span.since else "since a day that is not known"
    return f"{since} until {words.day(span.until)}" if span.until else since


def _grace(axis: _Axis, point: MeterPoint) -> Mark | None:
    """The days up to the registration data within which a change is still under way."""
    day = point.trace.registration_date if point.trace else None
    if day is None:
        return None
    start = axis.place(day - timedelta(point.grace_days))
    said = f"{point.grace_days} days in which a change may still be under way"
    return Mark(_per_cent(start), _per_cent(axis.place(day) - start), "", said, "grace")
