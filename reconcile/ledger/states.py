"""The state of a discrepancy, which follows from its dates, as conditions and as a column.

In: the date of the newest run. Out: Django expressions. Called by ledger.filters, ledger.queries and ledger.record.
"""

from datetime import date, timedelta

from django.db.models import Case, CharField, F, Q, Value, When

from reconcile.domain.ages import AGES
from reconcile.domain.figures import FIGURES
from reconcile.domain.lifecycle import State

# A resolved one has been seen last some day; saying so lets the database use the small index of those.
RESOLVED = Q(resolved_on__isnull=False, last_seen__isnull=False)
OPEN = Q(resolved_on__isnull=True)


def state_tests(newest: date | None) -> dict[State, Q]:
    """What each state means: exactly one holds. `newest`: the date of the newest run, which saw what has no last_seen.

    See models.Discrepancy. Without a run there are no discrepancies.
    """
    just_opened = Q(last_seen__isnull=True, opened_on=newest) | Q(last_seen__isnull=False, opened_on=F("last_seen"))
    return {
        State.NEW: OPEN & just_opened & Q(opened_as=State.NEW),
        State.REGRESSED: OPEN & just_opened & Q(opened_as=State.REGRESSED),
        State.ONGOING: OPEN & ~just_opened,
        State.RESOLVED: RESOLVED,
    }


def state(newest: date | None) -> Case:
    """The state as a column."""
    cases = [When(test, then=Value(state.value)) for state, test in state_tests(newest).items()]
    return Case(*cases, output_field=CharField())


def counts_test(figure: str) -> Q:
    """Which of a run's counts a figure (a name of domain.figures) adds up."""
    return Q(**{f"{column}__in": values for column, values in FIGURES[figure].items()})


def wrong_for(code: str, as_of: date) -> Q:
    """Discrepancies of a class of domain.ages, on the day of a run."""
    age = AGES[code]
    if age.least is None:
        return Q(wrong_since_latest__isnull=True)
    # A day to come counts as today: it has been wrong for no days.
    found = (
        Q(wrong_since_latest__lte=as_of - timedelta(age.least)) if age.least else Q(wrong_since_latest__isnull=False)
    )
    return found & Q(wrong_since_latest__gt=as_of - timedelta(age.below)) if age.below else found
