"""What another reading of the flag would change, of the whole population that a run counted.

In: a scope, two policies, a run. Out: WhatIf. Nothing of it is published. Called by the page, the API and the command;
queries.changing gives the points behind its figures.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa

from reconcile.domain.policies import reading_named
from reconcile.domain.policy import Policy, truth_table
from reconcile.domain.rules import RULES
from reconcile.feeds.sql import literal
from reconcile.lake import changing, store
from reconcile.models import Party, Run

from ..access import Scope
from .common import latest_run
from .comparing import NotThere

FILE_LIMIT = 20_000
"""Updates in one file, as the MRA once quoted it (003 section 7); it later said that there is no limit."""
NONE = "none"
PARTIES = ("network", "supplier")


@dataclass(frozen=True)
class Group:
    """Points that change of one party or rule, of `points` in all; `days`: files it takes, one a day, at the limit."""

    code: str
    name: str
    changed: int
    points: int
    days: int
    a_day: int


@dataclass(frozen=True)
class Counted:
    """Points of one party and rule, and what the two policies expect of them. `unread` do not change."""

    network: str
    supplier: str
    rule: str
    expected: str
    expected_then: str
    points: int
    unread: int

    @property
    def changed(self) -> int:
        """How many change."""
        return self.points - self.unread if self.expected != self.expected_then else 0


@dataclass(frozen=True)
class WhatIf:
    """What policy `policy` would change beside `against`, of the points of a run within a scope."""

    run: Run
    policy: Policy
    against: Policy
    limit: int
    counted: list[Counted]
    names: dict[tuple[str, str], str]

    @cached_property
    def points(self) -> int:
        """Registered Meter Points."""
        return sum(row.points for row in self.counted)

    @cached_property
    def unread(self) -> int:
        """Those of which something could not be read: no policy says anything of them."""
        return sum(row.unread for row in self.counted)

    @cached_property
    def changed(self) -> int:
        """Those whose expected flag is another."""
        return sum(row.changed for row in self.counted)

    @cached_property
    def moves(self) -> list[tuple[str, str, int]]:
        """From, to, how many, the most first; a flag that is none is called that."""
        counts = Counter[tuple[str, str]]()
        for row in self.counted:
            counts[row.expected or NONE, row.expected_then or NONE] += row.changed
        return [(*move, count) for move, count in counts.most_common() if count]

    @cached_property
    def from_to(self) -> dict[str, int]:
        """The same as one name a move: `A>N`."""
        return {f"{now}>{then}": count for now, then, count in self.moves}

    @cached_property
    def networks(self) -> list[Group]:
        """By Network Party, the most first."""
        return self._by("network", lambda row: row.network)

    @cached_property
    def suppliers(self) -> list[Group]:
        """By supplier; `none` has none."""
        return self._by("supplier", lambda row: row.supplier or NONE)

    @cached_property
    def rules(self) -> list[Group]:
        """By the rule that the flag breaks now; `none` breaks none."""
        return self._by("rule", lambda row: row.rule or NONE)

    @property
    def days(self) -> int:
        """How many days it takes at one file a day to each Network Party."""
        return max((group.days for group in self.networks), default=0)

    @property
    def a_day(self) -> int:
        """Updates of the first day, to all Network Parties."""
        return sum(group.a_day for group in self.networks)

    def updates(self, days: int) -> list[int]:
        """Updates of each of the first days, to all Network Parties."""
        each = [group.changed for group in self.networks]
        return [
            sum(min(self.limit, max(0, count - day * self.limit)) for count in each)
            for day in range(min(days, self.days))
        ]

    def _by(self, kind: str, key: Callable[[Counted], str]) -> list[Group]:
        changed, points = Counter[str](), Counter[str]()
        for row in self.counted:
            changed[key(row)] += row.changed
            points[key(row)] += row.points
        return [
            Group(
                code,
                self.names.get((kind, code), code),
                count,
                points[code],
                -(-count // self.limit),
                min(count, self.limit),
            )
            for code, count in sorted(changed.items(), key=lambda one: (-one[1], one[0]))
            if count
        ]

    def as_json(self) -> dict[str, Any]:
        """As the command and the API tell it."""
        return {
            "run": self.run.pk,
            "policy": self.policy.name,
            "against": self.against.name,
            "points": self.points,
            "unread": self.unread,
            "changed": self.changed,
            "from_to": self.from_to,
        }


def what_if(
    *, scope: Scope, policy: str, against: str = "", run_id: int | None = None, limit: int = FILE_LIMIT
) -> WhatIf | None:
    """What a policy would change, or None where there is no such run or nothing to see.

    `against`: the policy of the run if empty. Raises UnknownPolicy, NotThere.
    """
    then = reading_named(policy)
    run = Run.objects.filter(pk=run_id).first() if run_id else latest_run()
    now = reading_named(against or (run.policy if run else policy))
    if run is None or not (scope.everything or scope.networks or scope.suppliers):
        return None
    with store.asking() as con:
        con.register("pairs", pairs(now, then))
        rows = con.execute(f"""
            SELECT network, coalesce(supplier, ''), coalesce(rule, ''), expected, expected_then,
                sum(points)::BIGINT, sum(unread)::BIGINT
            FROM ({_cells(run)}) JOIN pairs USING (flag, mask, ever)
            WHERE {within(scope)} GROUP BY ALL ORDER BY ALL
        """).fetchall()
    return WhatIf(run, then, now, limit, [Counted(*row) for row in rows], names())


def names() -> dict[tuple[str, str], str]:
    """What people call parties and rules, by kind and code."""
    parties = {(party.kind, party.code): party.label for party in Party.objects.filter(kind__in=PARTIES)}
    rules = {("rule", rule.code): rule.title for rule in RULES.values()}
    return {**parties, **rules, ("supplier", NONE): "No supplier", ("rule", NONE): "Breaks no rule now"}


def pairs(now: Policy, then: Policy) -> pa.Table:
    """Every cell of the truth table, with what the two expect there and the rule that the first has it break."""
    cells = zip(truth_table(now), truth_table(then), strict=True)
    rows = [
        (one.flag or "", one.mask, one.ever, one.verdict.expected or "", other.verdict.expected or "", one.verdict.rule)
        for one, other in cells
    ]
    return pa.table([list(column) for column in zip(*rows, strict=True)], changing.CHANGES.names).cast(changing.CHANGES)


def _cells(run: Run) -> str:
    """What a run counted, by cell. Raises NotThere."""
    if run.thinned_at:
        raise NotThere(f"What the run as of {run.as_of:%-d %b %Y} counted was thinned away. Ask about a later run.")
    if not store.there(run, store.CELLS):
        raise NotThere("This run was made before Meter Points were counted by cell. Ask about a later run.")
    return f"FROM read_parquet({store.quoted(store.kept(run, store.CELLS))})"


def within(scope: Scope) -> str:
    """A scope as SQL over the codes of parties."""
    if scope.everything:
        return "true"
    codes: dict[str, list[str]] = {kind: [] for kind in PARTIES}
    for kind, code in Party.objects.filter(pk__in=scope.networks | scope.suppliers).values_list("kind", "code"):
        codes[kind].append(code)
    tests = (f"coalesce({kind} IN ({_texts(found)}), false)" for kind, found in codes.items() if found)
    return f"({' OR '.join(tests) or 'false'})"


def _texts(codes: Iterable[str]) -> str:
    return ", ".join(map(literal, sorted(codes)))
