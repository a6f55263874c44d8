"""How a scope stands: its mismatches by who has to act, by rule and by age, and why they moved since the run before.

In: a scope and a run, narrowed to one party by `only` (field -> party). Out: dataclasses, summed from the counts of
runs. Called by the overview, the party pages and the pages of runs.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q, Sum

from reconcile.domain.ages import AGES, Age
from reconcile.domain.moves import GAINS, LOSSES, Move
from reconcile.domain.rules import RULES, WHO_ACTS, Rule, Severity
from reconcile.models import MismatchCount, MoveCount, Party, Run

from ..access import Scope

Only = Mapping[str, Party]
EVERY_PARTY: Only = {}
SEVERITIES = list(Severity)


@dataclass(frozen=True)
class Step:
    """A bar of the bridge: how much it adds, and the filter of its rows, empty where they are out of sight."""

    words: str
    by: int
    move: str = ""


@dataclass(frozen=True)
class Bridge:
    """before + the steps = now, exactly."""

    earlier: Run
    before: int
    steps: list[Step]
    now: int


@dataclass(frozen=True)
class Group:
    """Mismatches of one rule, which one actor mends in one way. `days`: for which they have been wrong in all."""

    rule: Rule
    count: int
    days: int
    dated: int
    change: int | None

    @property
    def mean_days(self) -> int | None:
        """For how long on average, of those whose day is known."""
        return round(self.days / self.dated) if self.dated else None


@dataclass(frozen=True)
class Acting:
    """The mismatches that one actor has to mend."""

    code: str
    words: str
    count: int
    high: int


@dataclass(frozen=True)
class Standing:
    """The mismatches of a run within a scope. `groups`: the most urgent first."""

    mismatches: int
    undetermined: int
    acting: list[Acting]
    groups: list[Group]
    ages: list[tuple[Age, int]]
    is_counted: bool


def standing(*, scope: Scope, run: Run, mine: Iterable[str] = (), only: Only = EVERY_PARTY) -> Standing:
    """How a scope stands. `mine`: the actors (words of domain.rules.WHO_ACTS) whose work comes first."""
    counted = scope.narrow(MismatchCount.objects.filter(run=run, **only))
    rows = list(counted.values_list("rule", "wrong_for", "undetermined").annotate(Sum("discrepancies"), Sum("days")))
    by_rule: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    by_age: dict[str, int] = defaultdict(int)
    for rule, age, _, count, days in rows:
        by_age[age] += count
        for place, more in enumerate((count, days, count if age != "unknown" else 0)):
            by_rule[rule][place] += more
    changes = _changes(scope, run, only)
    groups = [
        Group(RULES[rule], count, days, dated, changes.get(rule, 0) if changes is not None else None)
        for rule, (count, days, dated) in by_rule.items()
        if rule in RULES
    ]
    return Standing(
        mismatches=sum(by_age.values()),
        undetermined=sum(count for _, _, undetermined, count, _ in rows if undetermined),
        acting=_acting(groups, list(mine)),
        groups=sorted(groups, key=lambda one: _urgency(one, list(mine))),
        ages=[(age, by_age[age.code]) for age in AGES.values()],
        is_counted=MismatchCount.objects.filter(run=run).exists() or run.mismatches == 0,
    )


def _urgency(group: Group, mine: list[str]) -> tuple[bool, int, int, int]:
    """Mine first, then severity, then meter-days."""
    return group.rule.who_acts not in mine, SEVERITIES.index(group.rule.severity), -group.days, group.rule.number


def _acting(groups: list[Group], mine: list[str]) -> list[Acting]:
    found = []
    for code, words in WHO_ACTS.items():
        theirs = [group for group in groups if group.rule.who_acts == words]
        high = sum(group.count for group in theirs if group.rule.severity == Severity.HIGH)
        found.append(Acting(code, words, sum(group.count for group in theirs), high))
    return sorted(found, key=lambda one: (one.words not in mine, -one.count))


def earlier_run(run: Run) -> Run | None:
    """The run that a run moved on from: the newest of those that were published before it and moved states."""
    older = Run.objects.filter(lookback=False, as_of__lte=run.as_of, pk__lt=run.pk)
    return older.order_by("-as_of", "-pk").first() if not run.lookback else None


def bridge(*, scope: Scope, run: Run, now: int, only: Only = EVERY_PARTY) -> Bridge | None:
    """From the mismatches of the run before to those `now`. None for the first run, and for a look-back."""
    earlier = earlier_run(run)
    if earlier is None:
        return None
    moved = _moved(scope, run, only)
    steps = [Step(words, moved[move, "here"], move) for move, words in GAINS.items()]
    steps.append(Step("came from another party", moved[Move.CHANGED_HANDS, "arrived"], Move.CHANGED_HANDS))
    steps += [Step(words, -moved[move, "here"], move) for move, words in LOSSES.items()]
    steps.append(Step("went to another party", -sum(number for (_, how), number in moved.items() if how == "left")))
    return Bridge(earlier, now - sum(step.by for step in steps), [step for step in steps if step.by], now)


def _moved(scope: Scope, run: Run, only: Only) -> dict[tuple[str, str], int]:
    """(move, how) -> number. How: `here` now, or, with the parties it has now or had before, `arrived` or `left`."""
    after = scope.condition() & Q(**only)
    before = scope.condition("from_") & Q(**{f"from_{kind}": party for kind, party in only.items()})
    counted = (
        MoveCount.objects.filter(run=run)
        .values_list("move")
        .annotate(
            to_here=Sum("discrepancies", filter=after, default=0),
            from_here=Sum("discrepancies", filter=before, default=0),
            within=Sum("discrepancies", filter=after & before, default=0),
        )
    )
    found: dict[tuple[str, str], int] = defaultdict(int)
    for move, to_here, from_here, within in counted:
        if move in GAINS:
            found[move, "here"] = to_here
        elif move in LOSSES:
            found[move, "here"], found[move, "left"] = within, from_here - within
        else:
            found[move, "arrived"], found[move, "left"] = to_here - within, from_here - within
    return found


def _changes(scope: Scope, run: Run, only: Only) -> dict[str, int] | None:
    """By how much the mismatches of each rule are other than those of the run before; None where there is none."""
    earlier = earlier_run(run)
    if earlier is None or not MismatchCount.objects.filter(run=earlier).exists():
        return None
    found: dict[str, int] = defaultdict(int)
    for one, sign in ((run, 1), (earlier, -1)):
        counted = scope.narrow(MismatchCount.objects.filter(run=one, **only))
        for rule, number in counted.values_list("rule").annotate(Sum("discrepancies")):
            found[rule] += sign * number
    return found
