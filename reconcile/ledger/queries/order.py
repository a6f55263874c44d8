"""Orders of rows. Each ends in the key, so that no two rows tie and every page begins where the one before it ended.

In: a queryset and the name of an order. Out: the queryset in that order, or the rows of it behind a place.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

Row = TypeVar("Row", bound=Model)
KEY = "id"


def in_order(rows: QuerySet[Row], sort: str, orders: Mapping[str, str]) -> QuerySet[Row]:
    """Rows by one of `orders` (name -> field), backwards with a minus; as they came where there is no such order."""
    field = orders.get(sort.removeprefix("-"))
    if field is None:
        return rows
    minus = "-" if sort.startswith("-") else ""
    return rows.order_by(*(f"{minus}{one}" for one in dict.fromkeys((field, KEY))))


def behind(rows: QuerySet[Row], order: Sequence[str], place: Sequence[Any]) -> QuerySet[Row]:
    """The rows that follow a place in an order. `place`: the values of the order's fields, of which none is null."""
    later = Q()
    level: dict[str, Any] = {}
    for field, value in zip(order, place, strict=True):
        name = field.removeprefix("-")
        later |= Q(**level, **{f"{name}__{'lt' if field != name else 'gt'}": value})
        level[name] = value
    return rows.filter(later).order_by(*order)
