"""Where one is: the few entries of the bar, those within the one that is open, and how much work is held.

In: a request. Out: `navigation`, worked out when a page writes it. A context processor.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import cast

from django.http import HttpRequest

from reconcile.ledger import queries
from reconcile.ledger.actors import Right

from . import links
from .access import MemberRequest


@dataclass(frozen=True)
class Entry:
    """A page in the bar: the names of the addresses that belong to it, the first of which it leads to."""

    title: str
    names: tuple[str, ...]
    right: Right | None = None


@dataclass(frozen=True)
class Group:
    """An entry of the bar; it leads to the first of its pages that a person may open."""

    title: str
    entries: tuple[Entry, ...]


GROUPS = (
    Group("Overview", (Entry("Overview", ("overview",)),)),
    Group("Discrepancies", (Entry("Discrepancies", ("discrepancies", "point", "point-search")),)),
    Group("Causes", (Entry("Causes", ("causes",)),)),
    Group(
        "Parties", (Entry("Network Parties", ("networks", "network")), Entry("Suppliers", ("suppliers", "supplier")))
    ),
    Group(
        "Data",
        (
            Entry("Files", ("extracts", "extract", "upload", "loads", "withdraw")),
            Entry("Runs", ("runs", "run", "compare")),
            Entry("Headings", ("headings", "kept-headings"), Right.SEE_COLUMNS),
            Entry("Jobs", ("jobs", "job", "job-headings")),
            Entry("Storage", ("storage",), Right.SEE_STORAGE),
            Entry("Record", ("record",), Right.SEE_RECORD),
        ),
    ),
    Group("Policy", (Entry("Truth table", ("policy",)), Entry("Rules", ("rules",)))),
)
HOLDS = "Data"
"""The group whose badge counts what is held."""


@dataclass(frozen=True)
class Place:
    """A link of the bar. `within`: it is open, at one of several pages; `badge`: what waits there for a word."""

    title: str
    address: str
    here: bool
    within: bool = False
    badge: int = 0


class Navigation:
    """The bar of one request."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = cast("MemberRequest", request)
        self.name = request.resolver_match.url_name if request.resolver_match else None

    @property
    def places(self) -> list[Place]:
        """The bar itself."""
        return [self._place(group) for group in GROUPS]

    @cached_property
    def open(self) -> Group | None:
        """The group that the page belongs to."""
        return next((group for group in GROUPS if any(self.name in entry.names for entry in group.entries)), None)

    @property
    def title(self) -> str:
        """What the open group is called."""
        return self.open.title if self.open else ""

    @property
    def within(self) -> list[Place]:
        """The pages of the open group, where there are several."""
        if self.open is None or len(self.open.entries) == 1:
            return []
        return [
            Place(entry.title, links.to(entry.names[0]), self.name in entry.names)
            for entry in self.open.entries
            if entry.right is None or self._may(entry.right)
        ]

    def _place(self, group: Group) -> Place:
        held = queries.held_jobs(actor=self.request.actor) if group.title == HOLDS and self._may(Right.SEE) else 0
        first = links.to("jobs" if held else group.entries[0].names[0])
        return Place(group.title, first, group == self.open, len(group.entries) > 1 or self.name != "overview", held)

    def _may(self, right: Right) -> bool:
        # A page of Django's own, of an error say, has no actor.
        return hasattr(self.request, "actor") and self.request.actor.may(right)


def navigation(request: HttpRequest) -> dict[str, Navigation]:
    """For every page."""
    return {"navigation": Navigation(request)}
