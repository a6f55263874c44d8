"""Guards hold a load or a run that looks wrong for a person's word, with the figure that looks wrong.

As a rule a share and a count must both be passed: either alone misfires. In: counts. Out: Guard; `hold` raises Held.
An approval is a ceiling: it allows up to the figure that was shown. Called by ledger.loading and ledger.record.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

REJECTS_SHARE, REJECTS_FLOOR = 0.05, 100
ROWS_SHARE, ROWS_FLOOR = 0.20, 1_000
ACTIVE_SHARE, ACTIVE_FLOOR = 0.50, 100
MOVED_SHARE, MOVED_FLOOR = 0.20, 100
RISE_SHARE, RISE_FLOOR = 0.50, 100
LOST_SHARE = 0.20
NAMELESS, NAMELESS_FLOOR = "unreadable numbers", 100_000


@dataclass(frozen=True)
class Guard:
    """One thing that looks wrong: `figure` was found, `limit` is the most that passes unasked."""

    guard: str
    figure: int
    limit: int
    words: str


@dataclass(frozen=True)
class Approval:
    """What a person allowed: every guard, or each up to a figure; who, when (ISO) and why."""

    every: bool = False
    ceilings: Mapping[str, int] | None = None
    by: str = ""
    at: str = ""
    reason: str = ""

    def allows(self, guard: Guard) -> bool:
        """Whether the guard's figure is within what was allowed."""
        return self.every or guard.figure <= (self.ceilings or {}).get(guard.guard, guard.limit)

    def kept(self, passed: list[Guard]) -> dict[str, Any]:
        """What an extract or a run keeps of the guards that were let pass, and of whose word that was."""
        word = {"approved": {"by": self.by, "at": self.at, "reason": self.reason}} if passed and self.by else {}
        return {"guards": [asdict(guard) for guard in passed], **word}


class Held(Exception):
    """Nothing was written; `guards` wait for a person's word. `found`: what else helps to decide, as a job's result.

    Without guards it is no word that is asked for but knowledge; then `words` say of what.
    """

    def __init__(self, guards: list[Guard], words: str = "", found: dict[str, Any] | None = None) -> None:
        super().__init__(words or " ".join(guard.words for guard in guards))
        self.guards = guards
        self.found: dict[str, Any] = found or {}

    def as_json(self) -> list[dict[str, Any]]:
        """The guards as a job keeps them."""
        return [asdict(guard) for guard in self.guards]


def hold(guards: Iterable[Guard | None], approval: Approval) -> list[Guard]:
    """Raise Held unless every guard is allowed; gives those that a person's word let pass."""
    tripped = [guard for guard in guards if guard is not None]
    if any(not approval.allows(guard) for guard in tripped):
        raise Held(tripped)
    return tripped


def to_come(subject: str, day: date, today: date) -> Guard | None:
    """The data is dated after today: one wrong digit of a year, as a rule."""
    if day <= today:
        return None
    words = f"{subject} is dated {day:%-d %b %Y}, and today is {today:%-d %b %Y}. Is the year right?"
    return Guard("date", (day - today).days, 0, words)


def trailer(claimed: int, found: int) -> Guard | None:
    """The file's trailer counts differently from the file."""
    if claimed == found:
        return None
    words = f"The trailer says {claimed:,} records, and the file has {found:,}. Part of the file may be missing."
    return Guard("trailer", abs(claimed - found), 0, words)


def rejects(rejected: int, records: int) -> Guard | None:
    """More than 5 % of the lines, and more than 100, were rejected."""
    limit = max(int(records * REJECTS_SHARE), REJECTS_FLOOR)
    if rejected <= limit:
        return None
    words = f"{rejected:,} of {records:,} lines were rejected, more than 5 %. Is this the right file?"
    return Guard("rejects", rejected, limit, words)


def nameless(lines: int, rows: int) -> Guard | None:
    """Lines may be about any Meter Point, and so silence what a large file would show of a whole market."""
    if lines == 0 or rows <= NAMELESS_FLOOR:
        return None
    words = (
        f"{lines:,} lines name no Meter Point that anybody could read: whatever seems to be missing may be theirs. "
        "Mend them; or let them pass, and they count as about no Meter Point."
    )
    return Guard(NAMELESS, lines, 0, words)


def columns_lost(lost: Mapping[str, str]) -> Guard | None:
    """A full inventory lacks a column of Meter Points that the last one had. `lost`: meaning -> its heading there."""
    if not lost:
        return None
    named = ", ".join(f"{meaning} (there '{heading}')" for meaning, heading in lost.items())
    words = f"The last inventory had a column of {named}, and this one has none: the meters there would be missed."
    return Guard("columns", len(lost), 0, words)


def rows_changed(subject: str, before: int, now: int, key: str) -> Guard | None:
    """The rows of a network, or of the inventory, went up or down by over 20 % and over 1,000."""
    limit = max(int(before * ROWS_SHARE), ROWS_FLOOR)
    if before == 0 or abs(now - before) <= limit:
        return None
    words = f"{subject}: {before:,} rows in the last full extract and {now:,} in this one, a change of over 20 %."
    return Guard(f"rows {key}", abs(now - before), limit, words)


def active_without_meter(active: int, with_meter: int) -> Guard | None:
    """More than half of the A-flagged points, and over 100, have no smart meter: the sides may not belong together."""
    limit = max(int(active * ACTIVE_SHARE), ACTIVE_FLOOR)
    if active - with_meter <= limit:
        return None
    words = (
        f"Only {with_meter:,} of {active:,} Meter Points flagged A have any smart meter in the inventory. "
        "The inventory may be the wrong one or cut short."
    )
    return Guard("active without meter", active - with_meter, limit, words)


def moved(new: int, resolved: int, points: int) -> Guard | None:
    """New and resolved discrepancies together are over 20 % of the points, and over 100."""
    limit = max(int(points * MOVED_SHARE), MOVED_FLOOR)
    if new + resolved <= limit:
        return None
    words = f"{new:,} discrepancies would be new and {resolved:,} resolved, over 20 % of {points:,} Meter Points."
    return Guard("moved", new + resolved, limit, words)


def risen(before: int, now: int) -> Guard | None:
    """A run has over 50 % more mismatches than the last one, and over 100 more: rather a wrong file than a bad week."""
    limit = max(int(before * RISE_SHARE), RISE_FLOOR)
    if now - before <= limit:
        return None
    words = f"The last run found {before:,} mismatches and this one finds {now:,}, over 50 % more."
    return Guard("mismatches", now - before, limit, words)


def figure(title: str, before: int | None, now: int) -> dict[str, Any]:
    """One figure of what is held, beside what it was; `before` is None where nothing came before."""
    return {"title": title, "before": before, "now": now}


def points_lost(before: int, now: int) -> Guard | None:
    """A run has over 20 % fewer Meter Points than the last one. However small: what is gone is not looked at."""
    limit = int(before * LOST_SHARE)
    if before - now <= limit:
        return None
    words = f"The last run had {before:,} Meter Points and this one has {now:,}, over 20 % fewer."
    return Guard("points", before - now, limit, words)


def network_lost(code: str, points: int, words: str) -> Guard:
    """A network of the last run is not in this one."""
    return Guard(f"network {code}", max(points, 1), 0, words)
