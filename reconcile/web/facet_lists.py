"""The values of a facet as links that choose them, or take the choice back.

In: a facet, the address of the list. Out: HTML. A page has more than a hundred of them, so they are not templates.
"""

from collections.abc import Iterable
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from reconcile.ledger.queries import Facet, Option

from . import words
from .tables.table import PLACE

MANY = {"rule", "network", "supplier"}
"""Filters that may have several values."""
NONE, CHOSEN = SafeString('<li class="quiet">None</li>'), SafeString(' aria-current="true"')
NOT_OF_LIST = {*PLACE, "q", "view"}


def facet_list(asked: QueryDict, facet: Facet, options: Iterable[Option], address: str = "") -> SafeString:
    """The options in a list; `address`: of the page that they lead to, where it is another."""
    others = [
        (name, value)
        for name, values in asked.lists()
        if name not in {facet.name, *NOT_OF_LIST}
        for value in values
        if value
    ]
    given = [one for one in asked.getlist(facet.name) if one] if facet.name in MANY else []
    items = format_html_join("", "{}", ((_item(one, facet.name, others, given, address),) for one in options))
    return format_html('<ul class="plain">{}</ul>', items or NONE)


def _item(one: Option, name: str, others: list[tuple[str, str]], given: list[str], address: str) -> SafeString:
    values = [value for value in given if value != one.value] + ([] if one.chosen else [one.value])
    query = urlencode([*others, *((name, value) for value in values)])
    return format_html(
        '<li><a href="{}?{}"{}>{}{}</a> <span class="quiet">{}</span></li>', address, query,
        CHOSEN if one.chosen else "", "✓ " if one.chosen else "", one.words,
        words.amount(one.count),
    )  # fmt: skip
