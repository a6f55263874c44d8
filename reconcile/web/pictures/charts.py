"""Charts as plotly.js reads them; a click on a mark goes to the address in its customdata.

In: dataclasses of ledger.queries. Out: plain dicts for json_script, drawn by static/reconcile/charts.js. Plotly's own
classes would check them on every page; a test lets them do so once.
"""

from typing import Any

from reconcile.ledger.queries import TrendPoint

from .. import links


def _layout(**more: Any) -> dict[str, Any]:
    return {
        "template": None,
        "font": {"family": "system-ui, sans-serif", "size": 13},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 60, "r": 16, "t": 8, "b": 40},
        "separators": ".,",
        **more,
    }


def _counts(shown: list[int]) -> dict[str, Any]:
    """An axis of whole numbers; where they are small, each has its line."""
    step = {"dtick": 1} if max(shown, default=0) < 8 else {}
    return {"tickformat": ",d", "rangemode": "tozero", "fixedrange": True, **step}


LINES = (
    ("Mismatches", "mismatches", "ink", "solid", "circle"),
    ("New", "new", "wrong", "dash", "triangle-up"),
    ("Resolved", "resolved", "right", "dot", "square"),
)
"""Name, field of TrendPoint, colour (of site.css), dash and marker of each line of a trend."""


def trend(runs: list[TrendPoint]) -> dict[str, Any]:
    """Mismatches, new and resolved by run date: three lines told apart by dash and marker as well as by colour."""
    days = [one.run.as_of.isoformat() for one in runs]
    addresses = [links.to("run", args=(one.run.pk,)) for one in runs]
    lines = [
        {
            "type": "scatter",
            "name": name,
            "x": days,
            "y": [getattr(one, field) for one in runs],
            "mode": "lines+markers",
            "meta": colour,
            "line": {"dash": dash, "width": 2},
            "marker": {"symbol": symbol, "size": 8},
            "customdata": addresses,
            "cliponaxis": False,
            "hovertemplate": "%{x|%-d %b %Y}: %{y:,}<extra>" + name + "</extra>",
        }
        for name, field, colour, dash, symbol in LINES
    ]
    axes = {
        "xaxis": {
            "type": "date",
            "tickformat": "%-d %b<br>%Y",
            "tickangle": 0,
            "fixedrange": True,
            "nticks": 6,
            "ticklabelstandoff": 8,
        },
        "yaxis": _counts([one.mismatches + (one.new or 0) + one.resolved for one in runs]),
    }
    legend = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}
    layout = _layout(height=320, legend=legend, **axes)
    return {"data": lines, "layout": layout}
