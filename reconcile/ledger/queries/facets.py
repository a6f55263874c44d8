"""How many of a party's rows each value of a facet has: exact, and by the other filters.

In: a WorkFilter that is read. Out: Facet. What a run has counted is summed; what people have touched is counted on its
own and, where it is left out (to do, nobody's), taken off. Called by ledger.queries.work.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Sum

from reconcile.domain.rules import RULES, RULES_OF_ACTOR, WHO_ACTS, Severity
from reconcile.domain.work import STATE_WORDS, WorkState
from reconcile.models import Party

from ..work_filter import ME, NOBODY, PREFIX, WorkFilter
from .common import counts_of

TOP = 8


@dataclass(frozen=True)
class Option:
    """A value of a facet: how addresses and people say it, its rows, and whether it is chosen."""

    value: str
    words: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class Facet:
    """A filter with its values, the most frequent first; `top` are shown at once."""

    name: str
    title: str
    options: list[Option]

    @property
    def top(self) -> list[Option]:
        """Those that are shown at once: the first few, and what is chosen."""
        return [one for place, one in enumerate(self.options) if place < TOP or one.chosen]

    @property
    def more(self) -> list[Option]:
        """The others."""
        return [one for place, one in enumerate(self.options) if place >= TOP and not one.chosen]


def facets(asked: WorkFilter) -> list[Facet]:
    """All of them, in the order of the page."""
    by_rule: Callable[[str], Mapping[Any, int]] = lambda name: by(asked.leaving(name), "rule")  # noqa: E731
    severities = {rule.code: str(rule.severity) for rule in RULES.values()}
    actors = {rule: who for who, rules in RULES_OF_ACTOR.items() for rule in rules}
    rules = {code: rule.title for code, rule in RULES.items()}
    grave = {str(one): one.capitalize() for one in Severity}
    return [
        _facet(asked, "who_acts", _regrouped(by_rule("who_acts"), actors), WHO_ACTS),
        _facet(asked, "assigned", *_assigned(asked.leaving("assigned"))),
        _facet(asked, "work", _states(asked.leaving("work")), {str(state): STATE_WORDS[state] for state in WorkState}),
        _facet(asked, "severity", _regrouped(by_rule("severity"), severities), grave),
        _facet(asked, "rule", by_rule("rule"), rules),
        *(_of_parties(asked, kind) for kind in ("network", "supplier")),
    ]


def _regrouped(counts: Mapping[str, int], groups: Mapping[str, str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for one, count in counts.items():
        found[groups[one]] += count
    return found


def _facet(asked: WorkFilter, name: str, counts: Mapping[str, int], said: Mapping[Any, str]) -> Facet:
    given = asked.data.getlist(name) if hasattr(asked.data, "getlist") else []
    options = [Option(one, said[one], counts.get(one, 0), one in given) for one in map(str, said)]
    shown = [one for one in options if one.count or one.chosen]
    label = str(asked.fields[name].label)
    return Facet(name, label, sorted(shown, key=lambda one: -one.count))


def _of_parties(asked: WorkFilter, kind: str) -> Facet:
    counts = by(asked.leaving(kind), kind)
    parties = Party.objects.filter(pk__in=[one for one in counts if one is not None]).order_by("code")
    labels = {party.code: party.label for party in parties}
    return _facet(asked, kind, {party.code: counts[party.pk] for party in parties}, labels)


def _states(asked: WorkFilter) -> Counter[str]:
    """Work states of what the other filters find. What nobody has touched is to do, if it is open."""
    items = asked.of_party().filter(discrepancy__in=asked.found().values("pk"))
    touched = dict(items.exclude(state=WorkState.TO_DO).values_list("state").annotate(count=Count("pk")))
    closed = touched.get(WorkState.CLOSED, 0)
    open_rows = total(asked.open_only()) if closed or asked.wanted_state in {"all", "resolved"} else total(asked)
    rest = open_rows - sum(touched.values()) + closed
    return Counter({**touched, WorkState.TO_DO.value: max(rest, 0)})


def _assigned(asked: WorkFilter) -> tuple[dict[str, int], dict[str, str]]:
    items = asked.of_party().filter(assignee__isnull=False, discrepancy__in=asked.found().values("pk"))
    held = dict(items.values_list("assignee").annotate(count=Count("pk")))
    counts = {ME: held.get(asked.person, 0), NOBODY: total(asked) - sum(held.values())}
    people = {number: PREFIX + name for name, number in asked.people.items()}
    counts |= {people[number]: count for number, count in held.items() if number in people}
    said = {ME: "Me", NOBODY: "Nobody", **{PREFIX + name: name for name in asked.people}}
    return counts, said


def total(asked: WorkFilter) -> int:
    """How many rows a filter finds."""
    return sum(by(asked, "rule").values())


def by(asked: WorkFilter, column: str) -> Counter[Any]:
    """How many rows a filter finds, by rule, network or supplier."""
    if (others := asked.others()) is not None:
        found = by(asked.without_work(), column)
        found.subtract(_live(others, column))
        return found
    condition = asked.counts()
    if condition is None:
        return _live(asked, column)
    rows = counts_of(asked.desk.sight, asked.run).filter(condition)
    return Counter(dict(rows.order_by().values_list(column).annotate(count=Sum("discrepancies"))))


def _live(asked: WorkFilter, column: str) -> Counter[Any]:
    rows = asked.found().order_by()
    return Counter(dict(rows.values_list(column).annotate(count=Count("pk", distinct=True))))
