"""Worst first: the graver, then the longer wrong. One number of a row, so that indexes and pages by key can hold it.

In: nothing. Out: WORST, an expression over the columns of Discrepancy, and a filter that goes well with it. Called by
its indexes, ledger.filters and ledger.queries.
"""

from collections.abc import Iterable
from typing import Any

from django.db.models import F, Func, IntegerField, Q
from django.db.models.lookups import GreaterThanOrEqual, In, LessThan

from reconcile.domain.rules import RULES, Severity

UNKNOWN = 9_999_999
"""Stands for a day that is not known: after every other. The days from 1 Jan 0001 to 31 Dec 9999 are fewer."""
PLACES = " ".join(f"WHEN '{severity}' THEN {place * (UNKNOWN + 1)}" for place, severity in enumerate(Severity))


class Gravity(Func):
    """A severity's place, the gravest first. Its text holds no parameters, so that it is that of an index."""

    output_field = IntegerField()
    template = f"CASE %(expressions)s {PLACES} END"


class DayNumber(Func):
    """How many days a date is after 1 Jan 0001."""

    output_field = IntegerField()
    template = f"COALESCE(%(expressions)s - DATE '0001-01-01', {UNKNOWN})"

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, Any]:
        """SQLite keeps dates as text."""
        template = f"COALESCE(CAST(julianday(%(expressions)s) - 1721425.5 AS INTEGER), {UNKNOWN})"
        return self.as_sql(compiler, connection, template=template, **extra)


WORST = Gravity("severity") + DayNumber("wrong_since_latest")


class Among(In):
    """One of many values. SQLite would look each up in an index and sort all that it finds, for one page of rows."""

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """A plus before a column keeps SQLite from its index, so that it goes by that of the order."""
        text, values = self.as_sql(compiler, connection)
        return f"+{text}", values


def of_rules(codes: Iterable[str]) -> Q:
    """The discrepancies of a whole class of rules, which are looked for among those as grave as the class is."""
    rules = list(codes)
    places = [list(Severity).index(RULES[code].severity) for code in rules]
    first, behind = min(places) * (UNKNOWN + 1), (max(places) + 1) * (UNKNOWN + 1)
    return Q(GreaterThanOrEqual(WORST, first), LessThan(WORST, behind), Among(F("rule"), rules))
