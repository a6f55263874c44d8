"""The days and the parties of a replay, as a line and as tables.

In: what queries.replayed found. Out: rows and pictures. Called by the view of a replay.
"""

from datetime import date

from django.utils.html import format_html

from reconcile.ledger.queries import Late, ReplayAsked, Replayed, ReplayedTally

from . import words
from .pictures.still import Line, Mark, drawn_line
from .tables.columns import STEADY
from .tables.table import Column, Table

MOST_MARKS = 120
"""So many days can be told apart on the line; of more, every second, third and so on is marked."""
Day = tuple[str, ReplayedTally]
"""The day as ISO text, and its figures."""


def wrong_line(found: Replayed) -> Line | None:
    """Wrong flags per thousand Meter Points by day; the newest is always marked. Each leads to its row of the table."""
    days = list(found.days.items())
    every = -(-len(days) // MOST_MARKS)
    return drawn_line([_mark(*one) for one in days[:: -every or -1][::-1]])


def _mark(day: str, tally: ReplayedTally) -> Mark:
    told = f"{words.day(day)}: {tally.rate:.2f} per 1,000, {tally.wrong:,} wrong"
    return Mark(date.fromisoformat(day), tally.rate, f"#day-{day}", told, "")


def days_table(found: Replayed) -> Table[Day]:
    """A row a day. What changed on a day after one that was not judged is not known."""
    alone = set(found.alone)

    def known(row: Day, count: int) -> str:
        return words.NONE if row[0] in alone else words.amount(count)

    columns = (
        Column[Day]("as_of", "Day", _day, STEADY),
        Column[Day]("right", "Right", lambda row: words.amount(row[1].right), number=True),
        Column[Day]("wrong", "Wrong", lambda row: words.amount(row[1].wrong), number=True),
        Column[Day]("rate", "Per 1,000", lambda row: words.per_1000(row[1].rate), number=True),
        Column[Day]("open", "Left open", lambda row: words.amount(row[1].open), number=True),
        Column[Day]("unread", "Not read", lambda row: words.amount(row[1].unread), number=True),
        Column[Day]("changes", "Flags changed", lambda row: known(row, row[1].flag_changes), number=True),
        Column[Day]("asked", "Updates due", lambda row: known(row, row[1].updates_asked), number=True),
        Column[Day]("in_time", f"Within {Late.within} days, %", lambda row: in_time(row[1].late), number=True),
        Column[Day]("waiting", "Wait still", lambda row: words.amount(row[1].late.waits), number=True),
    )
    return Table("Every day", columns, per_page=MOST_MARKS)


def _day(row: Day) -> str:
    return format_html('<span id="day-{}">{}</span>', row[0], words.day(row[0]))


def in_time(late: Late) -> str:
    """Per cent of the flags that were due which followed in time; a dash where none was."""
    return words.NONE if late.in_time is None else words.per_1000(late.in_time)


def by_party(found: Replayed, asked: ReplayAsked, kind: str) -> list[tuple[str, ReplayedTally, str]]:
    """The parties of a kind by name with their figures and the share in time, the most wrong-days first."""
    rows = found.networks if kind == "network" else found.suppliers
    ranked = sorted(rows.items(), key=lambda row: (-row[1].wrong, row[0]))
    return [(asked.names.get((kind, code), code), tally, in_time(tally.late)) for code, tally in ranked]
