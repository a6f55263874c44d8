"""The truth table as people read it: 6,144 cells in the few classes that the code tells apart.

In: domain.policy. Out: classes of status sets against the six flags. Called by the policy page.
"""

from dataclasses import dataclass
from functools import cache

from reconcile.domain.policy import Policy, Verdict, truth_table
from reconcile.domain.rules import RULES, Rule, Severity
from reconcile.domain.vocabulary import FLAG_NAMES, FLAGS, SHOWS_NAMES, Flag, Shows

COMPANY: dict[tuple[Shows, tuple[Flag | None, ...], bool], str] = {
    (Shows.COMMISSIONED, (Flag.A,), False): "Commissioned, whatever else",
    (Shows.INSTALLED, (Flag.I,), False): "InstalledNotCommissioned, beside it at most Decommissioned or Withdrawn",
    (Shows.INSTALLED, (Flag.I, Flag.A), True): "InstalledNotCommissioned, with Suspended, Recovery or Recovered",
    (Shows.INSTALLED, (Flag.I,), True): "InstalledNotCommissioned, with Pending or Whitelisted",
    (
        Shows.SUSPENDED,
        (Flag.A, Flag.I, Flag.N, None),
        True,
    ): "Suspended, Recovery or Recovered; none installed or commissioned",
    (Shows.REMOVED, (Flag.N,), False): "Decommissioned or Withdrawn; beside it at most Pending or Whitelisted",
    (Shows.NOT_INSTALLED, (Flag.N,), False): "Pending or Whitelisted only",
    (Shows.NOT_INSTALLED, (None, Flag.N), True): "Pending or Whitelisted only",
    (Shows.NO_METER, (Flag.N,), False): "No smart meter",
    (Shows.NO_METER, (None, Flag.N), True): "No smart meter",
}
"""Each class of status sets in words, in the order of the page."""


@dataclass(frozen=True)
class Judged:
    """One flag in one class."""

    flag: str
    rule: Rule | None

    @property
    def verdict(self) -> str:
        """agrees, mismatch or watch."""
        if self.rule is None:
            return "agrees"
        return "watch" if self.rule.severity == Severity.WATCH else "mismatch"


@dataclass(frozen=True)
class StatusClass:
    """Status sets that the code treats alike; `ever` is yes, no or either. `of`: what the inventory shows."""

    of: Shows
    shows: str
    words: str
    sets: int
    ever: str
    accepted: list[str]
    undetermined: str
    flags: list[Judged]


@cache
def status_classes(policy: Policy) -> list[StatusClass]:
    """The whole truth table, collapsed."""
    classes: dict[tuple[Shows, tuple[Flag | None, ...], bool], list[tuple[int, bool, Flag | None, Verdict]]] = {}
    for row in truth_table(policy):
        key = (row.shows, row.verdict.accepted, bool(row.verdict.undetermined))
        classes.setdefault(key, []).append((row.mask, row.ever, row.flag, row.verdict))
    return [_status_class(key[0], words, classes[key]) for key, words in COMPANY.items()]


def _status_class(column: Shows, words: str, cells: list[tuple[int, bool, Flag | None, Verdict]]) -> StatusClass:
    evers = {ever for _, ever, _, _ in cells}
    verdicts = {flag: verdict for _, _, flag, verdict in cells}
    return StatusClass(
        of=column,
        shows=SHOWS_NAMES[column],
        words=words,
        sets=len({mask for mask, _, _, _ in cells}),
        ever="either" if len(evers) == 2 else "yes" if evers == {True} else "no",
        accepted=[flag or "none" for flag in verdicts[None].accepted],
        undetermined=verdicts[None].undetermined,
        flags=[Judged(flag or "", _rule(verdicts[flag])) for flag in FLAGS],
    )


def _rule(verdict: Verdict) -> Rule | None:
    return RULES[verdict.rule] if verdict.rule else None


@dataclass(frozen=True)
class TryResult:
    """The verdict on one combination, in words."""

    headline: str
    verdict: str
    accepted: str
    expected: str
    undetermined: str
    rule: Rule | None


def in_words(flag: Flag | None, verdict: Verdict) -> TryResult:
    """A verdict as the page says it."""
    rule = _rule(verdict)
    judged = Judged(flag or "", rule)
    said = f"{flag} ({FLAG_NAMES[flag]})" if flag else "No flag"
    if rule is None:
        headline = f"{said} agrees with the inventory."
    elif judged.verdict == "watch":
        headline = f"{said} is allowed, and the Meter Point is worth a watch."
    else:
        headline = f"{said} disagrees with the inventory."
    return TryResult(
        headline=headline,
        verdict=judged.verdict,
        accepted=" or ".join(_named(one) for one in verdict.accepted),
        expected=_named(verdict.expected),
        undetermined=verdict.undetermined,
        rule=rule,
    )


def _named(flag: Flag | None) -> str:
    return f"{flag} ({FLAG_NAMES[flag]})" if flag else "no flag"
