"""Orders of rows and pages of them. Each order ends in the key, so that no two rows tie.

In: a queryset and the name of an order. Out: the queryset in that order, or a page of it. A page begins behind the last
row of the one before it, which an index finds however deep it lies; only a number without a row is counted to.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar, cast

from django.db.models import BigIntegerField, F, Func, Model, Q, QuerySet, Value
from django.db.models.expressions import OrderBy
from django.utils.functional import SimpleLazyObject

Row = TypeVar("Row", bound=Model)
KEY = "id"
NULLS_LAST = "?"
"""Behind a field that may have no value. It is the first of its order."""


class NoPlace(Exception):
    """There is no row of the id behind which a page was to begin; one plain sentence."""


@dataclass(frozen=True)
class Place:
    """Where a page is: behind the row `after`, or in front of the row `before` (keys), or else by its number."""

    number: int = 1
    after: int | None = None
    before: int | None = None


@dataclass(frozen=True)
class Cut(Generic[Row]):
    """The rows of a page, and whether there are others before and behind them."""

    rows: list[Row]
    earlier: bool
    later: bool


class Listed(Func):
    """The rows of a list of numbers, which is one parameter however long it is: databases take only so many."""

    template = "(SELECT value FROM json_each(%(expressions)s))"
    on_postgresql = "(SELECT value::bigint FROM json_array_elements_text(%(expressions)s::json))"

    def __init__(self, numbers: list[int]) -> None:
        super().__init__(Value(json.dumps(numbers)), output_field=BigIntegerField())

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        """The same for PostgreSQL."""
        return self.as_sql(compiler, connection, template=self.on_postgresql, **more)


@dataclass(frozen=True)
class Sorted(Generic[Row]):
    """Rows in an order, backwards or not, and pages of them. `within`: all rows that may be seen, of which a place is
    one whatever a filter leaves of them.
    """

    rows: QuerySet[Row]
    within: QuerySet[Row]
    fields: Sequence[str]
    backwards: bool = False

    @cached_property
    def every(self) -> QuerySet[Row]:
        """The rows in their order. What has no value stands last, whichever way."""
        return self.rows.order_by(*(_by(one, backwards=self.backwards) for one in self.fields))

    def first(self, count: int) -> QuerySet[Row]:
        """The first so many rows."""
        return self.every[:count]

    def page(self, place: Place, size: int, total: int) -> Cut[Row]:
        """A page of `size` rows of `total`. Raises NoPlace."""
        if place.after is not None:
            found = self._beyond(place.after, size + 1)
            return Cut(found[:size], True, len(found) > size)
        if place.before is not None:
            found = self._beyond(place.before, size + 1, reverse=True)
            return Cut(found[:size][::-1], len(found) > size, True)
        passed, left = (place.number - 1) * size, max(total - place.number * size, 0)
        here = min(size, max(total - passed, 0))
        # Counted from the nearer end, so that the last page is as quick as the first.
        found = self._take(None, passed, here) if passed <= left else self._take(None, left, here, reverse=True)[::-1]
        return Cut(found, passed > 0, left > 0)

    def _beyond(self, key: int, size: int, *, reverse: bool = False) -> list[Row]:
        names = [one.removesuffix(NULLS_LAST) for one in self.fields]
        values = self.within.filter(pk=key).values_list(*names).first()
        if values is None:
            raise NoPlace("There is no such row. `next` of the page before has the place.")
        return self._take(values, 0, size, reverse=reverse)

    def _take(self, place: Sequence[Any] | None, skip: int, size: int, *, reverse: bool = False) -> list[Row]:
        """The first rows behind a place, or of all; `reverse`: in front of it, the nearest first."""
        order = [f"-{name}" if self.backwards != reverse else name for name in self._names]
        rows = self.rows.order_by(*order)
        found: list[Row] = []
        for part in self._behind(rows, order, place, reverse=reverse) if place else self._parts(rows, reverse=reverse):
            more = list(part[skip : skip + size - len(found)])
            found += more
            if len(found) == size:
                break
            skip = max(skip - part.count(), 0) if skip and not more else 0
        return found

    @property
    def _names(self) -> list[str]:
        return [one.removesuffix(NULLS_LAST) for one in self.fields]

    @property
    def _nullable(self) -> str:
        """The field that may have no value, or none."""
        return self._names[0] if self.fields[0].endswith(NULLS_LAST) else ""

    def _parts(self, rows: QuerySet[Row], *, reverse: bool) -> list[QuerySet[Row]]:
        """All of them; those without a value are a part of their own, for no index has them last both ways."""
        if not self._nullable:
            return [rows]
        return [rows.filter(**{f"{self._nullable}__isnull": none}) for none in (reverse, not reverse)]

    def _behind(
        self, rows: QuerySet[Row], order: Sequence[str], place: Sequence[Any], *, reverse: bool
    ) -> Iterator[QuerySet[Row]]:
        """Those behind a place: that differ from it in the key alone, then in the field before it, and so on. An index
        leads to each part, however many rows tie.
        """
        for last in range(len(order) - 1, -1, -1):
            same = [_equal(name, value) for name, value in zip(self._names, place[:last], strict=False)]
            if place[last] is not None:
                # By what still differs: to sort by what all have alike, SQLite would leave the index of an expression.
                yield rows.filter(*same, **_further(order[last], place[last])).order_by(*order[last:])
        if self._nullable and (place[0] is None) == reverse:
            yield rows.filter(**{f"{self._nullable}__isnull": not reverse})


def lazily(make: Callable[[], QuerySet[Row]]) -> QuerySet[Row]:
    """Rows that are put together once something is asked of them: of what is kept nothing is, and it takes longest."""
    return cast("QuerySet[Row]", SimpleLazyObject(make))


def sorted_rows(
    rows: QuerySet[Row], within: QuerySet[Row], sort: str, orders: Mapping[str, Sequence[str]], usual: str
) -> Sorted[Row]:
    """Rows by one of `orders` (name -> fields), backwards with a minus; as usual where there is no such order."""
    order = sort if sort.removeprefix("-") in orders else usual
    fields = tuple(dict.fromkeys((*orders[order.removeprefix("-")], KEY)))
    return Sorted(rows, within, fields, backwards=order.startswith("-"))


def in_order(rows: QuerySet[Row], sort: str, orders: Mapping[str, Sequence[str]]) -> QuerySet[Row]:
    """Rows by one of `orders`, backwards with a minus; as they came where there is no such order."""
    return sorted_rows(rows, rows, sort, orders, sort).every if sort.removeprefix("-") in orders else rows


def _by(field: str, *, backwards: bool) -> str | OrderBy:
    name = field.removesuffix(NULLS_LAST)
    if name == field:
        # The plain order is that of an index.
        return f"-{name}" if backwards else name
    return F(name).desc(nulls_last=True) if backwards else F(name).asc(nulls_last=True)


def behind(rows: QuerySet[Row], order: Sequence[str], place: Sequence[Any]) -> QuerySet[Row]:
    """The rows that follow a place in an order. `place`: the values of the order's fields, of which none is null."""
    later = Q()
    level: dict[str, Any] = {}
    for field, value in zip(order, place, strict=True):
        later |= Q(**level, **_further(field, value))
        level[field.removeprefix("-")] = value
    return rows.filter(later).order_by(*order)


def _equal(name: str, value: Any) -> Q:
    return Q(**{f"{name}__isnull": True}) if value is None else Q(**{name: value})


def _further(field: str, value: Any) -> dict[str, Any]:
    """As a filter: what lies behind a value. A minus before the field turns the way round."""
    name = field.removeprefix("-")
    return {f"{name}__{'lt' if field != name else 'gt'}": value}
