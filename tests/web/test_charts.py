"""The figures of charts are what plotly.js knows, and lead where they say."""

import plotly.graph_objects as go
import pytest

from reconcile.ledger import queries
from reconcile.ledger.access import EVERYTHING
from reconcile.web import charts

from .cast import Cast


@pytest.mark.parametrize("name", ["networks", "trend"])
def test_plotly_knows_every_word_of_a_figure(cast: Cast, name: str):
    found = queries.overview(scope=EVERYTHING)

    figure = charts.mismatches_by_party(found.networks) if name == "networks" else charts.trend(found.trend)

    # It refuses a name or a value that plotly.js would pass over.
    assert go.Figure(figure).to_plotly_json()["layout"]["height"]
    assert {address for one in figure["data"] for address in one["customdata"]} <= {
        "/networks/10/", "/networks/12/", "/networks/CADENT/", *(f"/runs/{one.run.pk}/" for one in found.trend)
    }  # fmt: skip
