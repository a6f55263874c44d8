"""Where one is: the few entries of the bar, those within the one that is open, and how much work is held.

In: a request. Out: `navigation`, worked out when a page writes it. A context processor.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import cast

from django.http import HttpRequest

from reconcile.ledger import queries
from reconcile.ledger.actors import Right
from reconcile.models import Extract, Run

from . import links
from .access import MemberRequest


@dataclass(frozen=True)
class Entry:
    """A page in the bar: the names of the addresses that belong to it, the first of which it leads to.

    `at_desk`: for those who work for a party. `of_networks`: for those who see what is a network's.
    """

    title: str
    names: tuple[str, ...]
    right: Right | None = None
    at_desk: bool = False
    of_networks: bool = False


@dataclass(frozen=True)
class Group:
    """An entry of the bar; it leads to the first of its pages that a person may open."""

    title: str
    entries: tuple[Entry, ...]


GROUPS = (
    Group("Overview", (Entry("Overview", ("overview",)),)),
    Group(
        "Work",
        (
            Entry("Queue", ("work", "work-row", "work-facet"), at_desk=True),
            Entry("Views", ("work-views",), at_desk=True),
            Entry("Cohorts", ("work-cohorts", "work-cohort"), at_desk=True),
            Entry("Raised with us", ("work-raised", "work-raising"), at_desk=True),
            Entry("Inbox", ("work-inbox",), at_desk=True),
            Entry("From a file", ("work-file",), Right.WORK, at_desk=True),
            Entry("History", ("work-record", "work-entry"), Right.MANAGE_WORK, at_desk=True),
            Entry("Corrections", ("corrections", "correction", "correction-file", "correction-new")),
            Entry("Discrepancies", ("discrepancies", "point", "point-history", "point-replay", "point-search")),
        ),
    ),
    Group(
        "Look up",
        (
            Entry("Look up", ("look-up",)),
            Entry("Coverage", ("coverage",)),
            Entry("Alerts", ("alerts", "alert-line"), of_networks=True),
            Entry("What codes mean", ("alert-meanings",), of_networks=True),
        ),
    ),
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
    Group(
        "Policy",
        (
            Entry("Truth table", ("policy",)),
            Entry("Compare policies", ("policy-differences",)),
            Entry("What if", ("what-if", "what-if-points"), Right.SEE),
            Entry("Replay", ("replay", "replayed"), Right.SEE),
            Entry("Rules", ("rules",)),
        ),
    ),
)
SHOWN = 8
"""So many files are named where there is no run yet."""
HOLDS = "Data"
WAITS = {HOLDS: "jobs", "Work": "work-inbox"}
"""The groups with a badge, and where they lead while something waits: held work, notes that name the person."""
SAID = {HOLDS: "held for a person's word", "Work": "notes that name you"}


@dataclass(frozen=True)
class Place:
    """A link of the bar. `within`: it is open, at one of several pages; `badge`: what waits there for a word."""

    title: str
    address: str
    here: bool
    within: bool = False
    badge: int = 0
    waits: str = ""


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
            if self._opens(entry)
        ]

    @property
    def loaded(self) -> list[Extract]:
        """The newest files, for the page that says what is missing for a first run."""
        return list(queries.extracts(scope=self.request.scope)[:SHOWN])

    @property
    def lacks(self) -> list[str]:
        """The sides of a run of which no file is there: tables that nothing loaded was read into."""
        return queries.lacking(scope=self.request.scope)

    @cached_property
    def held(self) -> int:
        """How much is held for a person's word, of what the person may see."""
        return queries.held_jobs(actor=self.request.actor)

    @cached_property
    def newest(self) -> Run | None:
        """The newest run, for the foot of what is printed; none for who may see no rows."""
        return queries.newest_run(scope=self.request.actor.scope) if self._may(Right.SEE) else None

    def _place(self, group: Group) -> Place:
        waiting = self._waiting(group)
        entry = next((one for one in group.entries if self._opens(one)), group.entries[-1])
        first = links.to(WAITS[group.title] if waiting else entry.names[0])
        within = len(group.entries) > 1 or self.name != "overview"
        return Place(group.title, first, group == self.open, within, waiting, SAID.get(group.title, ""))

    def _waiting(self, group: Group) -> int:
        """How much waits for a person there."""
        if group.title not in WAITS or not self._may(Right.SEE):
            return 0
        return self.held if group.title == HOLDS else queries.unread(actor=self.request.actor)

    def _opens(self, entry: Entry) -> bool:
        if entry.at_desk and getattr(getattr(self.request, "actor", None), "desk", None) is None:
            return False
        if entry.of_networks and not (self._may(Right.SEE) and queries.sees_alerts(actor=self.request.actor)):
            return False
        return entry.right is None or self._may(entry.right)

    def _may(self, right: Right) -> bool:
        # A page of Django's own, of an error say, has no actor.
        return hasattr(self.request, "actor") and self.request.actor.may(right)


def navigation(request: HttpRequest) -> dict[str, Navigation]:
    """For every page."""
    return {"navigation": Navigation(request)}
