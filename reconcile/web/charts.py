"""Charts as plotly.js reads them; a click on a mark goes to the address in its customdata.

In: dataclasses of ledger.queries. Out: plain dicts for json_script, drawn by static/reconcile/charts.js. Plotly's own
classes would check them on every page; a test lets them do so once.
"""

from typing import Any

from reconcile.ledger.queries import PartyTotals, TrendPoint

from . import links

INK, GRID = "#1f2933", "#d9dee4"
RED, BLUE, GREEN = "#a3261d", "#1b4f8a", "#2b6b3f"
MOST_BARS = 25
"""A bar chart with more bars cannot be read; the table below it has every row."""


def _layout(**more: Any) -> dict[str, Any]:
    return {
        "template": None,
        "font": {"family": "system-ui, sans-serif", "size": 13, "color": INK},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 60, "r": 16, "t": 8, "b": 40},
        "separators": ".,",
        **more,
    }


def _counts(shown: list[int]) -> dict[str, Any]:
    """An axis of whole numbers; where they are small, each has its line."""
    step = {"dtick": 1} if max(shown, default=0) < 8 else {}
    return {"tickformat": ",d", "gridcolor": GRID, "rangemode": "tozero", "fixedrange": True, **step}


def mismatches_by_party(parties: list[PartyTotals]) -> dict[str, Any]:
    """Horizontal bars, the worst party on top; each leads to the party's page."""
    broken = [one for one in parties if one.totals.mismatches]
    worst = sorted(broken, key=lambda one: one.totals.mismatches, reverse=True)[:MOST_BARS][::-1]
    bars = {
        "type": "bar",
        "x": [one.totals.mismatches for one in worst],
        "y": [f"{one.party.code} {one.party.mpid} " for one in worst],
        "text": [f"{one.totals.mismatches:,}" for one in worst],
        "textposition": "auto",
        "orientation": "h",
        "customdata": [links.party(one.party.kind, one.party.code) for one in worst],
        "hovertext": [f"{one.party.name}: {one.totals.mismatches:,} of {one.points:,} Meter Points" for one in worst],
        "hoverinfo": "text",
        "marker": {"color": BLUE},
    }
    axes = {
        "xaxis": _counts([one.totals.mismatches for one in worst]),
        "yaxis": {"type": "category", "automargin": True, "fixedrange": True},
    }
    layout = _layout(height=max(160, 26 * len(worst) + 60), **axes)
    return {"data": [bars], "layout": layout}


LINES = (
    ("Mismatches", "mismatches", RED, "solid", "circle"),
    ("New", "new", BLUE, "dash", "triangle-up"),
    ("Resolved", "resolved", GREEN, "dot", "square"),
)
"""Name, field of TrendPoint, colour, dash and marker of each line of a trend."""


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
            "line": {"color": colour, "dash": dash, "width": 2},
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
            "gridcolor": GRID,
            "fixedrange": True,
            "nticks": 6,
            "ticklabelstandoff": 8,
        },
        "yaxis": _counts([one.mismatches + (one.new or 0) + one.resolved for one in runs]),
    }
    legend = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}
    layout = _layout(height=320, legend=legend, **axes)
    return {"data": lines, "layout": layout}
