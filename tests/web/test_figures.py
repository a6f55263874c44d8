"""Every figure that leads to rows is the number of those rows, on every page, for each of the cast, and in the CSV."""

import csv
import html
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.http import QueryDict
from django.test import Client

from reconcile.ledger import queries
from reconcile.ledger.access import EVERYTHING, Scope
from reconcile.ledger.actors import actor_for
from reconcile.ledger.cubes import OF_KINDS
from reconcile.ledger.export import export
from reconcile.ledger.filters import DiscrepancyFilter
from reconcile.models import Discrepancy, Run

from .addresses import addresses
from .cast import NOW, Cast

WALKED = ("supplier", "rival", "network", "operator")
ON_ONE = [part if part == "supplier" else pytest.param(part, marks=pytest.mark.one_database) for part in WALKED]
"""One of them asks of PostgreSQL what the others would."""
LISTS = {
    "/discrepancies/": "/api/discrepancies/",
    "/work/": "/api/work/",
    "/policy/what-if/points/": "/api/what-if/points/",
    "/coverage/": "/api/coverage/",
}
"""The pages that list rows, and the address of the API that finds the same rows and counts them."""
FIGURE = re.compile(r'<a\b[^>]*?\bhref="(/[^"]*)"[^>]*>\s*(?:<[^>]+>\s*)*[+\u2212-]?([\d,]+)(?=\s|<)(?!\s+[A-Z])')


def pages(filled: Callable[[str], str]) -> list[str]:
    """Every page, and of parties and runs each one."""
    of_people = [one for one in addresses() if not one.route.startswith("api/") and "csv" not in one.route]
    every = [filled(one.name) if one.arguments else one.filled() for one in of_people]
    parties = [f"/networks/{code}/" for code in ("10", "12", "CADENT")]
    parties += [f"/suppliers/{code}/" for code in ("OURS", "RIVL")]
    return [*every, *parties, *(f"/runs/{run.pk}/" for run in Run.objects.all())]


def figures(client: Client, at: list[str]) -> dict[tuple[str, str], set[int]]:
    """Path and query string -> the figures that lead there, on whatever page."""
    found: dict[tuple[str, str], set[int]] = {}
    for address in at:
        answer = client.get(address)
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            for link, figure in FIGURE.findall(answer.content.decode()):
                to = urlsplit(html.unescape(link))
                if to.path in LISTS:
                    found.setdefault((to.path, to.query), set()).add(int(figure.replace(",", "")))
    return found


def rows_of_csv(path: Path, query: str, scope: Scope) -> int:
    """How many rows an export of the filter has."""
    export(target=path, query=query, run=None, scope=scope, now=NOW, report=lambda stage, share: None)
    with path.open(newline="") as file:
        return len(list(csv.DictReader(file)))


@pytest.mark.parametrize("part", ON_ONE)
def test_every_figure_is_the_number_of_its_rows(
    browse: Callable[[str], Client], cast: Cast, filled: Callable[[str], str], tmp_path: Path, part: str
):
    scope = actor_for(getattr(cast, part)).scope

    client = browse(part)
    found, exported = figures(client, pages(filled)), set()

    assert len(found) > 40
    for (path, query), numbers in sorted(found.items()):
        filters = _rows_only(query)
        if path != "/discrepancies/":
            assert numbers == {by_api(client, filters, LISTS[path])}, (path, query)
            continue
        listed = queries.discrepancy_list(scope=scope, filters=filters)
        assert not listed.problem, query
        assert numbers == {listed.total} == {listed.rows.count()}, query
        # A file and an answer take their time: one of each kind of figure.
        if (kind := frozenset(filters)) not in exported:
            assert numbers == {by_api(client, filters)}, query
            assert numbers == {rows_of_csv(tmp_path / "x.csv", filters.urlencode(), scope)}, query
            exported.add(kind)


def by_api(client: Client, filters: QueryDict, address: str = "/api/discrepancies/") -> int:
    """How many rows the API says that a filter finds."""
    count: int = client.get(f"{address}?{filters.urlencode()}&per_page=1").json()["count"]
    return count


def values() -> Iterator[tuple[str, str]]:
    """Each filter of the list with values; those of the facts of a meter are some row's."""
    for name, field in DiscrepancyFilter({}, scope=EVERYTHING, run=queries.common.latest_run()).fields.items():
        choices = [str(value) for value, _ in getattr(field, "choices", []) if value]
        yield from ((name, value) for value in choices or [known(name)])


NOBODYS = {"commissioned": "2021-01"}
OF_NO_COLUMN = {"mpxn": "1", "new_within": "9"}


def known(name: str) -> str:
    """What some row has of a fact, as its filter takes it."""
    if name in OF_NO_COLUMN:
        return OF_NO_COLUMN[name]
    path = f"kind__{name}" if name in OF_KINDS else name
    value = Discrepancy.objects.exclude(**{f"{path}__isnull": True}).values_list(path, flat=True).order_by("-pk")
    found = next((one for one in value if one), "")
    return f"{found:%Y-%m}" if isinstance(found, date) else found or NOBODYS.get(name, "nothing")


def test_every_filter_finds_the_same_on_the_page_by_the_api_and_in_the_csv(
    browse: Callable[[str], Client], cast: Cast, tmp_path: Path
):
    client, exported = browse("operator"), set()

    for name, value in values():
        asked = QueryDict(mutable=True)
        asked.update({name: value, "state": value if name == "state" else "all"})
        listed = queries.discrepancy_list(scope=EVERYTHING, filters=asked)
        assert listed.total == listed.rows.count() == by_api(client, asked), asked
        # One value of each filter, that finds something, in a file.
        if listed.total and name not in exported:
            assert listed.total == rows_of_csv(tmp_path / "x.csv", asked.urlencode(), EVERYTHING), asked
            exported.add(name)
    assert len(exported) > 15


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
