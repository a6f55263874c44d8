"""What a policy is: one pure function over the 6,144 combinations that a Meter Point can show.

In: a Policy. Out: its whole truth table. Called by the policies themselves, the engine and the pages.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product

from .vocabulary import ALL_MASKS, FLAGS, Flag, Shows, Status, shows, statuses_in

Cell = tuple[Flag | None, int, bool]


@dataclass(frozen=True)
class Verdict:
    """What the code says of one combination.

    `accepted` flags are no error; `expected` is the one to suggest; `rule` the rule broken or None;
    `undetermined` says in words why the code leaves the case open, and is empty where it does not.
    """

    accepted: tuple[Flag | None, ...]
    expected: Flag | None
    rule: str | None
    undetermined: str = ""


NOT_ALLOWED = "NOT_ALLOWED"
"""The rule of a flag that a policy does not accept where the catalogue, which is that of mp077, has no rule for it."""


@dataclass(frozen=True)
class Case:
    """A line of a policy's table: the sets that it `holds` for (given `ever`), and the flags accepted there.

    `undetermined`: why the sources leave it open. `once`: expected in place of a flag that once came from a meter and
    cannot stand; without, the first accepted. `name`: what an open case is called by those who read it another way.
    """

    words: str
    holds: Callable[[frozenset[Status], bool], bool]
    accepted: tuple[Flag | None, ...]
    undetermined: str = ""
    once: Flag | None = None
    name: str = ""

    def expected(self, flag: Flag | None) -> Flag | None:
        """The flag to suggest."""
        if flag in self.accepted:
            return flag
        return self.once if flag and self.once else self.accepted[0]


@dataclass(frozen=True)
class Policy:
    """A reading of the code. `judge(flag, statuses, ever)` is pure; `ever`: see the truth table.

    `name` is what a run is asked for and remembers, with the `version`; `sources` are the papers that say so, `about`
    what it is, `cases` its table, of which the first that holds decides.
    """

    name: str
    title: str
    version: str
    judge: Callable[[Flag | None, frozenset[Status], bool], Verdict]
    sources: tuple[str, ...]
    about: str = ""
    cases: tuple[Case, ...] = ()

    @property
    def flags(self) -> tuple[Flag | None, ...]:
        """The flags that it accepts somewhere, in the order in which people read them."""
        return tuple(flag for flag in FLAGS if any(flag in case.accepted for case in self.cases))


def first_case(cases: tuple[Case, ...], statuses: frozenset[Status], ever: bool) -> Case:
    """The line that decides. The last line of a table holds for everything."""
    return next(case for case in cases if case.holds(statuses, ever))


@dataclass(frozen=True)
class PolicyRow:
    """One of the 6,144 cells of the truth table.

    `ever`: an earlier extract showed the point with an InstalledNotCommissioned or Commissioned meter. `firm`: the rule
    is the same whatever the status of one more meter, of which nothing is known but that it is there.
    """

    flag: Flag | None
    mask: int
    ever: bool
    shows: Shows
    verdict: Verdict
    firm: bool


@cache
def truth_table(policy: Policy) -> tuple[PolicyRow, ...]:
    """Every flag against every set of statuses, seen before or not: 6 x 512 x 2 rows, worked out once."""
    sets = {mask: statuses_in(mask) for mask in ALL_MASKS}
    cells = product(FLAGS, ALL_MASKS, (False, True))
    verdicts = {(flag, mask, ever): policy.judge(flag, sets[mask], ever) for flag, mask, ever in cells}
    return tuple(
        PolicyRow(flag, mask, ever, shows(sets[mask]), verdict, firm=_is_firm(verdicts, flag, mask, ever))
        for (flag, mask, ever), verdict in verdicts.items()
    )


def _is_firm(verdicts: Mapping[Cell, Verdict], flag: Flag | None, mask: int, ever: bool) -> bool:
    rule = verdicts[flag, mask, ever].rule
    return all(verdicts[flag, mask | one.bit, ever].rule == rule for one in Status)
