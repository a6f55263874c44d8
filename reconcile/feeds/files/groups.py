"""The groups of a DTC flow: which belongs to which, and what is read of each.

In: a flow's groups as the catalogue lists them, indented. Out: a Flow. Called by the formats of user files.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Group:
    """One group: the groups `above` it, the nearest last, and what is read of it.

    `items`: name -> number of the item, counted from 1 after the code.
    """

    code: str
    above: tuple[str, ...]
    items: dict[str, int]


@dataclass(frozen=True)
class Flow:
    """One flow of the catalogue in the version that we know.

    What belongs together begins with a `record` line and ends before the next. `rows` are the groups whose lines become
    rows, the record itself where there are none. A line that has none of the values named in `speaks` says nothing to
    us. `may_be_empty`: a file without any such line is whole.
    """

    name: str
    version: str
    title: str
    groups: dict[str, Group]
    record: str
    rows: tuple[str, ...] = ()
    speaks: tuple[str, ...] = ()
    may_be_empty: bool = False

    @property
    def row_groups(self) -> tuple[str, ...]:
        """The groups whose lines become rows."""
        return self.rows or (self.record,)

    @property
    def names(self) -> list[str]:
        """Every value that is read, whatever the group."""
        return sorted({name for group in self.groups.values() for name in group.items})

    @property
    def openers(self) -> tuple[str, ...]:
        """The groups at which a record ends or begins."""
        return (*self.groups[self.record].above, self.record)

    @property
    def passed_over(self) -> list[str]:
        """The groups that say nothing to us and end nothing."""
        return [code for code, group in self.groups.items() if not group.items and code not in self.openers]


def groups(listed: str) -> dict[str, Group]:
    """The groups of a flow: a code and its items a line, each group indented below the one that it belongs to."""
    found: dict[str, Group] = {}
    above: list[tuple[int, str]] = []
    for line in filter(str.strip, listed.splitlines()):
        depth = len(line) - len(line.lstrip())
        above = [(level, code) for level, code in above if level < depth]
        code, *items = line.split()
        found[code] = Group(code, tuple(code for _, code in above), dict(_items(items)))
        above.append((depth, code))
    return found


def _items(words: Iterable[str]) -> Iterable[tuple[str, int]]:
    for word in words:
        number, _, name = word.partition(":")
        yield name, int(number)
