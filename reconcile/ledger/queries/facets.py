"""How many of a party's rows each value of a facet has: exact, and by the other filters.

In: what a filter finds (ledger.frame). Out: Facet. Called by ledger.queries.work.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from reconcile.domain.ages import AGES
from reconcile.domain.figures import OPEN_STATES
from reconcile.domain.rules import RULES, RULES_OF_ACTOR, WHO_ACTS, Severity
from reconcile.domain.smets import GENERATION_NAMES
from reconcile.domain.vocabulary import SHOWS_NAMES, Fuel
from reconcile.domain.work import STATE_WORDS, WorkState
from reconcile.models import Party

from ..filters import DEFAULT_STATE, FLAG_CHOICES, STATES
from ..frame import Found, kinds_of
from ..work_filter import ME, NOBODY, PREFIX

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
    def more(self) -> int:
        """How many others there are."""
        return len(self.options) - len(self.top)


Counted = tuple[Mapping[str, int], Mapping[str, str]]
"""The rows of each value, and what it is called."""


def facets(found: Found) -> list[Facet]:
    """All facets of a filter, in the order of the page."""
    return [facet(found, name) for name in FACETS]


def facet(found: Found, name: str) -> Facet:
    """One of FACETS. In an order of its own where its values have one, else the most frequent first."""
    counts, said = FACETS[name](found, name)
    given = _given(found, name)
    options = [Option(one, words, counts.get(one, 0), one in given) for one, words in said.items()]
    shown = [one for one in options if one.count or one.chosen]
    ordered = shown if name in STEADY else sorted(shown, key=lambda one: -one.count)
    return Facet(name, str(found.asked.fields[name].label), ordered)


def _given(found: Found, name: str) -> list[str]:
    """What was asked of a filter, as it was written."""
    asked = found.asked.data
    return asked.getlist(name) if isinstance(asked, QueryDict) else []


def _plain(said: Iterable[tuple[str, str]]) -> Any:
    """A facet whose values are those of its column."""
    words = {str(value): text for value, text in said}
    return lambda found, name: (found.by(name), words)


def _of_rules(groups: Mapping[str, Iterable[str]], said: Mapping[str, str]) -> Any:
    """A facet whose values are groups of rules."""
    group_of = {rule: group for group, rules in groups.items() for rule in rules}

    def counted(found: Found, name: str) -> Counted:
        counts: Counter[str] = Counter()
        for rule, count in found.by(name).items():
            counts[group_of[rule]] += count
        return counts, said

    return counted


def _state(found: Found, name: str) -> Counted:
    counts = found.by(name)
    return {**counts, DEFAULT_STATE: sum(counts[state] for state in OPEN_STATES)}, STATE_NAMES


def _of_party(found: Found, name: str) -> Counted:
    counts = found.by(name)
    parties = Party.objects.filter(pk__in=[one for one, count in counts.items() if count]).order_by("code")
    counted = {party.code: counts[party.pk] for party in parties}
    return counted, {party.code: party.label for party in (*found.asked.parties[name], *parties)}


def _of_kind(found: Found, name: str) -> Counted:
    kinds, counts = kinds_of(found.frame), Counter[str]()
    for kind, count in found.by(name).items():
        if kind in kinds and kinds[kind][name]:
            counts[kinds[kind][name]] += count
    return counts, {text: text for text in sorted({*counts, *_given(found, name)})}


def _area(found: Found, name: str) -> Counted:
    counts = {area: count for area, count in found.by(name).items() if area}
    return counts, {area: area for area in sorted(counts)}


def _assigned(found: Found, name: str) -> Counted:
    held, asked = found.by(name), found.asked
    counts = {ME: held[asked.person or -1], NOBODY: held[0]}
    counts |= {PREFIX + one: held[number] for one, number in asked.people.items()}
    return counts, {ME: "Me", NOBODY: "Nobody", **{PREFIX + one: one for one in asked.people}}


STATE_NAMES = {state: words for state, words in STATES if state in {DEFAULT_STATE, *OPEN_STATES, "resolved"}}
OF_SEVERITY = {str(one): [rule.code for rule in RULES.values() if rule.severity == one] for one in Severity}
FACETS: Mapping[str, Any] = {
    # filter -> its counts and what its values are called, of what is found
    "who_acts": _of_rules(RULES_OF_ACTOR, WHO_ACTS),
    "assigned": _assigned,
    "work": _plain((str(state), STATE_WORDS[state]) for state in WorkState),
    "rule": _plain((code, rule.title) for code, rule in RULES.items()),
    "severity": _of_rules(OF_SEVERITY, {str(one): one.capitalize() for one in Severity}),
    "state": _state,
    "ever_regressed": _plain((("yes", "Yes"), ("no", "No"))),
    "contradicted": _plain((("yes", "Yes"), ("no", "No"))),
    "correction": _plain((("yes", "Yes"), ("no", "No"))),
    "wrong_for": _plain((age.code, age.words.capitalize()) for age in AGES.values()),
    "network": _of_party,
    "supplier": _of_party,
    "fuel": _plain((fuel.value, fuel.value.capitalize()) for fuel in Fuel),
    "flag": _plain(FLAG_CHOICES),
    "shows": _plain((str(column), words) for column, words in SHOWS_NAMES.items()),
    "generation": _plain((str(one), said) for one, said in GENERATION_NAMES.items()),
    "smets": _of_kind,
    "csp_region": _of_kind,
    "manufacturer": _of_kind,
    "model": _of_kind,
    "firmware": _of_kind,
    "postcode_area": _area,
}
STEADY = {"state", "wrong_for"}
"""Facets whose values have an order of their own."""
