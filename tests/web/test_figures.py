"""Every figure that leads to rows is the number of those rows, on every page, for each of the cast, and in the CSV."""

import csv
import html
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.http import QueryDict
from django.test import Client

from reconcile.ledger import queries
from reconcile.ledger.access import EVERYTHING, Scope
from reconcile.ledger.actors import actor_for
from reconcile.ledger.export import export
from reconcile.models import Discrepancy, Run

from .addresses import addresses
from .cast import NOW, Cast

WALKED = ("supplier", "rival", "network", "operator")
EXPORTED = 25
"""One filter in so many is exported too: list and export narrow with the same code, and a file takes its time."""
FIGURE = re.compile(r'<a href="(/discrepancies/[^"]*)"[^>]*>\s*(?:<[^>]+>)*[+-]?([\d,]+)(?![\d.])')


def pages(cast: Cast) -> list[str]:
    """Every page that shows figures: those without arguments, each party and each run."""
    plain = [one.filled() for one in addresses() if one.name in {"overview", "networks", "suppliers", "runs", "rules"}]
    parties = [f"/networks/{code}/" for code in ("10", "12", "CADENT")]
    parties += [f"/suppliers/{code}/" for code in ("OURS", "RIVL")]
    return [*plain, *parties, *(f"/runs/{run.pk}/" for run in Run.objects.all())]


def figures(client: Client, cast: Cast) -> dict[str, set[int]]:
    """Query string -> the figures that lead there, on whatever page."""
    found: dict[str, set[int]] = {}
    for address in pages(cast):
        answer = client.get(address)
        if answer.status_code == 200:
            for link, figure in FIGURE.findall(answer.content.decode()):
                query = urlsplit(html.unescape(link)).query
                found.setdefault(query, set()).add(int(figure.replace(",", "")))
    return found


def rows_of_csv(path: Path, query: str, scope: Scope) -> int:
    """How many rows an export of the filter has."""
    export(target=path, query=query, run=None, scope=scope, now=NOW, report=lambda stage, share: None)
    with path.open(newline="") as file:
        return len(list(csv.DictReader(file)))


@pytest.mark.parametrize("part", WALKED)
def test_every_figure_is_the_number_of_its_rows(browse: Callable[[str], Client], cast: Cast, tmp_path: Path, part: str):
    scope = actor_for(getattr(cast, part)).scope

    found = figures(browse(part), cast)

    assert len(found) > 25
    for place, (query, numbers) in enumerate(sorted(found.items())):
        listed = queries.discrepancy_list(scope=scope, filters=_rows_only(query))
        assert not listed.problem, query
        assert numbers == {listed.total} == {listed.rows.count()}, query
        if place % EXPORTED == 0:
            assert numbers == {rows_of_csv(tmp_path / "x.csv", _rows_only(query).urlencode(), scope)}, query


def _rows_only(query: str) -> QueryDict:
    """A query without the order of its rows."""
    asked = QueryDict(query, mutable=True)
    asked.pop("sort", None)
    return asked


@pytest.mark.parametrize("part", WALKED)
def test_the_headline_is_shared_out_in_full(cast: Cast, part: str):
    found = queries.overview(scope=actor_for(getattr(cast, part)).scope)

    assert found.standing is not None
    total = found.totals.mismatches
    assert found.standing.mismatches == total > 0
    assert sum(one.count for one in found.standing.acting) == total
    assert sum(group.count for group in found.standing.groups) == total
    assert sum(count for _, count in found.standing.ages) == total
    assert total + found.totals.in_flight + found.totals.watch + found.totals.absent == found.totals.open
    for _, parties in found.compared:
        assert sum(one.totals.mismatches for one in parties) <= total


def test_mine_comes_first_and_then_what_is_graver(cast: Cast):
    groups = queries.overview(scope=actor_for(cast.supplier).scope).standing.groups

    keys = [
        (group.rule.who_acts != "Supplier", ["high", "medium", "low"].index(group.rule.severity)) for group in groups
    ]
    assert keys == sorted(keys)


def test_the_first_run_has_nothing_new(cast: Cast):
    found = queries.overview(scope=EVERYTHING)

    assert found.trend[0].new is None
    assert all(one.new is not None for one in found.trend[1:])
    assert queries.run(scope=EVERYTHING, run_id=cast.first_run.pk).bridge is None


def test_worst_first_is_the_graver_and_then_the_longer_wrong(cast: Cast):
    rows = queries.discrepancy_list(scope=EVERYTHING, filters={"state": "all"}, sort="severity").rows

    def place(row: Discrepancy) -> tuple:
        severity = ["high", "medium", "low", "watch"].index(row.severity)
        return severity, row.wrong_since_latest is None, row.wrong_since_latest, row.pk

    assert [row.pk for row in rows] == [row.pk for row in sorted(rows, key=place)]
