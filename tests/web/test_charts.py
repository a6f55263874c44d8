"""The figures of charts are what plotly.js knows, and lead where they say."""

from datetime import date

import plotly.graph_objects as go
import pytest

from reconcile.ledger import queries
from reconcile.ledger.access import EVERYTHING
from reconcile.web.pictures import charts, still

from .cast import Cast


def test_plotly_knows_every_word_of_a_figure(cast: Cast):
    found = queries.overview(scope=EVERYTHING)

    figure = charts.trend(found.trend)

    # It refuses a name or a value that plotly.js would pass over.
    assert go.Figure(figure).to_plotly_json()["layout"]["height"]
    assert {address for one in figure["data"] for address in one["customdata"]} == {
        f"/runs/{one.run.pk}/" for one in found.trend
    }


def marks(days: list[int], events: dict[int, str] | None = None) -> list[still.Mark]:
    """A mark on each of these days of November."""
    return [still.Mark(date(2026, 11, day), float(day), "", "", (events or {}).get(day, "")) for day in days]


@pytest.mark.parametrize(
    "days, pieces",
    [([1, 8, 15], 1), ([1, 2, 3, 5, 6], 2), ([1, 2, 3, 10, 17], 1), ([1, 8, 15, 29], 2), ([1, 20], 1)],
)
def test_a_line_has_a_gap_where_a_day_is_missing(days: list[int], pieces: int):
    line = still.drawn_line(marks(days))

    assert len(line.paths) == pieces
    assert sum(len(path.split()) for path in line.paths) == len(days)


def test_events_without_room_are_told_by_their_marks_alone():
    said = "file withdrawn"
    line = still.drawn_line(marks([1, 2, 3, 4, 5, 28], {1: said, 2: said, 28: said}))

    assert [mark.label for mark in line.marks] == [said, "", "", "", "", said]
    assert all(0 < float(mark.label_x) < still.WIDTH for mark in line.marks if mark.label)
