"""What was so of one Meter Point, and from when to when: its flag, the status of each meter, what runs found, work.

In: what each file told, the events of discrepancies and of work. Out: Spans, each lane in the order of time. Called by
ledger.queries and web.timeline.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import pairwise

from .lifecycle import State


class Lane(StrEnum):
    """What a span is of."""

    FLAG = "flag"
    METER = "meter"
    FINDING = "finding"
    PEOPLE = "people"
    ALERT = "alert"
    SENT = "sent"


@dataclass(frozen=True)
class Span:
    """Something that was so `since` a day, both None where it is not known, `until` another; None: it is so still.

    `of`: the device or the rule; `value`: the flag, the status, the state in which a run found it, how far people are
    with it in words, what an alert said or a correction asks for.
    """

    lane: Lane
    of: str
    value: str
    since: date | None
    until: date | None = None


@dataclass(frozen=True)
class Told:
    """A file of a day that tells of the Meter Point: a flag (empty: none) in force from a day, if that is known."""

    as_of: date
    flag: str
    flag_from: date | None


@dataclass(frozen=True)
class Shown:
    """An inventory of a day that shows a device of the Meter Point in a status, which it has from a day on."""

    as_of: date
    device_id: str
    status: str
    status_from: date | None = None


@dataclass(frozen=True)
class Change:
    """An event of a rule's discrepancy, or of work on it: the state `after` it, or words; empty: nothing any more."""

    rule: str
    on: date
    after: str


def flag_spans(told: Sequence[Told], earlier: Iterable[tuple[str, date]] = ()) -> list[Span]:
    """The flags in force, of what files told (in the order of their data) and what a refresh tells of earlier ones."""
    begun: dict[date, str] = {day: flag for flag, day in earlier}
    last: Told | None = None
    for one in told:
        if last is None or (one.flag, one.flag_from) != (last.flag, last.flag_from):
            begun[one.flag_from or one.as_of] = one.flag
        last = one
    return _joined(Span(Lane.FLAG, "", flag, day) for day, flag in sorted(begun.items()))


def meter_spans(shown: Iterable[Shown], status_from: dict[str, tuple[str, date | None]]) -> list[Span]:
    """The statuses of each device. `status_from`: device -> its status today and since when, of those still there."""
    by_device: dict[str, list[Shown]] = {}
    for one in sorted(shown, key=lambda one: (one.device_id, one.as_of)):
        by_device.setdefault(one.device_id, []).append(one)
    found: list[Span] = []
    for device in sorted(by_device.keys() | status_from.keys()):
        days = _one_a_day(by_device.get(device, []))
        spans = _joined(Span(Lane.METER, device, one.status, one.as_of) for one in days)
        found += _as_of_today(spans, device, status_from.get(device), days[-1].as_of if days else None)
    return found


def _one_a_day(shown: list[Shown]) -> list[Shown]:
    """Of two files of a day, an update beside a full one, that counts which tells of a change."""
    found: list[Shown] = []
    for one in shown:
        if not found or found[-1].as_of != one.as_of:
            found.append(one)
        elif len(found) < 2 or found[-1].status == found[-2].status:
            found[-1] = one
    return found


def _as_of_today(
    spans: list[Span], device: str, today: tuple[str, date | None] | None, last: date | None
) -> list[Span]:
    """The last status begins when the device says, not when a file first showed it; of one that has gone, it ended."""
    if today is None:
        return [*spans[:-1], replace(spans[-1], until=last)] if spans else []
    status, since = today
    if not spans or spans[-1].value != status:
        return _joined([*spans, Span(Lane.METER, device, status, since or last)])
    before = spans[-2].since if len(spans) > 1 else None
    begun = spans[-1].since
    if since and begun and since < begun and (before is None or before < since):
        return _joined([*spans[:-1], replace(spans[-1], since=since)])
    return spans


def finding_spans(changes: Iterable[Change]) -> list[Span]:
    """When runs found a rule broken, from each run that opened it to the one that resolved it."""
    found: list[Span] = []
    for change in changes:
        if change.after == State.RESOLVED:
            found = [
                replace(one, until=change.on) if (one.of, one.until) == (change.rule, None) else one for one in found
            ]
        else:
            found.append(Span(Lane.FINDING, change.rule, change.after, change.on))
    return found


def work_spans(changes: Iterable[Change]) -> list[Span]:
    """How far people were with each rule, of changes in the order of time."""
    by_rule: dict[str, list[Change]] = {}
    for change in changes:
        by_rule.setdefault(change.rule, []).append(change)
    found = (_joined(Span(Lane.PEOPLE, rule, one.after, one.on) for one in some) for rule, some in by_rule.items())
    return [span for spans in found for span in spans if span.value]


def alert_spans(told: Iterable[tuple[date, str]]) -> list[Span]:
    """What alerts said of the status of its devices, each on its day."""
    return [Span(Lane.ALERT, "", words, day, day) for day, words in told]


def sent_spans(told: Iterable[tuple[date, str]]) -> list[Span]:
    """The corrections that were sent, each on its day."""
    return [Span(Lane.SENT, "", words, day, day) for day, words in told]


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Spans of one thing, each until the next begins; what goes on unchanged is one."""
    found: list[Span] = []
    for span in spans:
        if not found or found[-1].value != span.value:
            found.append(span)
    ends = [replace(one, until=following.since) for one, following in pairwise(found)]
    return [*ends, *found[-1:]]
