"""Which rows of the frame a filter of the queue finds; how many have which value, by the other filters; their order.

In: a WorkFilter that is read. Out: Found. Filters that the columns do not know are asked of the database, alone.
Called by ledger.queries.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reconcile.domain.figures import OPEN_STATES
from reconcile.domain.lifecycle import State
from reconcile.domain.rules import RULES_OF_ACTOR
from reconcile.domain.smets import Generation
from reconcile.domain.vocabulary import Shows
from reconcile.domain.work import RAISED, TO_DO
from reconcile.models import Contradiction, MeterKind

from .. import sent
from ..filters import DEFAULT_STATE, RULES_OF
from ..work_filter import ME, NOBODY, PREFIX, SOMEBODY, WORK_FILTERS, WorkFilter
from .frames import CHOICES, OF_A_RUN, Frame, Marks, frame_of
from .items import NEVER, NUMBER, STATES, UNTOUCHED, Items, items_of

Places = NDArray[np.int64]
OF_KINDS = ("manufacturer", "model", "firmware", "csp_region", "smets")
SAID = (*OF_KINDS, "generation")
STATES_OF = {DEFAULT_STATE: OPEN_STATES, **{str(state): (str(state),) for state in State}}
"""What is asked for as a state -> the states of rows; of those that are not here the database is asked."""
AS_IT_IS = {"rule": list, "network": list, "supplier": list}
RULES_BY = {"who_acts": RULES_OF_ACTOR, "severity": RULES_OF}
COLUMN_OF = {"who_acts": "rule", "severity": "rule", **dict.fromkeys(OF_KINDS, "kind")}
"""Filters that are about a column of another name."""
OF_ITEMS = ("assigned", "work")
GENERATIONS = tuple(Generation)
BESIDES = ("shows", "postcode_area", "commissioned", "contradicted", "correction", "generation")
YES_NO_BESIDE = ("contradicted", "correction")
"""What comes and goes while the frame stands still."""
MOST_COUNTED = 500
"""Counts that a frame remembers."""


class Found:
    """What a filter finds, of the rows that its desk sees. Places are those of the frame: the worst first."""

    def __init__(self, asked: WorkFilter, frame: Frame, items: Items) -> None:
        self.asked, self.frame, self.items = asked, frame, items
        self.wanted = {**asked.asked(), **asked.asked_of_work(), "state": asked.wanted_state}
        self._marks: dict[str, Marks] = {}
        self._told: dict[str, Marks] = {}

    @cached_property
    def places(self) -> Places:
        """The rows."""
        return np.flatnonzero(self._all_but(""))

    def by(self, filter_name: str) -> Counter[Any]:
        """How many rows there are by the column of a filter, as all the other filters find them."""
        column = COLUMN_OF.get(filter_name, filter_name)
        key = (column, self._key(filter_name, column))
        counted = self.frame.counted
        if key not in counted:
            if len(counted) >= MOST_COUNTED:
                counted.clear()
            counted[key] = self._count(column, np.flatnonzero(self._all_but(filter_name)))
        return Counter(counted[key])

    def _key(self, without: str, column: str) -> Any:
        """The same where the same rows are counted."""
        filters = tuple(sorted((name, repr(value)) for name, value in self.wanted.items() if name != without))
        asked = {column, *(name for name, _ in filters)}
        told = tuple(self._beside(name).tobytes() for name in YES_NO_BESIDE if name in asked)
        of_work = column in OF_ITEMS or any(name in WORK_FILTERS for name, _ in filters)
        party = (self.asked.desk.party, self.items.version, self.asked.person) if of_work else None
        return (self.asked.desk.sight, filters, party, told)

    def _count(self, column: str, places: Places) -> Counter[Any]:
        if column == "assigned":
            numbers, counts = np.unique(self.items.assignees[places], return_counts=True)
            return Counter(dict(zip(numbers.tolist(), counts.tolist(), strict=True)))
        if column in YES_NO_BESIDE:
            yes = int(self._beside(column)[places].sum())
            return Counter(yes=yes, no=len(places) - yes)
        if column == "work":
            counts = np.bincount(self._work[places], minlength=len(STATES))
            return Counter(dict(zip(STATES, counts.tolist(), strict=False)))
        if column == "generation":
            counts = np.bincount(generations_of(self.frame)[places], minlength=len(GENERATIONS))
            return Counter(dict(zip(GENERATIONS, counts.tolist(), strict=True)))
        values = self.frame.values[column]
        found: Counter[Any] = Counter()
        for value, count in zip(values, np.bincount(self.frame.codes[column][places]).tolist(), strict=False):
            found[value] += count
        return found

    def _beside(self, name: str) -> Marks:
        """The rows that alerts contradict, or for which a correction was sent."""
        if name not in self._told:
            rows = Contradiction.objects.values_list("discrepancy", flat=True)
            if name == "correction":
                rows = sent.discrepancies(self.asked.scope)
            self._told[name] = np.zeros(len(self.frame.ids), np.bool_)
            self._told[name][self.frame.places(np.fromiter(rows, np.int64))] = True
        return self._told[name]

    @cached_property
    def _work(self) -> NDArray[np.int8]:
        """The work state of each row: what nobody has touched is to do, if it is open."""
        untouched = (self.items.states == UNTOUCHED) & self.frame.having("state", OPEN_STATES)
        found: NDArray[np.int8] = np.where(untouched, np.int8(NUMBER[TO_DO]), self.items.states)
        return found

    def _all_but(self, without: str) -> Marks:
        """The rows that all filters find but one."""
        marks = self._within()
        for name in self.wanted:
            if name != without and self._knows(name):
                marks = marks & self._marked(name)
        unknown = [name for name in self.wanted if name != without and not self._knows(name)]
        return marks & self._asked_of_database(unknown) if unknown else marks

    def _within(self) -> Marks:
        sight = self.asked.desk.sight
        if sight.everything:
            return np.ones(len(self.frame.ids), np.bool_)
        return self.frame.having("network", sight.networks) | self.frame.having("supplier", sight.suppliers)

    def _knows(self, name: str) -> bool:
        if name == "state":
            return self.wanted["state"] in {*STATES_OF, "all"}
        if name == "correction":
            return self.wanted[name] in {"yes", "no"}
        return name in {*AS_IT_IS, *RULES_BY, *OF_KINDS, *OF_ITEMS, *CHOICES, *OF_A_RUN, *BESIDES}

    def _marked(self, name: str) -> Marks:
        if name not in self._marks:
            self._marks[name] = self._test(name, self.wanted[name])
        return self._marks[name]

    def _test(self, name: str, value: Any) -> Marks:
        tests: dict[str, Callable[[], Marks]] = {"assigned": lambda: self._assigned(value)}
        tests |= {one: lambda: self._beside(name) == (value == "yes") for one in YES_NO_BESIDE}
        tests["work"] = lambda: self._work == NUMBER[value]
        tests["generation"] = lambda: generations_of(self.frame) == GENERATIONS.index(Generation(value))
        if name in tests:
            return tests[name]()
        return self.frame.having(COLUMN_OF.get(name, name), self._values(name, value))

    def _values(self, name: str, value: Any) -> Iterable[Any]:
        """The values of a column that a filter means."""
        if name == "state":
            return self.frame.values["state"] if value == "all" else STATES_OF[value]
        if name in RULES_BY:
            return RULES_BY[name][value]
        if name in OF_KINDS:
            return (pk for pk, said in kinds_of(self.frame).items() if said[name] == value)
        if name == "postcode_area":
            return [value.upper()]
        return value if name in AS_IT_IS else [value]

    def _assigned(self, value: str) -> Marks:
        held = self.items.assignees
        if value == SOMEBODY:
            return ~self._assigned(NOBODY)
        people: dict[str, int] = {NOBODY: 0, ME: self.asked.person or -1}
        people |= {PREFIX + one: number for one, number in self.asked.people.items()}
        found: Marks = held == np.int32(people.get(value, -1))
        return found

    def _asked_of_database(self, names: list[str]) -> Marks:
        """The rows that those filters find of which the columns know nothing."""
        rows = self.asked.only(*names).found().order_by().values_list("pk", flat=True)
        marks = np.zeros(len(self.frame.ids), np.bool_)
        marks[self.frame.places(np.fromiter(rows.iterator(), np.int64))] = True
        return marks

    def ordered(self, sort: str) -> Places:
        """The rows by one of ORDERS, or the worst first. What has no value stands last, whichever way."""
        name = sort.removeprefix("-")
        if name not in ORDERS:
            return self.places
        keys = ORDERS[name](self)[self.places]
        has = keys != NEVER
        valued, order = self.places[has], keys[has].astype(np.int64)
        sorted_ = valued[np.argsort(-order if sort.startswith("-") else order, kind="stable")]
        return np.concatenate([sorted_, self.places[~has]])

    def _by_name(self) -> NDArray[np.int32]:
        """The place of each row's assignee among colleagues, by name; of somebody else behind them."""
        numbers = np.unique(self.items.assignees)
        names = {number: place for place, number in enumerate(self.asked.people.values())}
        ranks = np.array([NEVER if one == 0 else names.get(int(one), NEVER - 1) for one in numbers], np.int32)
        found: NDArray[np.int32] = ranks[np.searchsorted(numbers, self.items.assignees)]
        return found

    def _by_state(self) -> NDArray[np.int32]:
        return np.where(self._work == UNTOUCHED, NEVER, self._work).astype(np.int32)

    def _by_raising(self) -> NDArray[np.int32]:
        return np.where(self.items.states == NUMBER[RAISED], self.items.raised, NEVER).astype(np.int32)

    def by_value(self, column: str, ranks: Mapping[Any, int]) -> NDArray[np.int32]:
        """The rank of each row's value of a column."""
        table = np.array([ranks.get(value, NEVER - 1) for value in self.frame.values[column]], np.int32)
        return table[self.frame.codes[column]] if len(table) else np.zeros(len(self.frame.ids), np.int32)


RANKS: dict[str, dict[Any, int]] = {
    "flag": {flag: place for place, flag in enumerate(CHOICES["flag"])},
    "rule": {rule: place for place, actor in enumerate(sorted(RULES_OF_ACTOR)) for rule in RULES_OF_ACTOR[actor]},
    "state": {str(state): place for place, state in enumerate(State)},
}
ORDERS: dict[str, Callable[[Found], NDArray[np.int32]]] = {
    "assignee": Found._by_name,
    "due": lambda found: found.items.due,
    "work": Found._by_state,
    "raised_on": Found._by_raising,
    "flag": lambda found: found.by_value("flag", RANKS["flag"]),
    "who_acts": lambda found: found.by_value("rule", RANKS["rule"]),
    "state": lambda found: found.by_value("state", RANKS["state"]),
}
"""The orders that no index has: the key of each row, NEVER for none. Raisings are numbered as time goes."""


def found_by(asked: WorkFilter) -> Found | None:
    """What a filter finds; None before the first run."""
    if asked.run is None:
        return None
    frame = frame_of(asked.run)
    return Found(asked, frame, items_of(frame, asked.desk.party))


def kinds_of(frame: Frame) -> dict[int, dict[str, str]]:
    """What the inventory says of each kind of meter in a frame, by its id."""
    if "kinds" not in frame.counted:
        kinds = MeterKind.objects.all()
        frame.counted["kinds"] = {kind.pk: {name: getattr(kind, name) for name in SAID} for kind in kinds}
    found: dict[int, dict[str, str]] = frame.counted["kinds"]
    return found


def generations_of(frame: Frame) -> NDArray[np.int8]:
    """The generation of each row's meter, as its place among GENERATIONS."""
    if "generations" not in frame.counted:
        kinds = kinds_of(frame)
        said = [kinds[kind]["generation"] if kind in kinds else "" for kind in frame.values["kind"]]
        of_kinds = np.array([GENERATIONS.index(Generation(one or Generation.NOT_KNOWN)) for one in said], np.int8)
        found = of_kinds[frame.codes["kind"]] if len(of_kinds) else np.zeros(len(frame.ids), np.int8)
        unsaid = found == GENERATIONS.index(Generation.NOT_KNOWN)
        found[unsaid & frame.having("shows", [Shows.NO_METER])] = GENERATIONS.index(Generation.NO_METER)
        frame.counted["generations"] = found
    generations: NDArray[np.int8] = frame.counted["generations"]
    return generations
