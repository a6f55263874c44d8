"""The filter of discrepancies with a party's work added: what the page Work, its API and bulk changes narrow with.

In: GET names and values, a desk, a person, the latest run. Out: conditions on discrepancies, words.
"""

from collections.abc import Callable, Mapping
from typing import Any, cast

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet

from reconcile.domain.work import RAISED, STATE_WORDS, TO_DO, Verdict
from reconcile.models import Discrepancy, Membership, Run, WorkItem

from . import states
from .actors import Desk
from .filters import DiscrepancyFilter, Row

ME, NOBODY, SOMEBODY = "me", "nobody", "somebody"
ASSIGNED = ((ME, "Me"), (NOBODY, "Nobody"), (SOMEBODY, "Somebody"))
NO_ANSWER = "none"
WORK_FILTERS = ("assigned", "work", "answer", "due", "raised_before", "entry")
PREFIX = "person "


def colleagues(desk: Desk) -> list[tuple[int, str]]:
    """The people of a party, as (number, user name), by name."""
    people = Membership.objects.filter(party=desk.party, user__is_active=True)
    return list(people.order_by("user__username").values_list("user", "user__username"))


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
    due = forms.DateField(label="Due by", required=False)
    raised_before = forms.DateField(label="Raised before", required=False)
    entry = forms.IntegerField(label="Changed by entry", required=False, min_value=1, max_value=2**62)

    def __init__(self, asked: Mapping[str, Any], *, desk: Desk, person: int | None, run: Run | None) -> None:
        super().__init__(asked, scope=desk.sight, run=run)
        self.desk, self.person = desk, person
        self.people = {name: number for number, name in colleagues(desk)}
        people = [(PREFIX + name, name) for name in self.people]
        assigned = cast("forms.ChoiceField", self.fields["assigned"])
        assigned.choices = [("", "Anybody or nobody"), *ASSIGNED, *people]

    @property
    def items(self) -> QuerySet[WorkItem]:
        """The party's items, of the discrepancy of an outer query."""
        return WorkItem.objects.filter(party=self.desk.party, discrepancy=OuterRef("pk"))

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
        own = {name: self.cleaned_data.pop(name, None) for name in WORK_FILTERS}
        words = self.in_words()
        self.cleaned_data.update({name: value for name, value in own.items() if value is not None})
        return words

    def _test(self, name: str, value: Any) -> Q:
        has: Callable[..., Q] = lambda *tests, **of: Q(Exists(self.items.filter(*tests, **of)))  # noqa: E731
        if name == "assigned":
            return self._assigned(value)
        if name == "work":
            return states.OPEN & ~has(~Q(state=TO_DO)) if value == TO_DO else has(state=value)
        if name == "answer":
            return has(state=RAISED, answer="" if value == NO_ANSWER else value)
        if name == "due":
            return has(due__lte=value)
        if name == "raised_before":
            return has(state=RAISED, raised__at__date__lt=value)
        return has(version__entry=value) | Q(work_versions__entry=value, work_versions__party=self.desk.party)

    def _assigned(self, value: str) -> Q:
        if value in {NOBODY, SOMEBODY}:
            someones = Q(Exists(self.items.filter(assignee__isnull=False)))
            return someones if value == SOMEBODY else ~someones
        person = self.person if value == ME else self.people.get(value.removeprefix(PREFIX))
        return Q(Exists(self.items.filter(assignee=person if person else -1)))


def within(desk: Desk, ids: tuple[int, ...]) -> QuerySet[Discrepancy]:
    """Those discrepancies that the desk sees."""
    return desk.sight.narrow(Discrepancy.objects.filter(pk__in=ids))
