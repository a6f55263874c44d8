"""Tables of rows: which columns there are, how one is sorted, which page of it is shown.

In: a Table, its rows and the address asked for. Out: Shown, which templates/reconcile/table.html writes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.core.paginator import Page, Paginator
from django.http import QueryDict
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from reconcile.ledger.filters import short
from reconcile.ledger.queries import Cut, NoPlace, Place, Sorted

from .. import words
from .stacked import style_of

Row = TypeVar("Row")
PER_PAGE = 50
PLACE = ("page", "after", "before")
"""Parameters that say which page."""
PAGING = (*PLACE, "sort")
"""Parameters that say nothing of which rows a filter finds."""
KEY_DIGITS = 18


@dataclass(frozen=True)
class Column(Generic[Row]):
    """`name` stands in addresses; `cell` gives text, or HTML that is safe; `css`: the class of its cells.

    `speaks`: a cell needs no title beside it, where a row is a few lines.
    """

    name: str
    title: str
    cell: Callable[[Row], str]
    css: str = ""
    number: bool = False
    speaks: bool = False

    @property
    def head_css(self) -> str:
        """The class of its head, which stands to the right as its figures do, and is left out with its cells."""
        return "number" if self.number else "wide" if "wide" in self.css.split() else ""

    @cached_property
    def opening(self) -> str:
        """What every cell of the column begins with."""
        css = "number" if self.number else self.css
        return f'<td class="{css}">' if css else "<td>"

    @cached_property
    def nothing(self) -> SafeString:
        """A cell without a value."""
        return format_html(
            '<td class="{}">{}</td>', f"{'number' if self.number else self.css} none".strip(), words.NONE
        )

    def html(self, row: Row) -> SafeString:
        """The cell of a row, ready: a page has so many of them that a template would take longer than the database."""
        # The cell is escaped; the opening is ours.
        cell = conditional_escape(self.cell(row))
        if cell == words.NONE:
            return self.nothing
        return mark_safe(f"{self.opening}{cell}</td>")  # noqa: S308 # nosec B308, B703


@dataclass(frozen=True)
class Table(Generic[Row]):
    """A table of a kind of row. `orders`: the columns by which the rows can be sorted; `usual`: the one they come in
    where none is asked for. `live`: htmx swaps its rows. `stacked`: on a phone a row is a few lines.
    """

    title: str
    columns: Sequence[Column[Row]]
    orders: frozenset[str] = frozenset()
    usual: str = ""
    per_page: int = PER_PAGE
    live: bool = False
    stacked: bool = True


@dataclass(frozen=True)
class Head:
    """A column's head: `address` sorts by it, and is empty where nothing can; `sorted` is said to those who listen."""

    title: str
    css: str
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
    by_key: "KeyedRows | None" = None

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
            address = self._address(sort=other_way) if name in self.table.orders else ""
            yield Head(column.title, column.head_css, address, marks.get(by, ""))

    @property
    def head_style(self) -> SafeString:
        """The titles of the columns, for where a row is a few lines."""
        return style_of("" if column.speaks else column.title for column in self.table.columns)

    @property
    def body(self) -> Iterator[list[SafeString]]:
        """The cells of each row."""
        return ([column.html(row) for column in self.table.columns] for row in self.page)

    @property
    def numbers(self) -> Iterator[tuple[int | str, str]]:
        """The numbers of the pages and their addresses; a gap has none. Rows that are found by key have no numbers."""
        if self.by_key is None:
            for number in self.page.paginator.get_elided_page_range(self.page.number, on_each_side=3, on_ends=1):
                yield number, self._address(page=number) if isinstance(number, int) else ""

    @property
    def first(self) -> str:
        """The address of the first page, if this is another and has no numbers."""
        return self._address() if self.by_key and self.by_key.cut.earlier else ""

    @property
    def previous(self) -> str:
        """The address of the page before, if there is one."""
        number = max(self.page.number - 1, 1)
        if self.by_key is None:
            return self._address(page=number) if self.page.has_previous() else ""
        # The first has no place: it begins with whatever is first now.
        place = {"before": self.by_key[0].pk} if number > 1 and self.by_key else {}
        return self._address(page=number, **place) if self.by_key.cut.earlier else ""

    @property
    def next(self) -> str:
        """The address of the page after, if there is one."""
        number = self.page.number + 1
        if self.by_key is None:
            return self._address(page=number) if self.page.has_next() else ""
        return self._address(page=number, after=self.by_key[-1].pk) if self.by_key.cut.later else ""

    @property
    def last(self) -> str:
        """The address of the last page, if this is another and has no numbers."""
        number = self.page.paginator.num_pages
        return self._address(page=number) if self.by_key and self.by_key.cut.later else ""

    def _address(self, **changes: int | str | None) -> str:
        return changed(self.asked, {**dict.fromkeys(PLACE), **changes})


def changed(asked: QueryDict, changes: Mapping[str, int | str | None]) -> str:
    """The query string with some parameters changed, or left out (None); what was given empty is not in it."""
    query = QueryDict(mutable=True)
    for name, values in asked.lists():
        if name not in changes:
            query.setlist(name, [value for value in values if value])
    query.update({name: str(value) for name, value in changes.items() if value is not None})
    return f"?{query.urlencode()}"


@dataclass(frozen=True)
class KeyedRows(Sequence[Any]):
    """The rows of a page, found by key when they are asked for: a kept page is shown without them."""

    rows: Sorted[Any]
    place: Place
    size: int
    total: int

    @cached_property
    def cut(self) -> Cut[Any]:
        """The rows, and what is beside them; where its row is not there, of the page of that number."""
        try:
            return self.rows.page(self.place, self.size, self.total)
        except NoPlace:
            return self.rows.page(Place(self.place.number), self.size, self.total)

    def __len__(self) -> int:
        return len(self.cut.rows)

    def __getitem__(self, wanted: Any) -> Any:
        return self.cut.rows[wanted]


def shown(table: Table[Row], rows: Any, asked: QueryDict, total: int | None = None) -> Shown[Row]:
    """A table's page that an address asks for; of a page that is not there, the nearest. `total`, where it is known."""
    sort = asked.get("sort", "")
    known = sort.removeprefix("-") in table.orders
    named = (sort, "") if known else ("", short(sort))
    if isinstance(rows, Sorted):
        page, by_key = _page_by_key(rows, table.per_page, asked, total or 0)
        return Shown(table, page, named[0], asked, named[1], by_key)
    return Shown(table, Paginator(rows, table.per_page).get_page(asked.get("page")), named[0], asked, named[1])


def _page_by_key(rows: Sorted[Any], size: int, asked: QueryDict, total: int) -> tuple[Page[Any], KeyedRows]:
    """Behind the row `after` or before the row `before`, else by number, which is that of the way that led there."""
    paginator: Paginator[Any] = Paginator(range(total), size)
    number = paginator.get_page(asked.get("page")).number
    after, before = _key(asked, "after"), _key(asked, "before")
    found = KeyedRows(rows, Place(number, after, None if after else before), size, total)
    return Page(found, number, paginator), found


def _key(asked: QueryDict, name: str) -> int | None:
    text = asked.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= KEY_DIGITS else None
