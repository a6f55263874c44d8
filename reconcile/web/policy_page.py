"""Truth tables as people read them: 6,144 cells in the few classes that a policy tells apart, or cell by cell.

In: policies. Out: classes of status sets against the six flags; rows of cells. Called by the policy pages and the API.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from django.http import Http404, HttpRequest

from reconcile.domain.differing import Differing
from reconcile.domain.policies import DEFAULT_POLICY, OTHERS, UnknownPolicy, reading_named
from reconcile.domain.policy import Policy, Verdict, first_case, truth_table
from reconcile.domain.rules import RULES, Rule, Severity
from reconcile.domain.vocabulary import FLAG_NAMES, FLAGS, SHOWS_NAMES, Flag, Shows, statuses_in, statuses_text

COLUMNS = (
    Shows.COMMISSIONED,
    Shows.INSTALLED,
    Shows.SUSPENDED,
    Shows.REMOVED,
    Shows.NOT_INSTALLED,
    Shows.NO_METER,
)
"""What the inventory shows, in the order of the page."""


@dataclass(frozen=True)
class Judged:
    """One flag in one class; `code`: the rule that it breaks, if any, and `rule` what the catalogue says of that."""

    flag: str
    code: str | None

    @property
    def rule(self) -> Rule | None:
        """Other policies than the one in force forbid flags that the catalogue has no rule for."""
        return RULES.get(self.code or "")

    @property
    def verdict(self) -> str:
        """agrees, mismatch or watch."""
        if self.code is None:
            return "agrees"
        return "watch" if self.rule and self.rule.severity == Severity.WATCH else "mismatch"


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


Cell = tuple[int, bool, Flag | None, Verdict]


@cache
def status_classes(policy: Policy) -> list[StatusClass]:
    """The whole truth table, collapsed: a class for each line of the policy and what the inventory shows there."""
    classes: dict[tuple[int, int], list[Cell]] = {}
    for row in truth_table(policy):
        line = policy.cases.index(first_case(policy.cases, statuses_in(row.mask), row.ever))
        cell = (row.mask, row.ever, row.flag, row.verdict)
        classes.setdefault((line, COLUMNS.index(row.shows)), []).append(cell)
    found = sorted(classes.items())
    return [_status_class(COLUMNS[shown], policy.cases[line].words, cells) for (line, shown), cells in found]


def _status_class(column: Shows, words: str, cells: list[Cell]) -> StatusClass:
    evers = {ever for _, ever, _, _ in cells}
    verdicts = {flag: verdict for _, _, flag, verdict in cells}
    return StatusClass(
        of=column,
        shows=SHOWS_NAMES[column],
        words=words if column != Shows.NO_METER else SHOWS_NAMES[column],
        sets=len({mask for mask, _, _, _ in cells}),
        ever="either" if len(evers) == 2 else "yes" if evers == {True} else "no",
        accepted=[flag or "none" for flag in verdicts[None].accepted],
        undetermined=verdicts[None].undetermined,
        flags=[Judged(flag or "", verdicts[flag].rule) for flag in FLAGS],
    )


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
    judged = Judged(flag or "", verdict.rule)
    said = f"{flag} ({FLAG_NAMES[flag]})" if flag else "No flag"
    if judged.code is None:
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
        rule=judged.rule,
    )


def _named(flag: Flag | None) -> str:
    return f"{flag} ({FLAG_NAMES[flag]})" if flag else "no flag"


def named(request: HttpRequest, parameter: str, default: Policy | None = None) -> Policy:
    """The policy that an address names, else the default, else the one in force; one that there is not has no page."""
    try:
        return reading_named(request.GET.get(parameter) or (default or DEFAULT_POLICY).name)
    except UnknownPolicy as problem:
        raise Http404(str(problem)) from problem


FIRST_OTHER = next(iter(OTHERS.values()))
"""What the policy in force is compared with until somebody chooses."""
CELL_COLUMNS = ("flag", "meter_statuses", "seen_before", "accepted", "expected", "rule", "undetermined")


def cell_rows(policy: Policy) -> Iterator[tuple[str, ...]]:
    """Every cell of a truth table, in the order of CELL_COLUMNS."""
    for row in truth_table(policy):
        verdict = row.verdict
        found = (_accepted(verdict), verdict.expected or "", verdict.rule or "", verdict.undetermined)
        yield (row.flag or "", statuses_text(row.mask), YES_NO[row.ever], *found)


def left_open(policy: Policy) -> list[str]:
    """What the sources of a policy leave open, each once."""
    return list(dict.fromkeys(case.undetermined for case in policy.cases if case.undetermined))


YES_NO = {True: "yes", False: "no"}
DIFFERING_COLUMNS = (
    *("flag", "meter_statuses", "seen_before", "accepted", "expected", "accepted_then", "expected_then"),
    *("undetermined", "undetermined_then"),
)


@dataclass(frozen=True)
class DifferingRow:
    """A cell that two policies judge otherwise, as text; no flag is empty, accepted flags are joined with `+`."""

    flag: str
    meter_statuses: str
    seen_before: str
    accepted: str
    expected: str
    accepted_then: str
    expected_then: str
    undetermined: str
    undetermined_then: str

    @classmethod
    def of(cls, cell: Differing) -> "DifferingRow":
        """A cell in words."""
        now, then = cell.now, cell.then
        return cls(
            cell.flag or "",
            statuses_text(cell.mask),
            YES_NO[cell.ever],
            _accepted(now),
            now.expected or "",
            _accepted(then),
            then.expected or "",
            now.undetermined,
            then.undetermined,
        )

    @property
    def values(self) -> tuple[str, ...]:
        """In the order of DIFFERING_COLUMNS."""
        return tuple(vars(self).values())


@dataclass(frozen=True)
class NarrowedCells:
    """Cells of a flag, or with a move of the expected flag; each is a flag, `none`, or empty for any."""

    flag: str = ""
    now: str = ""
    then: str = ""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> "NarrowedCells":
        """What an address asks for."""
        return cls(**{name: given.get(name, "") for name in ("flag", "now", "then")})

    def among(self, cells: Iterable[Differing]) -> list[Differing]:
        """The cells that it leaves."""
        asked = (self.flag, self.now, self.then)
        pairs = ((cell, (cell.flag, *cell.moves)) for cell in cells)
        return [cell for cell, said in pairs if all(a in ("", b or "none") for a, b in zip(asked, said, strict=True))]


def _accepted(verdict: Verdict) -> str:
    return "+".join(flag or "none" for flag in verdict.accepted)
