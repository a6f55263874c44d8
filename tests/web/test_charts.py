"""The figures of charts are what plotly.js knows, and lead where they say."""

import plotly.graph_objects as go

from reconcile.ledger import queries
from reconcile.ledger.access import EVERYTHING
from reconcile.web import charts

from .cast import Cast


def test_plotly_knows_every_word_of_a_figure(cast: Cast):
    found = queries.overview(scope=EVERYTHING)

    figure = charts.trend(found.trend)

    # It refuses a name or a value that plotly.js would pass over.
    assert go.Figure(figure).to_plotly_json()["layout"]["height"]
    assert {address for one in figure["data"] for address in one["customdata"]} == {
        f"/runs/{one.run.pk}/" for one in found.trend
    }
