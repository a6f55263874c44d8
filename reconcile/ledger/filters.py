"""The one filter of discrepancies: pages, API and CSV all narrow with it.

In: GET names and values, the scope, the latest run. Out: conditions on discrepancies and on a run's counts, words.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any, TypeVar, cast

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict

from reconcile.domain.ages import AGES
from reconcile.domain.blanks import unspaced
from reconcile.domain.corrections import STANDING_WORDS
from reconcile.domain.facets import FACT_FILTERS
from reconcile.domain.figures import OPEN_STATES, Figure
from reconcile.domain.lifecycle import UNFOUNDED, State
from reconcile.domain.moves import GAINS, HANDS, LOSSES
from reconcile.domain.rules import MISMATCHED, RULES, RULES_OF_ACTOR, WHO_ACTS, Severity, identities
from reconcile.domain.smets import GENERATION_NAMES
from reconcile.domain.vocabulary import (
    ALL_MASKS,
    FIRST_MPAN,
    FLAG_NAMES,
    FLAGS,
    LAST_MPAN,
    MPRN_LIMIT,
    SHOWS_NAMES,
    Fuel,
    PointStatus,
    Shows,
    shows,
    statuses_in,
)
from reconcile.models import Discrepancy, Event, Run
from reconcile.models.worst import of_rules

from . import sent, states
from .access import Scope
from .of_meters import commissioned_in, of_generation, of_kind
from .visible import PARTIES, to_choose

Row = TypeVar("Row", bound=Discrepancy)
DEFAULT_STATE = "open"
STATES = (
    (DEFAULT_STATE, "Open"),
    ("new", "New"),
    ("ongoing", "Ongoing"),
    ("regressed", "Regressed"),
    ("just_resolved", "Resolved by the last run"),
    ("just_withdrawn", "Resolved by the last run as its evidence was withdrawn"),
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
LONGEST_SAID = 200
MOVED = tuple((move.value, words) for move, words in (GAINS | HANDS | LOSSES).items())
MONTH = re.compile(r"(19|20)[0-9]{2}-(0[1-9]|1[0-2])")
YES_NO = (("yes", "Yes"), ("no", "No"))
IN_USE = "in_use"
POINT_STATUSES = ((IN_USE, "In use"), *((status.value, status.value.capitalize()) for status in PointStatus))


class BadFilter(ValueError):
    """A filter that cannot be read: one plain sentence, and `problems`, the same by name."""

    def __init__(self, asked: "DiscrepancyFilter") -> None:
        super().__init__(asked.problems_in_words())
        self.problems = asked.problems()


def given(asked: Mapping[str, Any]) -> QueryDict:
    """Filters as a QueryDict, whether they come from a page, a command or a job; what is empty is not given.

    `asked`: name -> one value, or a list of values.
    """
    query = QueryDict(mutable=True)
    for name, value in asked.lists() if isinstance(asked, QueryDict) else asked.items():
        values = [str(one) for one in (value if isinstance(value, (list, tuple)) else [value])]
        if any(values):
            query.setlist(name, [one for one in values if one])
    return query


def short(text: str) -> str:
    """What a person gave, cut to what can be said of it in a sentence."""
    return text if len(text) <= LONGEST_SAID else f"{text[:LONGEST_SAID]}…"


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
COMPARABLE = Q(registered=True, last_seen__isnull=True, resolved_on__isnull=True)
"""Found by the newest run at Meter Points that both sides could be compared at: those that a run's points count."""
ROW_TESTS: dict[str, Callable[[Any], Q]] = {
    "rule": lambda codes: Q(rule__in=codes),
    "network": lambda parties: Q(network__in=parties),
    "supplier": lambda parties: Q(supplier__in=parties),
    "severity": lambda severity: of_rules(RULES_OF[severity]),
    "flag": lambda flag: Q(flag="" if flag == NO_FLAG else flag),
    "shows": lambda column: Q(mask__in=masks_that_show(column)),
    "fuel": lambda fuel: at_points(1, MPRN_LIMIT - 1) if fuel == Fuel.GAS else at_points(FIRST_MPAN, LAST_MPAN),
    "in_flight": lambda answer: Q(in_flight=answer == "yes"),
    "absent": lambda answer: ABSENT if answer == "yes" else ~ABSENT,
    "who_acts": lambda actor: of_rules(RULES_OF_ACTOR[actor]),
    "undetermined": lambda answer: Q(undetermined=answer == "yes"),
    "point_status": lambda status: Q(point_status="" if status == IN_USE else status),
    "comparable": lambda answer: COMPARABLE if answer == "yes" else ~COMPARABLE,
    "manufacturer": lambda text: of_kind(manufacturer=text),
    "model": lambda text: of_kind(model=text),
    "firmware": lambda text: of_kind(firmware=text),
    "csp_region": lambda text: of_kind(csp_region=text),
    "smets": lambda text: of_kind(smets=text),
    "generation": of_generation,
    "commissioned": commissioned_in,
    "postcode_area": lambda area: Q(postcode_area=area.upper()),
    "ever_regressed": lambda answer: Q(opened_as=State.REGRESSED) if answer == "yes" else ~Q(opened_as=State.REGRESSED),
    "contradicted": lambda answer: Q(contradiction__isnull=answer == "no"),
    "mpxn": id_prefix,
}
"""What each filter means for a discrepancy."""
COUNT_TESTS: dict[str, Callable[[Any], Q]] = {
    **{name: ROW_TESTS[name] for name in ("rule", "network", "supplier", "flag", "in_flight")},
    "severity": lambda severity: Q(rule__in=RULES_OF[severity]),
    "who_acts": lambda actor: Q(rule__in=RULES_OF_ACTOR[actor]),
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
    "just_withdrawn": (UNFOUNDED,),
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
    said = (SAID[column][values] for column, values in figure.items())
    return {name: word for words in said for name, word in words.items()}


OF_RUN: dict[str, Callable[[Any, Run], Q]] = {
    "wrong_for": lambda code, run: states.wrong_for(code, run.as_of),
    "move": lambda move, run: Q(move=move, moved_by=run.pk),
    "new_within": lambda days, run: Q(first_seen__gt=run.as_of - timedelta(days=days)),
}
"""What each filter means that hangs on the run."""


def _resolved_by(run: Run, *, withdrawn: bool) -> Q:
    events = Event.objects.filter(discrepancy=OuterRef("pk"), run=run, after=State.RESOLVED, withdrawn=withdrawn)
    return states.RESOLVED & Q(resolved_on=run.as_of) & Q(Exists(events))


def state_test(state: str, run: Run) -> Q:
    """What a state, or a word for several, means for a discrepancy."""
    words = {
        DEFAULT_STATE: states.OPEN,
        "just_resolved": _resolved_by(run, withdrawn=False),
        "just_withdrawn": _resolved_by(run, withdrawn=True),
        "all": Q(),
    }
    return words[state] if state in words else states.state_tests(run.as_of)[State(state)]


def _choice(label: str, choices: Iterable[tuple[str, str]]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=list(choices), required=False)


def _choices(label: str, choices: Iterable[tuple[str, str]] = ()) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=list(choices), required=False, widget=forms.CheckboxSelectMultiple
    )


class DiscrepancyFilter(forms.Form):
    """The filter of one person's discrepancies. With no state asked for, the open ones.

    `scope` decides which parties may be named, not which rows are seen: queries narrow those. `run` is the latest
    one, on whose date the states depend; without it nothing is found.
    """

    mpxn = forms.CharField(label="Meter Point starts with", required=False)
    state = _choice("State", STATES)
    severity = _choice("Severity", (("", "Any"), *SEVERITIES))
    flag = _choice("DCC Service Flag", (("", "Any"), *FLAG_CHOICES))
    shows = _choice("Inventory shows", (("", "Any"), *((column.value, SHOWS_NAMES[column]) for column in Shows)))
    fuel = _choice("Fuel", (("", "Both"), *((fuel.value, fuel.value.capitalize()) for fuel in Fuel)))
    in_flight = _choice("In flight", (("", "Either"), *YES_NO))
    absent = _choice("Absent from the last run", (("", "Either"), *YES_NO))
    who_acts = _choice("Who acts", (("", "Anyone"), *WHO_ACTS.items()))
    wrong_for = _choice("Wrong for", (("", "Any time"), *((age.code, age.words.capitalize()) for age in AGES.values())))
    undetermined = _choice("Left open by the code", (("", "Either"), *YES_NO))
    move = _choice("Since the run before", (("", "Whatever"), *((move, word.capitalize()) for move, word in MOVED)))
    point_status = _choice("In registration", (("", "Any"), *POINT_STATUSES))
    new_within = forms.IntegerField(label="New within days", min_value=1, max_value=3660, required=False)
    ever_regressed = _choice("Ever regressed", (("", "Either"), *YES_NO))
    contradicted = _choice("Contradicted by an alert", (("", "Either"), *YES_NO))
    correction = _choice("Correction sent", (("", "Either"), *STANDING_WORDS.items()))
    comparable = _choice("Comparable", (("", "Either"), *YES_NO))
    manufacturer, model, firmware, csp_region, smets, commissioned, postcode_area = (
        forms.CharField(label=label, required=False) for name, label in FACT_FILTERS.items() if name != "generation"
    )
    generation = _choice(FACT_FILTERS["generation"], (("", "Either"), *GENERATION_NAMES.items()))
    rule = _choices("Rule", [(code, f"{code} - {rule.title}") for code, rule in RULES.items()])
    network = _choices("Network Party")
    supplier = _choices("Supplier")

    def __init__(self, asked: Mapping[str, Any], *, scope: Scope, run: Run | None) -> None:
        query = given(asked)
        super().__init__(query)
        self.run, self.scope = run, scope
        self.parties = to_choose(scope, run, {kind: query.getlist(kind) for kind in PARTIES})
        for kind, parties in self.parties.items():
            field = cast("forms.MultipleChoiceField", self.fields[kind])
            field.choices = [(party.code, party.label) for party in parties]

    def clean_mpxn(self) -> str:
        """A Meter Point's first digits, with the spaces taken out."""
        digits = unspaced(self.cleaned_data["mpxn"])
        if digits and not (digits.isascii() and digits.isdigit() and len(digits) <= 13):
            raise forms.ValidationError("digits only, at most 13.")
        return digits

    def clean_commissioned(self) -> str:
        """A month as YYYY-MM."""
        month: str = self.cleaned_data["commissioned"]
        if month and not MONTH.fullmatch(month):
            raise forms.ValidationError("a month such as 2024-03.")
        return month

    def narrowed(self, rows: QuerySet[Row]) -> QuerySet[Row]:
        """The discrepancies of the filter; none before the first run."""
        if self.run is None:
            return rows.none()
        rows = rows.filter(state_test(self.wanted_state, self.run))
        for name, value in self.asked().items():
            if name == "correction":
                rows = rows.filter(sent.was_sent(value, self.scope))
            else:
                rows = rows.filter(OF_RUN[name](value, self.run) if name in OF_RUN else ROW_TESTS[name](value))
        return rows

    @property
    def wanted_state(self) -> str:
        """The state asked for, or open."""
        return self.cleaned_data.get("state") or DEFAULT_STATE

    def asked(self) -> dict[str, Any]:
        """Every other filter that was given: name -> value, parties as their ids."""
        cleaned = {name: value for name, value in self.cleaned_data.items() if value and name != "state"}
        for kind, parties in self.parties.items():
            if kind in cleaned:
                cleaned[kind] = [party.pk for party in parties if party.code in cleaned[kind]]
        return cleaned

    def counts(self) -> Q | None:
        """The same filter on the counts of the latest run, or None where they do not know enough."""
        asked = self.asked()
        if self.wanted_state not in COUNTED_STATES or not asked.keys() <= COUNT_TESTS.keys():
            return None
        tests = (COUNT_TESTS[name](value) for name, value in asked.items())
        return Q(*tests, state__in=COUNTED_STATES[self.wanted_state])

    def problems(self) -> dict[str, list[str]]:
        """What is wrong with the filter: name -> sentences. A name that no filter has is wrong too."""
        unknown = {short(name): ["there is no such filter."] for name in self.data if name not in self.fields}
        return unknown | {name: [short(str(one)) for one in errors] for name, errors in self.errors.items()}

    def problems_in_words(self) -> str:
        """What is wrong with the filter, in one sentence; empty if nothing is."""
        return " ".join(
            f"{self.fields[name].label if name in self.fields else name}: {' '.join(problems)}"
            for name, problems in self.problems().items()
        )

    def in_words(self) -> str:
        """The filter as people say it, for pages and manifests."""
        return "; ".join([f"{dict(STATES)[self.wanted_state]} discrepancies", *self.said().values()])

    def said(self) -> dict[str, str]:
        """Each filter that was given but the state: name -> words."""
        return {
            name: f"{self.fields[name].label}: {self._value_in_words(name, value)}"
            for name, value in self.cleaned_data.items()
            if value and name != "state"
        }

    def _value_in_words(self, name: str, value: Any) -> str:
        choices = dict(getattr(self.fields[name], "choices", []))
        return " or ".join(str(choices.get(one, one)) for one in (value if isinstance(value, list) else [value]))
