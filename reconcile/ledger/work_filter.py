"""The filter of discrepancies with a party's work added: what the page Work, its API and bulk changes narrow with.

In: GET names and values, a desk, a person, the latest run. Out: conditions on discrepancies, words.
"""

import re
from collections.abc import Callable, Mapping
from copy import copy
from datetime import date, timedelta
from typing import Any, cast

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from reconcile.domain.cohorts import FATE_WORDS
from reconcile.domain.days import today
from reconcile.domain.work import NEWS_WORDS, RAISED, STATE_WORDS, TO_DO, News, Verdict
from reconcile.models import CohortMember, Discrepancy, Membership, Run, WorkItem, WorkVersion

from . import states
from .access import Scope
from .actors import Desk
from .filters import DiscrepancyFilter, Row
from .frozen import members_at, named, runs_of

ME, NOBODY, SOMEBODY = "me", "nobody", "somebody"
ASSIGNED = ((ME, "Me"), (NOBODY, "Nobody"), (SOMEBODY, "Somebody"))
NO_ANSWER = "none"
WORK_FILTERS = ("assigned", "work", "answer", "came_back", "due", "raised_before", "entry", "cohort", "fate", "at_run")
PREFIX = "person "
CAME_BACK = {
    News.DUE.value: "As its day had come",
    News.WORSE.value: "As it was worse",
    News.CHANGED.value: "As flag or meters changed",
    News.FOUND_AGAIN.value: "As it was found again",
    News.REJECTED.value: "As its correction was rejected",
    News.UNANSWERED.value: "As its correction was not answered",
}
FROM_TODAY = re.compile(r"today([+-][0-9]{1,4})?")


def colleagues(desk: Desk) -> list[tuple[int, str]]:
    """The people of a party, as (number, user name), by name."""
    people = Membership.objects.filter(party=desk.party, user__is_active=True)
    return list(people.order_by("user__username").values_list("user", "user__username"))


class DayField(forms.DateField):
    """A day, or one that stands so many days from today: `today`, `today-10`, `today+7`."""

    def to_python(self, value: Any) -> date | None:
        """The day."""
        found = FROM_TODAY.fullmatch(value.replace(" ", "+")) if isinstance(value, str) else None
        return today(timezone.now()) + timedelta(days=int(found[1] or 0)) if found else super().to_python(value)


class WorkFilter(DiscrepancyFilter):
    """The discrepancies of a desk. Without a desk there is no work, and a filter of work is one that does not exist."""

    assigned = forms.ChoiceField(label="Assigned to", required=False)
    work = forms.ChoiceField(
        label="Work", choices=[("", "Any"), *((s.value, words) for s, words in STATE_WORDS.items())], required=False
    )
    answer = forms.ChoiceField(
        label="Answer",
        choices=[("", "Any"), (NO_ANSWER, "None yet"), *((one.value, one.value.capitalize()) for one in Verdict)],
        required=False,
    )
    came_back = forms.ChoiceField(label="Came back", choices=[("", "Either"), *CAME_BACK.items()], required=False)
    due = DayField(label="Due by", required=False)
    raised_before = DayField(label="Raised before", required=False)
    entry = forms.IntegerField(label="Changed by entry", required=False, min_value=1, max_value=2**62)
    cohort = forms.ChoiceField(label="Cohort", required=False)
    fate = forms.ChoiceField(
        label="Since it was frozen", choices=[("", "Any"), *((f.value, words) for f, words in FATE_WORDS.items())],
        required=False,
    )  # fmt: skip
    at_run = forms.IntegerField(label="By the run", required=False, min_value=1, max_value=2**62)

    def __init__(
        self, asked: Mapping[str, Any], *, desk: Desk, person: int | None, run: Run | None, scope: Scope | None = None
    ) -> None:
        super().__init__(asked, scope=scope or desk.sight, run=run)
        self.desk, self.person = desk, person
        self.people = {name: number for number, name in colleagues(desk)}
        people = [(PREFIX + name, name) for name in self.people]
        assigned = cast("forms.ChoiceField", self.fields["assigned"])
        assigned.choices = [("", "Anybody or nobody"), *ASSIGNED, *people]
        cohort = cast("forms.ChoiceField", self.fields["cohort"])
        cohort.choices = [("", "Any"), *named(desk, self.data.get("cohort", ""))]

    def clean(self) -> dict[str, Any]:
        """What became of a row is of its cohort, by one of the runs since."""
        cleaned = super().clean() or self.cleaned_data
        cohort = cleaned.get("cohort")
        for name in ("fate", "at_run"):
            if cleaned.get(name) and not cohort:
                self.add_error(name, "say of which cohort.")
        if cleaned.get("at_run") and cohort and not runs_of(int(cohort)).filter(pk=cleaned["at_run"]).exists():
            self.add_error("at_run", "there is no such run since the cohort was frozen.")
        return cleaned

    @property
    def items(self) -> QuerySet[WorkItem]:
        """The party's items, of the discrepancy of an outer query."""
        return self.of_party().filter(discrepancy=OuterRef("pk"))

    def of_party(self) -> QuerySet[WorkItem]:
        """All of the party's items."""
        return WorkItem.objects.filter(party=self.desk.party)

    def found(self) -> QuerySet[Discrepancy]:
        """The rows that the filter finds, of those that the desk sees."""
        return self.narrowed(self.desk.sight.narrow(Discrepancy.objects.all()))

    def leaving(self, *names: str) -> "WorkFilter":
        """The same filter without some of what was asked."""
        return self._with({name: value for name, value in self.cleaned_data.items() if name not in names})

    def without_work(self) -> "WorkFilter":
        """The filters of evidence alone."""
        return self.leaving(*WORK_FILTERS)

    def only(self, *names: str) -> "WorkFilter":
        """Some of what was asked alone; of any state, unless that is among it."""
        kept = {name: value for name, value in self.cleaned_data.items() if name in names}
        return self._with({"state": "all", **kept})

    def _with(self, cleaned: dict[str, Any]) -> "WorkFilter":
        other = copy(self)
        other.cleaned_data = cleaned
        return other

    def narrowed(self, rows: QuerySet[Row]) -> QuerySet[Row]:
        """The discrepancies of the filter; none before the first run."""
        rows = super().narrowed(rows)
        for name, value in self.asked_of_work().items():
            rows = rows.filter(self._test(name, value))
        return rows

    def asked(self) -> dict[str, Any]:
        """The filters of evidence that were given."""
        return {name: value for name, value in super().asked().items() if name not in WORK_FILTERS}

    def asked_of_work(self) -> dict[str, Any]:
        """The filters of work that were given."""
        return {name: self.cleaned_data[name] for name in WORK_FILTERS if self.cleaned_data.get(name)}

    def counts(self) -> Q | None:
        """A run's counts know nothing of work."""
        return None if self.asked_of_work() else super().counts()

    def evidence_in_words(self) -> str:
        """The filter without what is the party's own."""
        return self.without_work().in_words()

    def _test(self, name: str, value: Any) -> Q:
        has: Callable[..., Q] = lambda *tests, **of: Q(Exists(self.items.filter(*tests, **of)))  # noqa: E731
        tests: dict[str, Callable[[], Q]] = {
            "assigned": lambda: self._assigned(value),
            "work": lambda: self._state(value),
            "answer": lambda: has(state=RAISED, answer="" if value == NO_ANSWER else value),
            "came_back": lambda: has(state=TO_DO, why__startswith=NEWS_WORDS[News(value)].partition("{")[0]),
            "due": lambda: has(due__lte=value),
            "raised_before": lambda: has(state=RAISED, raised__at__date__lt=value),
            "cohort": lambda: Q(pk__in=self._members(int(value)).values("discrepancy")),
            "fate": Q,  # and the run that it is by: _members asks for both
            "at_run": Q,
            "entry": lambda: Q(pk__in=self._of_entry(value).values("discrepancy")),
        }
        return tests[name]()

    def _of_entry(self, number: int) -> QuerySet[WorkVersion]:
        return WorkVersion.objects.filter(entry=number, party=self.desk.party)

    def _members(self, cohort: int) -> QuerySet[CohortMember]:
        return members_at(cohort, self.cleaned_data.get("fate", ""), self.cleaned_data.get("at_run"))

    def _state(self, value: str) -> Q:
        if value != TO_DO:
            return Q(pk__in=self.of_party().filter(state=value).values("discrepancy"))
        touched = self.items.exclude(state=TO_DO)
        return states.OPEN & ~Q(Exists(touched))

    def _assigned(self, value: str) -> Q:
        if value in {NOBODY, SOMEBODY}:
            if value == NOBODY:
                return ~Q(Exists(self.items.filter(assignee__isnull=False)))
            return Q(pk__in=self.of_party().filter(assignee__isnull=False).values("discrepancy"))
        person = self.person if value == ME else self.people.get(value.removeprefix(PREFIX))
        return Q(pk__in=self.of_party().filter(assignee=person if person else -1).values("discrepancy"))


def within(desk: Desk, ids: tuple[int, ...]) -> QuerySet[Discrepancy]:
    """Those discrepancies that the desk sees."""
    return desk.sight.narrow(Discrepancy.objects.filter(pk__in=ids))
