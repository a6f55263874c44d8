"""What runs made of a cohort, as columns of one height, one above another: mended at the foot, then the rest.

In: CohortFound of ledger.queries. Out: places in pixels, which the template writes as SVG; the rows of its table.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from reconcile.domain.cohorts import FATE_WORDS, Fate
from reconcile.ledger.queries import AtRun, CohortFound

from .. import links, words

ORDER = (Fate.MENDED, Fate.ABSENT, Fate.OPEN, Fate.WORSE)
"""From the foot of a column to its head."""
TONES = {Fate.MENDED: "right", Fate.ABSENT: "faint", Fate.OPEN: "mark", Fate.WORSE: "wrong"}
MOST_RUNS = 24
"""So many columns can be told apart; the table has every run."""
WIDTH, HEIGHT, LEFT, RIGHT, TOP, FOOT = 440, 200, 4, 92, 8, 24
LINE = 16
"""The height of a line of text."""


@dataclass(frozen=True)
class Part:
    """The rows of one fate in a column. `label`, at `label_y`: said beside the last column."""

    title: str
    address: str
    tone: str
    y: str
    height: str
    label: str = ""
    label_y: str = ""


@dataclass(frozen=True)
class Column:
    """One run; `day` is said under the first and the last."""

    x: str
    width: str
    middle: str
    parts: list[Part]
    day: str = ""


@dataclass(frozen=True)
class Picture:
    """Columns from the run that the cohort was frozen at to the newest; of many runs the first and the last."""

    columns: list[Column]
    left_out: int
    width: int = WIDTH
    height: int = HEIGHT
    foot: int = HEIGHT - 6
    labels: int = WIDTH - RIGHT + 8


@dataclass(frozen=True)
class Line:
    """A row of the table behind: the run, and of each fate the count with the address of its rows."""

    run: str
    address: str
    cells: list[tuple[str, str]]


def rows_at(cohort: int, at: AtRun, fate: Fate) -> str:
    """The rows behind a figure; empty where there are none."""
    return links.cohort(cohort, fate=fate, at_run=at.run.pk) if at.counts[fate] else ""


def lines(found: CohortFound) -> list[Line]:
    """Every run, the newest first."""
    return [
        Line(
            words.day(one.run.as_of),
            links.to("run", args=(one.run.pk,)),
            [(words.amount(one.counts[fate]), rows_at(found.row.cohort.pk, one, fate)) for fate in Fate],
        )
        for one in reversed(found.runs)
    ]


def picture(found: CohortFound) -> Picture | None:
    """The columns; none where the party sees no row any more."""
    if not found.row.seen:
        return None
    shown = found.runs if len(found.runs) <= MOST_RUNS else [found.runs[0], *found.runs[1 - MOST_RUNS :]]
    step = (WIDTH - LEFT - RIGHT) / max(len(shown), 4)
    columns = [
        Column(
            f"{LEFT + place * step:.1f}",
            f"{step * 0.8:.1f}",
            f"{LEFT + place * step + step * 0.4:.1f}",
            list(_parts(found, one, last=one is shown[-1])),
            words.day(one.run.as_of) if one in (shown[0], shown[-1]) else "",
        )
        for place, one in enumerate(shown)
    ]
    return Picture(columns, len(found.runs) - len(shown), labels=round(LEFT + len(shown) * step + 4))


def _parts(found: CohortFound, at: AtRun, *, last: bool) -> Iterator[Part]:
    """The parts that are not empty, from the foot up; labels of the last column do not run into each other."""
    room, foot, lowest = HEIGHT - TOP - FOOT, float(HEIGHT - FOOT), float(HEIGHT)
    for fate in ORDER:
        rows = at.counts[fate]
        if not rows:
            continue
        height = room * rows / found.row.seen
        foot -= height
        lowest = min(foot + height / 2 + 4, lowest - LINE)
        said = f"{FATE_WORDS[fate]} {rows:,}"
        yield Part(
            f"{words.day(at.run.as_of)}: {said} of {found.row.seen:,}",
            rows_at(found.row.cohort.pk, at, fate),
            TONES[fate],
            f"{foot:.1f}",
            f"{height:.1f}",
            said if last else "",
            f"{lowest:.1f}",
        )
