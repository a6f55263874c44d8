"""Every address of the product, as the URLconf and the API's router have them: whoever adds one is walked over too.

In: nothing. Out: Address. Called by the walks.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

OF_API = {"per_page", "after", "run", "mpxn", "network", "state"}
"""Parameters of the API's lists: whose other filters are those of the page."""


@dataclass(frozen=True)
class Address:
    """`route` has its arguments in braces; `parameters` are those that the view says it takes."""

    name: str
    route: str
    arguments: tuple[str, ...]
    parameters: frozenset[str]

    def filled(self, **values: Any) -> str:
        """The address with its arguments."""
        return "/" + self.route.format(**values)


def addresses(admin: bool = False) -> list[Address]:
    """All of ours, by name; with `admin`, Django's administration pages too."""
    found = [_address(route, pattern) for route, pattern in _walk(get_resolver().url_patterns)]
    return [one for one in found if admin or not one.route.startswith("admin/")]


def _walk(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, route)
        else:
            yield route, pattern


def _address(route: str, pattern: URLPattern) -> Address:
    plain = re.sub(r"\(\?P<(\w+)>[^)]*\)|<(?:\w+:)?(\w+)>", lambda found: f"{{{found[1] or found[2]}}}", route)
    plain = plain.replace("^", "").replace("$", "").replace(r"\.", ".")
    parameters = getattr(pattern.callback, "parameters", frozenset())
    if hasattr(pattern.callback, "actions"):
        parameters = OF_API
    return Address(pattern.name or route, plain, tuple(re.findall(r"\{(\w+)\}", plain)), frozenset(parameters))


BY_NAME = {one.name: one for one in addresses()}
