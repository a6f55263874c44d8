"""The one filter of discrepancies: pages, API and CSV all narrow with it.

In: GET names and values, the scope, the latest run. Out: conditions on discrepancies and on a run's counts, words.
"""

from collections.abc import Callable, Mapping
from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict

from reconcile.domain.figures import OPEN_STATES, Figure
from reconcile.domain.lifecycle import State
from reconcile.domain.rules import MISMATCHED, RULES, Severity, identities
from reconcile.domain.vocabulary import (
    ALL_MASKS,
    FIRST_MPAN,
    FLAG_NAMES,
    FLAGS,
    LAST_MPAN,
    MPRN_LIMIT,
    SHOWS_NAMES,
    Fuel,
    Shows,
    shows,
    statuses_in,
)
from reconcile.models import Discrepancy, DiscrepancyCount, Event, Party, Run

from . import states
from .access import EVERYTHING, Scope

DEFAULT_STATE = "open"
STATES = (
    (DEFAULT_STATE, "Open"),
    ("new", "New"),
    ("ongoing", "Ongoing"),
    ("regressed", "Regressed"),
    ("just_resolved", "Resolved by the last run"),
    ("resolved", "Resolved"),
    ("all", "All, open and resolved"),
)
SEVERITIES = (
    ("mismatch", "Mismatch (high, medium or low)"),
    (Severity.HIGH, "High"),
    (Severity.MEDIUM, "Medium"),
    (Severity.LOW, "Low"),
    (Severity.WATCH, "Watch"),
)
NO_FLAG = "none"
FLAG_CHOICES = [(flag or NO_FLAG, f"{flag} - {FLAG_NAMES[flag]}" if flag else "No flag") for flag in FLAGS]
YES_NO = (("yes", "Yes"), ("no", "No"))


class BadFilter(ValueError):
    """A filter that cannot be read, in one plain sentence."""


def as_query(filters: Mapping[str, Any]) -> QueryDict:
    """Filters as a QueryDict, whether they come from a page, a command or a job's JSON (one value or a list)."""
    if isinstance(filters, QueryDict):
        return filters
    query = QueryDict(mutable=True)
    for name, value in filters.items():
        query.setlist(name, [str(one) for one in value] if isinstance(value, (list, tuple)) else [str(value)])
    return query


RULES_OF: dict[str, tuple[str, ...]] = {
    "mismatch": MISMATCHED,
    **{severity: tuple(code for code, rule in RULES.items() if rule.severity == severity) for severity in Severity},
}
"""The rules of a severity."""


def at_points(first: int, last: int) -> Q:
    """The discrepancies at a range of Meter Points, both ends within, as a range of the primary key."""
    found = identities(first, last)
    return Q(id__gte=found.start, id__lt=found.stop)


def id_prefix(digits: str) -> Q:
    """Discrepancies of the Meter Points whose number starts with `digits`, as ranges of the primary key."""
    size, number, found = len(digits), int(digits), Q()
    for length in (*range(size, 11), 13):
        if length >= size:
            step = 10 ** (length - size)
            found |= at_points(number * step, (number + 1) * step - 1)
    return found


def masks_that_show(column: str) -> list[int]:
    """The status masks (0 to 511) that fall in one column of the rule table."""
    return [mask for mask in ALL_MASKS if shows(statuses_in(mask)) == column]


ABSENT = Q(last_seen__isnull=False, resolved_on__isnull=True)
ROW_TESTS: dict[str, Callable[[Any], Q]] = {
    "rule": lambda codes: Q(rule__in=codes),
    "network": lambda parties: Q(network__in=parties),
    "supplier": lambda parties: Q(supplier__in=parties),
    "severity": lambda severity: Q(rule__in=RULES_OF[severity]),
    "flag": lambda flag: Q(flag="" if flag == NO_FLAG else flag),
    "shows": lambda column: Q(mask__in=masks_that_show(column)),
    "fuel": lambda fuel: at_points(1, MPRN_LIMIT - 1) if fuel == Fuel.GAS else at_points(FIRST_MPAN, LAST_MPAN),
    "in_flight": lambda answer: Q(in_flight=answer == "yes"),
    "absent": lambda answer: ABSENT if answer == "yes" else ~ABSENT,
    "mpxn": id_prefix,
}
"""What each filter means for a discrepancy."""
COUNT_TESTS: dict[str, Callable[[Any], Q]] = {
    **{name: ROW_TESTS[name] for name in ("rule", "network", "supplier", "severity", "flag", "in_flight")},
    "shows": lambda column: Q(shows=column),
    "fuel": lambda fuel: Q(network__fuel=fuel),
    "absent": lambda answer: Q(absent=answer == "yes"),
}
"""What each filter means for a run's counts; a filter missing here needs the discrepancies themselves."""
COUNTED_STATES: dict[str, tuple[str, ...]] = {
    DEFAULT_STATE: OPEN_STATES,
    "new": (State.NEW,),
    "ongoing": (State.ONGOING,),
    "regressed": (State.REGRESSED,),
    "just_resolved": (State.RESOLVED,),
}
"""The states that a run's counts know; those resolved by earlier runs are not in them."""


SAID: dict[str, Mapping[Any, dict[str, str]]] = {
    "state": {values: {"state": word} for word, values in COUNTED_STATES.items()} | {OPEN_STATES: {}},
    "rule": {values: {"severity": word} for word, values in RULES_OF.items()},
    "in_flight": {(True,): {"in_flight": "yes"}, (False,): {"in_flight": "no"}},
    "absent": {(True,): {"absent": "yes"}, (False,): {"absent": "no"}},
}


def filter_of(figure: Figure) -> dict[str, str]:
    """The filter whose rows a figure of the newest run counts."""
    words: dict[str, str] = {}
    for column, values in figure.items():
        words |= SAID[column][values]
    return words


def _resolved_by(run: Run) -> QuerySet[Event]:
    return Event.objects.filter(discrepancy=OuterRef("pk"), run=run, after=State.RESOLVED)


def state_test(state: str, run: Run) -> Q:
    """What a state, or a word for several, means for a discrepancy."""
    words = {
        DEFAULT_STATE: states.OPEN,
        "just_resolved": states.RESOLVED & Q(resolved_on=run.as_of) & Q(Exists(_resolved_by(run))),
        "all": Q(),
    }
    return words[state] if state in words else states.state_tests(run.as_of)[State(state)]


class DiscrepancyFilter(django_filters.FilterSet):
    """The filter of one person's discrepancies. With no state asked for, the open ones.

    `scope` decides which parties may be named, not which rows are seen: queries narrow those. `run` is the latest
    one, on whose date the states depend; without it nothing is found.
    """

    mpxn = django_filters.CharFilter(label="Meter Point starts with")
    state = django_filters.ChoiceFilter(label="State", choices=STATES, empty_label=None)
    severity = django_filters.ChoiceFilter(label="Severity", choices=SEVERITIES, empty_label="Any")
    flag = django_filters.ChoiceFilter(label="DCC Service Flag", choices=FLAG_CHOICES, empty_label="Any")
    shows = django_filters.ChoiceFilter(
        label="Inventory shows", choices=[(column.value, SHOWS_NAMES[column]) for column in Shows], empty_label="Any"
    )
    fuel = django_filters.ChoiceFilter(
        label="Fuel", choices=[(fuel.value, fuel.value.capitalize()) for fuel in Fuel], empty_label="Both"
    )
    in_flight = django_filters.ChoiceFilter(label="In flight", choices=YES_NO, empty_label="Either")
    absent = django_filters.ChoiceFilter(label="Absent from the last run", choices=YES_NO, empty_label="Either")
    rule = django_filters.MultipleChoiceFilter(
        label="Rule",
        choices=[(code, f"{code} - {rule.title}") for code, rule in RULES.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    network = django_filters.MultipleChoiceFilter(
        label="Network Party", choices=[], widget=forms.CheckboxSelectMultiple
    )
    supplier = django_filters.MultipleChoiceFilter(label="Supplier", choices=[], widget=forms.CheckboxSelectMultiple)

    class Meta:
        model = Discrepancy
        fields: list[str] = []

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        queryset: QuerySet[Discrepancy] | None = None,
        *,
        request: Any = None,
        prefix: str | None = None,
        scope: Scope | None = None,
        run: Run | None = None,
    ) -> None:
        super().__init__(as_query(data or {}), queryset, request=request, prefix=prefix)
        self.run = run
        self.parties = _parties(scope or EVERYTHING, run)
        for kind in ("network", "supplier"):
            self.filters[kind].field.choices = [
                (party.code, party.label) for party in self.parties if party.kind == kind
            ]

    def filter_queryset(self, queryset: QuerySet[Discrepancy]) -> QuerySet[Discrepancy]:
        """The discrepancies of the filter; none before the first run."""
        if self.run is None:
            return queryset.none()
        queryset = queryset.filter(state_test(self.wanted_state, self.run))
        for name, value in self.asked().items():
            queryset = queryset.filter(ROW_TESTS[name](value))
        return queryset

    @property
    def wanted_state(self) -> str:
        """The state asked for, or open."""
        return self.form.cleaned_data.get("state") or DEFAULT_STATE

    def asked(self) -> dict[str, Any]:
        """Every other filter that was given: name -> value, parties as their ids."""
        cleaned = {name: value for name, value in self.form.cleaned_data.items() if value and name != "state"}
        for kind in ("network", "supplier"):
            if kind in cleaned:
                cleaned[kind] = [
                    party.pk for party in self.parties if party.kind == kind and party.code in cleaned[kind]
                ]
        return cleaned

    def counts(self) -> Q | None:
        """The same filter on the counts of the latest run, or None where they do not know enough."""
        asked = self.asked()
        if self.wanted_state not in COUNTED_STATES or not asked.keys() <= COUNT_TESTS.keys():
            return None
        condition = Q(state__in=COUNTED_STATES[self.wanted_state])
        for name, value in asked.items():
            condition &= COUNT_TESTS[name](value)
        return condition

    def errors_in_words(self) -> str:
        """What is wrong with the filter, in one sentence; empty if nothing is."""
        return " ".join(
            f"{self.filters[name].label}: {' '.join(str(one) for one in errors)}"
            for name, errors in self.errors.items()
        )

    def in_words(self) -> str:
        """The filter as people say it, for pages and manifests."""
        words = [dict(STATES)[self.wanted_state] + " discrepancies"]
        for name, value in self.form.cleaned_data.items():
            if value and name != "state":
                words.append(f"{self.filters[name].label}: {self._value_in_words(name, value)}")
        return "; ".join(words)

    def _value_in_words(self, name: str, value: Any) -> str:
        choices = dict(getattr(self.filters[name].field, "choices", []))
        return " or ".join(str(choices.get(one, one)) for one in (value if isinstance(value, list) else [value]))

    def get_form_class(self) -> type[forms.Form]:
        """The form of the filters; a Meter Point is read with its spaces taken out."""

        class FilterForm(super().get_form_class()):  # type: ignore[misc]
            def clean_mpxn(self) -> str:
                digits = "".join((self.cleaned_data.get("mpxn") or "").split())
                if digits and not (digits.isascii() and digits.isdigit() and len(digits) <= 13):
                    raise forms.ValidationError("digits only, at most 13.")
                return digits

        return FilterForm


def _parties(scope: Scope, run: Run | None) -> list[Party]:
    """The Network Parties and suppliers that a person may name: those of rows in their scope."""
    parties = Party.objects.exclude(kind=Party.Kind.OPERATOR).order_by("code")
    if scope.everything:
        return list(parties)
    counts = scope.narrow(DiscrepancyCount.objects.filter(run=run))
    return list(
        parties.filter(
            Q(pk__in=scope.networks | scope.suppliers)
            | Q(pk__in=counts.values("network"))
            | Q(pk__in=counts.filter(supplier__isnull=False).values("supplier"))
        )
    )
