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
Moved = Mapping[tuple[str, str, str], int]
"""(rule, move, how) -> number of discrepancies."""
HERE, ARRIVED, LEFT = "here", "arrived", "left"


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
    """The mismatches of a run within a scope. `groups`: the most urgent first. `bridge`: none for the first run.

    `is_counted`: an earlier release counted none of this.
    """

    mismatches: int
    undetermined: int
    acting: list[Acting]
    groups: list[Group]
    ages: list[tuple[Age, int]]
    bridge: Bridge | None
    is_counted: bool


def standing(*, scope: Scope, run: Run, now: int, mine: Iterable[str] = (), only: Only = EVERY_PARTY) -> Standing:
    """How a scope stands. `now`: its mismatches. `mine`: the actors (WHO_ACTS' words) whose work comes first."""
    counted = scope.narrow(MismatchCount.objects.filter(run=run, **only))
    by_rule: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    by_age: dict[str, int] = defaultdict(int)
    undetermined = 0
    for rule, age, is_open, count, days in counted.values_list("rule", "wrong_for", "undetermined").annotate(
        Sum("discrepancies"), Sum("days")
    ):
        by_age[age] += count
        undetermined += count if is_open else 0
        for place, more in enumerate((count, days, count if age != "unknown" else 0)):
            by_rule[rule][place] += more
    earlier = earlier_run(run)
    moved = _moved(scope, run, only) if earlier else {}
    groups = [
        Group(RULES[rule], count, days, dated, _by(moved, rule) if earlier else None)
        for rule, (count, days, dated) in by_rule.items()
        if rule in RULES
    ]
    return Standing(
        mismatches=sum(by_age.values()),
        undetermined=undetermined,
        acting=_acting(groups, list(mine)),
        groups=sorted(groups, key=lambda one: _urgency(one, list(mine))),
        ages=[(age, by_age[age.code]) for age in AGES.values()],
        bridge=_bridge(earlier, moved, now) if earlier else None,
        is_counted=sum(by_age.values()) == now,
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


def bridge(*, scope: Scope, run: Run, now: int) -> Bridge | None:
    """From the mismatches of the run before to those `now`. None for the first run, and for a look-back."""
    earlier = earlier_run(run)
    return _bridge(earlier, _moved(scope, run, EVERY_PARTY), now) if earlier else None


def _bridge(earlier: Run, moved: Moved, now: int) -> Bridge:
    steps = [Step(words, _sum(moved, move, HERE), move) for move, words in GAINS.items()]
    steps.append(Step("came from another party", _sum(moved, Move.CHANGED_HANDS, ARRIVED), Move.CHANGED_HANDS))
    steps += [Step(words, -_sum(moved, move, HERE), move) for move, words in LOSSES.items()]
    steps.append(Step("went to another party", -sum(_sum(moved, move, LEFT) for move in Move)))
    return Bridge(earlier, now - sum(step.by for step in steps), [step for step in steps if step.by], now)


def _sum(moved: Moved, move: str, how: str) -> int:
    return sum(number for (_, other, place), number in moved.items() if (other, place) == (move, how))


def _by(moved: Moved, rule: str) -> int:
    """By how much the mismatches of a rule are other than those of the run before."""
    adds = {ARRIVED: 1, LEFT: -1}
    return sum(
        number * adds.get(how, 1 if move in GAINS else -1) for (of, move, how), number in moved.items() if of == rule
    )


def _moved(scope: Scope, run: Run, only: Only) -> Moved:
    """What moved here: within what is seen, or, with the parties that it has now or had before, across its border."""
    after = scope.condition() & Q(**only)
    before = scope.condition("from_") & Q(**{f"from_{kind}": party for kind, party in only.items()})
    counted = (
        MoveCount.objects.filter(run=run)
        .values_list("rule", "move")
        .annotate(
            to_here=Sum("discrepancies", filter=after, default=0),
            from_here=Sum("discrepancies", filter=before, default=0),
            within=Sum("discrepancies", filter=after & before, default=0),
        )
    )
    found: dict[tuple[str, str, str], int] = {}
    for rule, move, to_here, from_here, within in counted:
        if move in GAINS:
            found[rule, move, HERE] = to_here
        elif move in LOSSES:
            found[rule, move, HERE], found[rule, move, LEFT] = within, from_here - within
        else:
            found[rule, move, ARRIVED], found[rule, move, LEFT] = to_here - within, from_here - within
    return found
