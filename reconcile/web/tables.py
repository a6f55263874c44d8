"""Tables of rows: which columns there are, how one is sorted, which page of it is shown.

In: a Table, its rows and the address asked for. Out: Shown, which templates/reconcile/table.html writes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.core.paginator import Page, Paginator
from django.http import QueryDict
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from reconcile.ledger.filters import short

Row = TypeVar("Row")
PER_PAGE = 50


@dataclass(frozen=True)
class Column(Generic[Row]):
    """`name` stands in addresses; `cell` gives text, or HTML that is safe; `css`: the class of its cells."""

    name: str
    title: str
    cell: Callable[[Row], str]
    css: str = ""
    number: bool = False

    @cached_property
    def opening(self) -> str:
        """What every cell of the column begins with."""
        css = "number" if self.number else self.css
        return f'<td class="{css}">' if css else "<td>"

    def html(self, row: Row) -> SafeString:
        """The cell of a row, ready: a page has so many of them that a template would take longer than the database."""
        # The cell is escaped; the opening is ours.
        cell = conditional_escape(self.cell(row))
        return mark_safe(f"{self.opening}{cell}</td>")  # noqa: S308 # nosec B308, B703


@dataclass(frozen=True)
class Table(Generic[Row]):
    """A table of a kind of row. `orders`: the columns by which the rows can be sorted; `usual`: the one they come in
    where none is asked for. `live`: htmx swaps its rows.
    """

    title: str
    columns: Sequence[Column[Row]]
    orders: frozenset[str] = frozenset()
    usual: str = ""
    per_page: int = PER_PAGE
    live: bool = False


@dataclass(frozen=True)
class Head:
    """A column's head: `address` sorts by it, and is empty where nothing can; `sorted` is said to those who listen."""

    title: str
    number: bool
    address: str
    sorted: str


@dataclass(frozen=True)
class Shown(Generic[Row]):
    """One page of a table, as an address asks for it; `unknown_sort` is what it cannot be sorted by, yet was to be."""

    table: Table[Row]
    page: "Page[Row]"
    sort: str
    asked: QueryDict
    unknown_sort: str = ""

    @property
    def total(self) -> int:
        """How many rows all pages have."""
        return self.page.paginator.count

    @property
    def heads(self) -> Iterator[Head]:
        """The heads of the columns."""
        by = self.sort or self.table.usual
        for column in self.table.columns:
            name, marks = column.name, {column.name: "ascending", f"-{column.name}": "descending"}
            other_way = f"-{name}" if by == name else name
            address = self._address(sort=other_way, page=None) if name in self.table.orders else ""
            yield Head(column.title, column.number, address, marks.get(by, ""))

    @property
    def body(self) -> Iterator[list[SafeString]]:
        """The cells of each row."""
        return ([column.html(row) for column in self.table.columns] for row in self.page)

    @property
    def numbers(self) -> Iterator[tuple[int | str, str]]:
        """The numbers of the pages and their addresses; a gap has none."""
        for number in self.page.paginator.get_elided_page_range(self.page.number, on_each_side=3, on_ends=1):
            yield number, self._address(page=number) if isinstance(number, int) else ""

    @property
    def previous(self) -> str:
        """The address of the page before, if there is one."""
        return self._address(page=self.page.previous_page_number()) if self.page.has_previous() else ""

    @property
    def next(self) -> str:
        """The address of the page after, if there is one."""
        return self._address(page=self.page.next_page_number()) if self.page.has_next() else ""

    def _address(self, **changes: int | str | None) -> str:
        return changed(self.asked, changes)


def changed(asked: QueryDict, changes: Mapping[str, int | str | None]) -> str:
    """The query string with some parameters changed, or left out (None); what was given empty is not in it."""
    query = QueryDict(mutable=True)
    for name, values in asked.lists():
        if name not in changes:
            query.setlist(name, [value for value in values if value])
    query.update({name: str(value) for name, value in changes.items() if value is not None})
    return f"?{query.urlencode()}"


def shown(table: Table[Row], rows: Any, asked: QueryDict, total: int | None = None) -> Shown[Row]:
    """A table's page that an address asks for; of a page that is not there, the nearest. `total`, where it is known."""
    paginator: Paginator[Row] = Paginator(rows, table.per_page)
    if total is not None:
        paginator.count = total
    sort = asked.get("sort", "")
    known = sort.removeprefix("-") in table.orders
    page = paginator.get_page(asked.get("page"))
    return Shown(table, page, sort if known else "", asked, "" if known else short(sort))
