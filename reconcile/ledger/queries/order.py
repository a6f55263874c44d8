"""Orders of rows. Each ends in the key, so that no two rows tie and every page begins where the one before it ended.

In: a queryset and the name of an order. Out: the queryset in that order, or the rows of it behind a place.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from django.db.models import F, Model, Q, QuerySet
from django.db.models.expressions import OrderBy

Row = TypeVar("Row", bound=Model)
KEY = "id"
NULLS_LAST = "?"
"""Behind a field that may have no value."""


def in_order(rows: QuerySet[Row], sort: str, orders: Mapping[str, Sequence[str]]) -> QuerySet[Row]:
    """Rows by one of `orders` (name -> fields), backwards with a minus; as they came where there is no such order.

    What has no value stands last, whichever way.
    """
    fields = orders.get(sort.removeprefix("-"))
    if fields is None:
        return rows
    return rows.order_by(*(_by(one, backwards=sort.startswith("-")) for one in dict.fromkeys((*fields, KEY))))


def _by(field: str, *, backwards: bool) -> str | OrderBy:
    name = field.removesuffix(NULLS_LAST)
    if name == field:
        # The plain order is that of an index.
        return f"-{name}" if backwards else name
    return F(name).desc(nulls_last=True) if backwards else F(name).asc(nulls_last=True)


def behind(rows: QuerySet[Row], order: Sequence[str], place: Sequence[Any]) -> QuerySet[Row]:
    """The rows that follow a place in an order. `place`: the values of the order's fields, of which none is null."""
    # Said apart, so that a database finds the place in an index and needs to sort nothing.
    first = order[0].removeprefix("-")
    beyond = Q(**{f"{first}__{'lte' if order[0] != first else 'gte'}": place[0]})
    later = Q()
    level: dict[str, Any] = {}
    for field, value in zip(order, place, strict=True):
        name = field.removeprefix("-")
        later |= Q(**level, **{f"{name}__{'lt' if field != name else 'gt'}": value})
        level[name] = value
    return rows.filter(beyond, later).order_by(*order)
