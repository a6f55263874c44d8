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
COLUMNS = ("rule", "network", "supplier")
Place = tuple[Any, ...]
Key = tuple[tuple[str, str], ...]


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


class Counts:
    """The rows of filters, counted once each however many facets ask."""

    def __init__(self) -> None:
        self.rows: dict[Key, Counter[Place]] = {}
        self.items: dict[Key, Counter[tuple[str, int | None]]] = {}

    def total(self, asked: WorkFilter) -> int:
        """How many rows a filter finds."""
        return sum(self.of(asked).values())

    def by(self, asked: WorkFilter, column: str) -> Counter[Any]:
        """How many of them there are by one of COLUMNS."""
        found: Counter[Any] = Counter()
        for place, count in self.of(asked).items():
            found[place[COLUMNS.index(column)]] += count
        return found

    def of(self, asked: WorkFilter) -> Counter[Place]:
        """How many of them there are by COLUMNS."""
        if asked.key not in self.rows:
            self.rows[asked.key] = self._count(asked)
        return self.rows[asked.key]

    def _count(self, asked: WorkFilter) -> Counter[Place]:
        if (others := asked.others()) is not None:
            found = Counter(self.of(asked.without_work()))
            found.subtract(self.of(others))
            return found
        condition = asked.counts()
        if condition is None:
            rows, count = asked.found().order_by(), Count("pk")
            return Counter({tuple(place): n for *place, n in rows.values_list(*COLUMNS).annotate(n=count)})
        counted = counts_of(asked.desk.sight, asked.run).filter(condition).order_by()
        sums = counted.values_list(*COLUMNS).annotate(n=Sum("discrepancies"))
        return Counter({tuple(place): n for *place, n in sums})

    def touched(self, asked: WorkFilter) -> Counter[tuple[str, int | None]]:
        """How many items there are of a filter's rows, by state and assignee."""
        if asked.key not in self.items:
            items = asked.of_party().filter(discrepancy__in=asked.found().values("pk"))
            found = items.order_by().values_list("state", "assignee").annotate(n=Count("pk"))
            self.items[asked.key] = Counter({(state, person): n for state, person, n in found})
        return self.items[asked.key]


def counted(asked: WorkFilter, *, with_facets: bool = True) -> tuple[int, list[Facet]]:
    """The exact number of a filter's rows, and its facets, in the order of the page."""
    counts = Counts()
    return counts.total(asked), _facets(asked, counts) if with_facets else []


def _facets(asked: WorkFilter, counts: Counts) -> list[Facet]:
    by_rule: Callable[[str], Mapping[Any, int]] = lambda name: counts.by(asked.leaving(name), "rule")  # noqa: E731
    severities = {rule.code: str(rule.severity) for rule in RULES.values()}
    actors = {rule: who for who, rules in RULES_OF_ACTOR.items() for rule in rules}
    rules = {code: rule.title for code, rule in RULES.items()}
    grave = {str(one): one.capitalize() for one in Severity}
    states = {str(state): STATE_WORDS[state] for state in WorkState}
    return [
        _facet(asked, "who_acts", _regrouped(by_rule("who_acts"), actors), WHO_ACTS),
        _facet(asked, "assigned", *_assigned(asked.leaving("assigned"), counts)),
        _facet(asked, "work", _states(asked.leaving("work"), counts), states),
        _facet(asked, "severity", _regrouped(by_rule("severity"), severities), grave),
        _facet(asked, "rule", by_rule("rule"), rules),
        *(_of_parties(asked, kind, counts) for kind in ("network", "supplier")),
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


def _of_parties(asked: WorkFilter, kind: str, counts: Counts) -> Facet:
    found = counts.by(asked.leaving(kind), kind)
    parties = Party.objects.filter(pk__in=[one for one in found if one is not None]).order_by("code")
    labels = {party.code: party.label for party in parties}
    return _facet(asked, kind, {party.code: found[party.pk] for party in parties}, labels)


def _states(asked: WorkFilter, counts: Counts) -> Counter[str]:
    """Work states of what the other filters find. What nobody has touched is to do, if it is open."""
    found: Counter[str] = Counter()
    for (state, _), count in counts.touched(asked).items():
        found[state] += count
    closed = found[WorkState.CLOSED]
    open_rows = counts.total(asked.open_only() if closed or asked.wanted_state in {"all", "resolved"} else asked)
    touched = sum(found.values()) - closed - found[WorkState.TO_DO]
    return Counter({**found, WorkState.TO_DO.value: max(open_rows - touched, 0)})


def _assigned(asked: WorkFilter, counts: Counts) -> tuple[dict[str, int], dict[str, str]]:
    held: Counter[int | None] = Counter()
    for (_, person), count in counts.touched(asked).items():
        held[person] += count
    held.pop(None, None)
    people = {number: PREFIX + name for name, number in asked.people.items()}
    found = {ME: held[asked.person], NOBODY: counts.total(asked) - sum(held.values())}
    found |= {people[number]: count for number, count in held.items() if number in people}
    said = {ME: "Me", NOBODY: "Nobody", **{PREFIX + name: name for name in asked.people}}
    return found, said
